/**
 * How long after its end a task is replaced. Failures of the user's have the delays of the retry policy, others those of
 * the system; both go on along a chain and begin anew after a task that kept running, which is replaced at once. Titus
 * keeps the chain in memory only and ignores `initialDelayMs` of `delayed`; here both are in the record.
 */
import { RETRY_VERDICTS } from '../model/task-reasons.ts';
import type { TaskRecord } from '../model/task-record.ts';
import type { JobSpec, RetryPolicy } from '../spec/job-spec.ts';
import { crashLoopDelayMs, isSteady, quickFailuresAfter } from './crash-loop.ts';
import { endCause } from './end-cause.ts';
import type { JobPolicy } from './job-policy.ts';

export interface RetryDelay {
  readonly delayMs: number;
  /** For the chain's next record. */
  readonly nextDelayMs: number | undefined;
}

/** @param task - finished, to be replaced */
export function retryDelay(task: TaskRecord, spec: JobSpec, policy: JobPolicy): RetryDelay {
  if (isSteady(task, policy)) return { delayMs: 0, nextDelayMs: undefined };
  const cause = endCause(task);
  // It is wanted elsewhere, and nothing has failed.
  if (cause === 'evicted') return { delayMs: 0, nextDelayMs: task.retryDelayMs };
  if (RETRY_VERDICTS[cause] === 'uncounted') {
    const { systemRetryMinMs, systemRetryMaxMs } = policy;
    return slowed(doubling(task.retryDelayMs, systemRetryMinMs, systemRetryMaxMs), task, spec, policy);
  }
  const { delayMs, nextDelayMs } = ofPolicy(task.retryDelayMs, spec.retryPolicy);
  const atLeast = { delayMs: Math.max(delayMs, policy.minRetryDelayMs), nextDelayMs };
  return slowed(atLeast, task, spec, policy);
}

function ofPolicy(carriedMs: number | undefined, retryPolicy: RetryPolicy): RetryDelay {
  switch (retryPolicy.kind) {
    case 'immediate':
      return { delayMs: 0, nextDelayMs: carriedMs };
    case 'delayed':
      return {
        delayMs: carriedMs === undefined ? retryPolicy.initialDelayMs : retryPolicy.delayMs,
        nextDelayMs: retryPolicy.delayMs,
      };
    case 'exponential':
      return doubling(carriedMs, retryPolicy.initialDelayMs, retryPolicy.maxDelayMs);
  }
}

function doubling(carriedMs: number | undefined, minMs: number, maxMs: number): RetryDelay {
  const delayMs = Math.min(Math.max(carriedMs ?? minMs, minMs), maxMs);
  return { delayMs, nextDelayMs: Math.min(2 * delayMs, maxMs) };
}

function slowed(delay: RetryDelay, task: TaskRecord, spec: JobSpec, policy: JobPolicy): RetryDelay {
  const leastMs = crashLoopDelayMs(quickFailuresAfter(task, spec, policy), policy);
  return leastMs <= delay.delayMs ? delay : { ...delay, delayMs: leastMs };
}
