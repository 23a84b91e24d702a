/**
 * Victims of a scale-down so that agents become empty and can be given back: all of the agent that holds fewest tasks of
 * the job, then of the next. The spread over zones may suffer. Asked for by users of Titus (its change 1256), never
 * merged there.
 */
import type { TaskRecord } from '../model/task-record.ts';
import type { VictimOrder } from './victim-order.ts';
import { byAge, byAgent, progress } from './victim-groups.ts';

/**
 * Tasks without a place first; then agent by agent, the one with fewest tasks of the job first, ties by the oldest task;
 * of one agent those that are not started first, then the oldest. O(n log n).
 * @public
 */
export function packingVictims(): VictimOrder {
  return (live, count) => {
    const groups = byAgent([...live].sort((a, b) => progress(a) - progress(b) || byAge(a, b)));
    groups.sort((a, b) => rank(a) - rank(b) || byAge(a[0], b[0]));
    return groups.flat().slice(0, count);
  };
}

function rank(group: readonly TaskRecord[]): number {
  return progress(group[0]) === 0 ? 0 : group.length;
}
