/**
 * Service jobs: `desired` tasks, each replaced whatever it ended of, unless it was taken down for good.
 */
import type { ServiceJobSpec } from '../spec/job-spec.ts';
import type { JobKind } from './job-kind.ts';

export const SERVICE: JobKind<ServiceJobSpec> = {
  wanted: ({ capacity }) => capacity.desired,
  startTimeoutMs: ({ serviceStartTimeoutMs }) => serviceStartTimeoutMs,
  runtimeLimitMs: () => undefined,
  isReplaced: ({ killReason }) => killReason !== 'scaled-down',
  ownFailures: ['failed', 'out-of-memory', 'crashed', 'invalid-request', 'normal'],
  runsToEnd: false,
};
