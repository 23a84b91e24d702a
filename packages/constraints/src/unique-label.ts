/**
 * At most one placed task with a label value in the whole cluster: a static address, a licence, a volume that one task
 * may hold (Titus's IpAllocationConstraint, whose other half, the zone of the address, is `matchesLabel`).
 */
import type { HardConstraint } from '@stowage/core';
import { requireTexts } from './parameters.ts';

/**
 * Refuses every agent while a task with the same value of a label is placed. A task without the label is not
 * constrained. O(1) per agent.
 * @throws StowageError INVALID_PLUGIN
 * @public
 */
export function uniqueLabel(label: string): HardConstraint {
  requireTexts('uniqueLabel', label);
  return {
    name: `unique ${label}`,
    key: JSON.stringify(['uniqueLabel', label]),
    dependsOn: 'group',
    groupedBy: [],
    onlyTightens: true,
    bind(cluster, task) {
      const value = task.label(label);
      if (value === undefined) return { test: () => 0 };
      const holders = cluster.selectedTasks({ matchLabels: { [label]: value } });
      return {
        test: () => (holders.total > 0 ? 1 : 0),
        explain: () => `${label} ${value} is held by a placed task`,
      };
    },
  };
}
