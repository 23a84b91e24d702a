/**
 * The soft form of Fenzo's BalancedHostAttrConstraint with its published formula, for those who compare with recorded
 * runs. It was evidently meant to use the average per value and divides integers instead, so values are rated by their
 * share of all co-tasks; `balancedSoft` says the same without the special case.
 */
import {
  type ClusterView,
  type FitnessCalculator,
  SOFT_SCALE,
  type SoftConstraint,
  type TaskClassView,
} from '@stowage/core';
import { type BalanceOptions, CoTaskCounts } from './co-task-counts.ts';
import { requireCount, requireTexts } from './parameters.ts';

/** As a part of a sum it need not be as coarse as a soft constraint. */
const FINE_SCALE = 2 ** 44;

/**
 * 1.0 where no co-task has the value, 0 where the attribute is missing, else (total − count) / total, where total is the
 * number of co-tasks, plus one when all have one value and at most one is expected. From 0 to `SOFT_SCALE`, rounded
 * down. O(values) per decision, O(1) per agent.
 * @throws StowageError INVALID_PLUGIN
 * @public
 */
export function fenzoBalancedSoft(attribute: string, options: BalanceOptions = {}): SoftConstraint {
  return { ...fenzoBalance('fenzoBalancedSoft', attribute, options, SOFT_SCALE), range: [0, SOFT_SCALE] };
}

/**
 * The same from 0 to 2^44: for `fenzoFitness` and `weighted`, where 2^-20 would decide wrongly between values that
 * differ by less.
 * @throws StowageError INVALID_PLUGIN
 * @public
 */
export function fenzoBalancedFitness(attribute: string, options: BalanceOptions = {}): FitnessCalculator {
  return { ...fenzoBalance('fenzoBalancedFitness', attribute, options, FINE_SCALE), range: [0, FINE_SCALE] };
}

function fenzoBalance(
  factory: string,
  attribute: string,
  { label = 'job', expectedValues = 0 }: BalanceOptions,
  scale: number,
): FitnessCalculator {
  requireTexts(factory, attribute, label);
  requireCount(factory, 'expectedValues', expectedValues);
  return {
    name: `Fenzo's balance over ${attribute} per ${label} (soft)`,
    key: JSON.stringify([factory, attribute, label, expectedValues]),
    dependsOn: 'group',
    groupedBy: [attribute],
    bind(cluster: ClusterView, task: TaskClassView) {
      const coTasks = new CoTaskCounts(cluster, task, attribute, label);
      const { ids, counts } = coTasks;
      const scoreOf = new Float64Array(counts.length);
      return {
        prepare() {
          coTasks.refresh();
          const total = coTasks.total + (Math.max(expectedValues, coTasks.seen) === 1 ? 1 : 0);
          for (let id = 1; id < counts.length; id++) {
            const count = counts[id];
            scoreOf[id] = count === 0 ? scale : Math.floor((scale * (total - count)) / total);
          }
        },
        scoreInto(rows, count, scores) {
          for (let i = 0; i < count; i++) scores[i] = scoreOf[ids[rows[i]]];
        },
      };
    },
  };
}
