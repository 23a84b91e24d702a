/**
 * What the orders of victims have in common: tasks in groups, and the order in which tasks of one group go.
 */
import { grouped } from '../grouped.ts';
import type { TaskRecord } from '../model/task-record.ts';

/** Tasks that have no place yet are one group. */
export function byAgent(tasks: readonly TaskRecord[]): TaskRecord[][] {
  return [...grouped(tasks, ({ placement }) => placement?.agentId).values()];
}

/** Who has least to lose goes first: 0 has no place, 1 is on its way, 2 is started. */
export function progress({ status }: TaskRecord): 0 | 1 | 2 {
  if (status.state === 'accepted') return 0;
  return status.state === 'started' ? 2 : 1;
}

/** Oldest first; a total order of the tasks of one job. */
export function byAge(a: TaskRecord, b: TaskRecord): number {
  return createdAtMs(a) - createdAtMs(b) || a.index - b.index;
}

function createdAtMs({ history, status }: TaskRecord): number {
  return (history[0] ?? status).atMs;
}
