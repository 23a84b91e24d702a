/**
 * No two tasks with the same label value on agents with the same attribute value (Fenzo's
 * UniqueHostAttrConstraint): one task of a job per rack.
 */
import type { HardConstraint } from '@stowage/core';
import { requireTexts } from './parameters.ts';

/**
 * Refuses agents whose attribute value already has a task with the same value of a label, and agents without the
 * attribute. Expected O(1) per agent.
 * @param label - default `job`; a task without it only needs an agent that has the attribute
 * @throws StowageError INVALID_PLUGIN
 * @public
 */
export function uniqueAttribute(attribute: string, label = 'job'): HardConstraint {
  requireTexts('uniqueAttribute', attribute, label);
  return {
    name: `unique ${attribute} per ${label}`,
    key: JSON.stringify(['uniqueAttribute', attribute, label]),
    dependsOn: 'group',
    groupedBy: [attribute],
    onlyTightens: true,
    bind(cluster, task) {
      const column = cluster.attribute(attribute);
      const { ids } = column;
      const labelId = task.labelId(label);
      const coTasks = cluster.tasksByAttribute(label, attribute);
      return {
        test(row) {
          const value = ids[row];
          if (value === 0) return 1;
          return labelId !== 0 && coTasks.get(labelId, value) > 0 ? 2 : 0;
        },
        explain: (row, reason) =>
          reason === 1
            ? `${attribute} is missing`
            : `${attribute} ${column.valueOf(ids[row])} has a task of ${label} ${task.label(label)} already`,
      };
    },
  };
}
