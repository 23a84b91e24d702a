/**
 * Batch jobs: each of `size` indexes is run to a normal end, or until the tries that its end deserves are used up.
 */
import { RETRY_VERDICTS } from '../model/task-reasons.ts';
import type { BatchJobSpec } from '../spec/job-spec.ts';
import { endCause } from './end-cause.ts';
import type { JobKind } from './job-kind.ts';

/** A shorter limit would kill what has hardly begun. */
const MIN_RUNTIME_LIMIT_MS = 60_000;

export const BATCH: JobKind<BatchJobSpec> = {
  wanted: ({ size }) => size,
  startTimeoutMs: ({ batchStartTimeoutMs }) => batchStartTimeoutMs,
  runtimeLimitMs: ({ runtimeLimitMs }) => Math.max(MIN_RUNTIME_LIMIT_MS, runtimeLimitMs),
  isReplaced(task, { retryOnRuntimeLimit, retryPolicy }) {
    const cause = endCause(task);
    const verdict =
      cause === 'runtime-limit-exceeded' && retryOnRuntimeLimit ? 'counted' : RETRY_VERDICTS[cause];
    if (verdict !== 'counted') return verdict === 'uncounted';
    const counted = task.resubmits - task.systemResubmits - task.evictionResubmits;
    return counted < retryPolicy.retries;
  },
  ownFailures: ['failed', 'out-of-memory', 'crashed'],
  runsToEnd: true,
};
