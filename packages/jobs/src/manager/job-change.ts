/**
 * What the change stream tells: full objects, never differences, so a reader that missed how a task came to its state
 * still has the state. After Titus' ObserveJobs; the sequence numbers are ours.
 */
import type { JobRecord } from '../model/job-record.ts';
import type { TaskRecord } from '../model/task-record.ts';

/**
 * `sequence` counts changes from 1, without gaps; what stands in a snapshot has the number of the snapshot's end.
 * @public
 */
export type JobChange =
  /** New or changed; `archived`: it has finished and left the active set, after all of its tasks. */
  | {
      readonly kind: 'job-updated';
      readonly sequence: number;
      readonly job: JobRecord;
      readonly archived: boolean;
    }
  /** New or changed; `archived`: it has left the active set. */
  | {
      readonly kind: 'task-updated';
      readonly sequence: number;
      readonly task: TaskRecord;
      readonly archived: boolean;
      /** Set when this change is a move between jobs: the one that the task has left. */
      readonly movedFromJob: string | undefined;
    }
  /** All that was active at this number has been told; every later change follows. */
  | { readonly kind: 'snapshot-end'; readonly sequence: number }
  /** Changes after the last one read are not held any more: open a cursor without `from`. Nothing follows. */
  | { readonly kind: 'snapshot-required'; readonly sequence: number };

/** A change with the jobs that filters are asked about. */
export interface LoggedChange {
  readonly change: JobChange;
  readonly job: JobRecord;
  /** With a move: the job that the task has left. */
  readonly fromJob: JobRecord | undefined;
}
