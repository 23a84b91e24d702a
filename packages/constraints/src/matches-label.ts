/**
 * An attribute of the agent says what a label of the task says: tasks of a tier on agents of that tier, a task with a
 * static address in the zone of the address.
 */
import type { HardConstraint } from '@stowage/core';
import { attributeTest } from './attribute-test.ts';
import { requireTexts } from './parameters.ts';

/**
 * Requires the attribute to have the value of the task's label. A task without the label is not constrained. O(1) per
 * agent.
 * @param label - default: the name of the attribute
 * @throws StowageError INVALID_PLUGIN
 * @public
 */
export function matchesLabel(attribute: string, label: string = attribute): HardConstraint {
  requireTexts('matchesLabel', attribute, label);
  return {
    name: `${attribute} of the agent = ${label} of the task`,
    key: JSON.stringify(['matchesLabel', attribute, label]),
    dependsOn: 'attributes',
    bind(cluster, task) {
      const value = task.label(label);
      return attributeTest(
        cluster,
        attribute,
        value ?? 'anything',
        (actual) => value === undefined || actual === value,
      );
    },
  };
}
