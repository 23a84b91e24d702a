/**
 * The agent has one particular value of an attribute (Fenzo's HostAttrValueConstraint).
 */
import type { HardConstraint } from '@stowage/core';
import { attributeTest } from './attribute-test.ts';
import { requireTexts } from './parameters.ts';

/**
 * Requires `attribute = value`; agents without the attribute are refused. O(1) per agent.
 * @throws StowageError INVALID_PLUGIN
 * @public
 */
export function attributeEquals(attribute: string, value: string): HardConstraint {
  requireTexts('attributeEquals', attribute, value);
  return {
    name: `${attribute} = ${value}`,
    key: JSON.stringify(['attributeEquals', attribute, value]),
    dependsOn: 'attributes',
    bind: (cluster) => attributeTest(cluster, attribute, value, (actual) => actual === value),
  };
}
