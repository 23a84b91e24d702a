/**
 * What the orders of victims have in common: tasks in groups, and the order in which tasks of one group go.
 */
import type { TaskRecord } from '../model/task-record.ts';

/** Groups in order of their first member, members in the order given. */
export function grouped<T, K>(members: readonly T[], keyOf: (member: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const member of members) {
    const key = keyOf(member);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [member]);
    else group.push(member);
  }
  return groups;
}

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
