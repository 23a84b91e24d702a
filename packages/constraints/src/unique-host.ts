/**
 * No two tasks with the same label value on one agent (Fenzo's UniqueHostAttrConstraint on the host name).
 */
import type { HardConstraint } from '@stowage/core';
import { requireTexts } from './parameters.ts';

/**
 * Refuses agents that run a task with the same value of a label. A task without the label is not constrained.
 * Expected O(1) per agent.
 * @param label - default `job`
 * @throws StowageError INVALID_PLUGIN
 * @public
 */
export function uniqueHost(label = 'job'): HardConstraint {
  requireTexts('uniqueHost', label);
  return {
    name: `unique host per ${label}`,
    key: JSON.stringify(['uniqueHost', label]),
    dependsOn: 'agent',
    excludes: { sameLabel: label },
    onlyTightens: true,
    bind(cluster, task) {
      const labelId = task.labelId(label);
      const coTasks = cluster.tasksByAgent(label);
      return {
        test: (row) => (labelId !== 0 && coTasks.get(labelId, row) > 0 ? 1 : 0),
        explain: () => `runs a task of ${label} ${task.label(label)} already`,
      };
    },
  };
}
