/**
 * Spread of co-tasks over the values of an attribute, as a preference. Fenzo's soft form divides integers where
 * an average was meant; this is the fraction of co-tasks elsewhere.
 */
import { SOFT_SCALE, type SoftConstraint } from '@stowage/core';
import { type BalanceOptions, CoTaskCounts } from './co-task-counts.ts';
import { requireTexts } from './parameters.ts';

/**
 * Scores the share of co-tasks that run on other values of the attribute: SOFT_SCALE where none runs, 0 where all
 * run or the attribute is missing, rounded down between. O(values) per decision, O(1) per agent.
 * @throws StowageError INVALID_PLUGIN
 * @public
 */
export function balancedSoft(
  attribute: string,
  { label = 'job' }: Pick<BalanceOptions, 'label'> = {},
): SoftConstraint {
  requireTexts('balancedSoft', attribute, label);
  return {
    name: `balanced over ${attribute} per ${label} (soft)`,
    key: JSON.stringify(['balancedSoft', attribute, label]),
    dependsOn: 'group',
    groupedBy: [attribute],
    range: [0, SOFT_SCALE],
    bind(cluster, task) {
      const coTasks = new CoTaskCounts(cluster, task, attribute, label);
      const { ids, counts } = coTasks;
      const scoreOf = new Float64Array(counts.length);
      return {
        prepare() {
          coTasks.refresh();
          const { total } = coTasks;
          for (let id = 1; id < counts.length; id++) {
            const count = counts[id];
            scoreOf[id] = count === 0 ? SOFT_SCALE : Math.floor((SOFT_SCALE * (total - count)) / total);
          }
        },
        scoreInto(rows, count, scores) {
          for (let i = 0; i < count; i++) scores[i] = scoreOf[ids[rows[i]]];
        },
      };
    },
  };
}
