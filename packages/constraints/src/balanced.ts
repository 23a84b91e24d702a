/**
 * Spread of co-tasks over the values of an attribute, as a demand (Fenzo's BalancedHostAttrConstraint, with its
 * rule unchanged).
 */
import type { HardConstraint } from '@stowage/core';
import { type BalanceOptions, CoTaskCounts } from './co-task-counts.ts';
import { requireCount, requireTexts } from './parameters.ts';

/**
 * Accepts an agent when its attribute value has no co-tasks, or fewer than the fullest value, or when all values
 * are equally full. Agents without the attribute are refused. O(values) per decision, O(1) per agent.
 * @throws StowageError INVALID_PLUGIN
 * @public
 */
export function balanced(
  attribute: string,
  { label = 'job', expectedValues = 0 }: BalanceOptions = {},
): HardConstraint {
  requireTexts('balanced', attribute, label);
  requireCount('balanced', 'expectedValues', expectedValues);
  return {
    name: `balanced over ${attribute} per ${label}`,
    key: JSON.stringify(['balanced', attribute, label, expectedValues]),
    dependsOn: 'group',
    groupedBy: [attribute],
    bind(cluster, task) {
      const coTasks = new CoTaskCounts(cluster, task, attribute, label);
      const { ids, counts } = coTasks;
      return {
        prepare: () => coTasks.refresh(),
        test(row) {
          const value = ids[row];
          if (value === 0) return 1;
          const least = expectedValues > coTasks.seen ? 0 : coTasks.least;
          return counts[value] === 0 || counts[value] < coTasks.most || least === coTasks.most ? 0 : 2;
        },
        explain: (row, reason) =>
          reason === 1
            ? `${attribute} is missing`
            : `would further imbalance ${attribute} (${counts[ids[row]]} of ${coTasks.total} co-tasks there)`,
      };
    },
  };
}
