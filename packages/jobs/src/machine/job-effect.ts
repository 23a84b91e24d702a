/**
 * What a step wants done, as data. To be carried out in order: `persist` comes first, so that nothing happens in the
 * world that the store does not know. After a crash in between, `restored` asks for the rest again; therefore every
 * effect must be harmless when it comes twice.
 */
import type { JobRecord } from '../model/job-record.ts';
import type { TaskRecord, TaskRef } from '../model/task-record.ts';

/** @public */
export type JobEffect =
  /** To be written as a whole or not at all. */
  | {
      readonly kind: 'persist';
      readonly jobId: string;
      /** Undefined: as it was. */
      readonly job: JobRecord | undefined;
      /** Active tasks, new or changed; to be stored by id, so that one which has moved here is no longer the other job's. */
      readonly tasks: readonly TaskRecord[];
      /** Finished tasks that leave the active set: replaced, not wanted any more, or with their job. */
      readonly archived: readonly TaskRecord[];
      /** The job has finished and leaves the active set itself. */
      readonly jobArchived: boolean;
    }
  /** Find a place for it; a task that is queued or placed already stays as it is. */
  | { readonly kind: 'enqueue'; readonly task: TaskRecord }
  | { readonly kind: 'launch'; readonly task: TaskRecord }
  /** Stop it on its agent; `attempt` from 1. */
  | { readonly kind: 'kill'; readonly task: TaskRecord; readonly attempt: number }
  /** It has finished: take it out of the queue, or free what it has booked. */
  | { readonly kind: 'release'; readonly taskId: string }
  /** Send the event `wake` at that time, or as soon after it as possible. */
  | { readonly kind: 'wake'; readonly task: TaskRef; readonly atMs: number }
  | { readonly kind: 'notify'; readonly notice: JobNotice };

/** What people should hear of. @public */
export type JobNotice =
  /**
   * A chain is in a loop now; the task has kept running, or ended well. None of them when the chain begins anew because its
   * task was killed, evicted or lost.
   */
  | { readonly kind: 'crash-loop-begun' | 'crash-loop-ended'; readonly jobId: string; readonly task: TaskRef }
  | { readonly kind: 'task-stuck'; readonly jobId: string; readonly task: TaskRef; readonly state: string }
  | { readonly kind: 'job-finished'; readonly jobId: string; readonly reason: string };
