/**
 * The agent has one of several values of an attribute.
 */
import { type HardConstraint, StowageError } from '@stowage/core';
import { attributeTest } from './attribute-test.ts';
import { requireTexts } from './parameters.ts';

/**
 * Requires the attribute to have one of the values; agents without it are refused. O(1) per agent.
 * @param values - at least one
 * @throws StowageError INVALID_PLUGIN
 * @public
 */
export function attributeIn(attribute: string, values: readonly string[]): HardConstraint {
  const given: unknown = values;
  if (!Array.isArray(given) || given.length === 0) {
    throw new StowageError(
      'INVALID_PLUGIN',
      'attributeIn: give at least one value; no agent could ever match.',
    );
  }
  requireTexts('attributeIn', attribute);
  for (const value of values) requireTexts('attributeIn', value);
  const sorted = [...new Set(values)].sort();
  const accepted = new Set(sorted);
  const list = sorted.join(' | ');
  return {
    name: `${attribute} in ${list}`,
    key: JSON.stringify(['attributeIn', attribute, ...sorted]),
    dependsOn: 'attributes',
    bind: (cluster) =>
      attributeTest(cluster, attribute, list, (actual) => actual !== undefined && accepted.has(actual)),
  };
}
