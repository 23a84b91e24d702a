/**
 * One agent per failed task in every pool that the task may grow: Fenzo's NaiveShortfallEvaluator. Needs to know nothing
 * about agents and asks for too many; `PoolRule.adjustShortfall` can correct it, and scaling down repairs the rest.
 */
import { mayGrow } from './failed-task.ts';
import type { ShortfallEvaluator } from './shortfall.ts';

/** O(tasks · pools). @public */
export function naiveShortfall(): ShortfallEvaluator {
  return {
    name: 'naive',
    shortfall: (tasks, pools) =>
      pools
        .map(({ pool }) => {
          const own = tasks.filter((failed) => mayGrow(failed, pool)).map(({ task }) => task.id);
          return { pool, agents: own.length, tasks: own };
        })
        .filter(({ agents }) => agents > 0),
  };
}
