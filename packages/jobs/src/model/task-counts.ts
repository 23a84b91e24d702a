/**
 * How many tasks of a job are in which state: kept with every change of a slot, so that no step looks at all tasks.
 */
import type { TaskState } from '@stowage/protocol';
import type { TaskRecord } from './task-record.ts';

/** By state; `finished` are those that still have their slot. @public */
export interface TaskCounts extends Readonly<Record<TaskState, number>> {
  /** Of the finished ones, those that wait for their replacement. */
  readonly waiting: number;
  /** Of those being killed, the ones that are not wanted any more. */
  readonly leaving: number;
}

export type MutableTaskCounts = { -readonly [Name in keyof TaskCounts]: TaskCounts[Name] };

export const NO_TASKS: TaskCounts = {
  accepted: 0,
  launched: 0,
  'start-initiated': 0,
  started: 0,
  'kill-initiated': 0,
  finished: 0,
  waiting: 0,
  leaving: 0,
};

/** Counts a task in (`by` = 1) or out (−1). */
export function countTask(counts: MutableTaskCounts, task: TaskRecord | undefined, by: 1 | -1): void {
  if (task === undefined) return;
  counts[task.status.state] += by;
  if (task.replaceAtMs !== undefined) counts.waiting += by;
  if (isLeaving(task)) counts.leaving += by;
}

/** Being killed for good: nobody takes its place. */
export function isLeaving(task: TaskRecord): boolean {
  return task.killReason === 'scaled-down' && task.status.state === 'kill-initiated';
}

/** Tasks that are not finished. */
export function liveCount(counts: TaskCounts): number {
  return notStartedCount(counts) + counts.started;
}

/** Tasks on their way to be started, or being killed. */
export function notStartedCount(counts: TaskCounts): number {
  return counts.accepted + counts.launched + counts['start-initiated'] + counts['kill-initiated'];
}

/** Indexes that have what they should: a task that stays, or one whose replacement will come. */
export function occupiedCount(counts: TaskCounts): number {
  return liveCount(counts) + counts.finished - counts.leaving;
}
