/**
 * In what the kinds of jobs differ: how many tasks there should be, and what becomes of one that has finished. All else
 * is the same for all. A third kind is one more object of this shape and one more entry in `job-kinds.ts`.
 */
import type { TaskRecord } from '../model/task-record.ts';
import type { JobSpec } from '../spec/job-spec.ts';
import type { JobPolicy } from './job-policy.ts';
import type { TaskEndReason } from '../model/task-reasons.ts';

export interface JobKind<S extends JobSpec = JobSpec> {
  /** How many indexes should be occupied. */
  wanted(spec: S): number;
  startTimeoutMs(policy: JobPolicy): number;
  /** How long a task may be started; undefined: without end. */
  runtimeLimitMs(spec: S): number | undefined;
  /** Whether another task takes the place of this finished one, while the job is accepted. */
  isReplaced(task: TaskRecord, spec: S): boolean;
  /** Reasons of ends that are the task's own failures; many of them in a row are a crash loop. */
  readonly ownFailures: readonly TaskEndReason[];
  /** Every index runs to its end: a task that is not replaced keeps it, and when all have ended, the job has. */
  readonly runsToEnd: boolean;
}
