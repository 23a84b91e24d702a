/**
 * A job with its tasks: what a step takes and gives. The record and the tasks are the truth and what is stored; the
 * counts follow from them.
 */
import type { JobRecord } from './job-record.ts';
import type { TaskCounts } from './task-counts.ts';
import type { TaskSlots } from './task-slots.ts';

/** @public */
export interface JobState {
  readonly job: JobRecord;
  /** Tasks by index. */
  readonly slots: TaskSlots;
  readonly counts: TaskCounts;
}
