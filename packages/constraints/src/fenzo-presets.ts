/**
 * Fenzo's bundled constraints under its names (HostAttrValueConstraint, UniqueHostAttrConstraint,
 * BalancedHostAttrConstraint); `exclusiveHost` and `asSoft` carry theirs already. Fenzo asks a function for the co-tasks of
 * a task; here they are the tasks with the same value of a label. Fenzo's attribute `null` or `HOSTNAME` is the agent
 * itself: for a value of it, pin the task (`agent` of the task), for uniqueness leave the attribute out.
 */
import type { HardConstraint } from '@stowage/core';
import { attributeEquals } from './attribute-equals.ts';
import { balanced } from './balanced.ts';
import { uniqueAttribute } from './unique-attribute.ts';
import { uniqueHost } from './unique-host.ts';

/** `attributeEquals`. @throws StowageError INVALID_PLUGIN @public */
export function hostAttributeValue(attribute: string, value: string): HardConstraint {
  return attributeEquals(attribute, value);
}

/**
 * `uniqueAttribute`, or `uniqueHost` without an attribute.
 * @param label - default `job`
 * @throws StowageError INVALID_PLUGIN
 * @public
 */
export function uniqueHostAttribute(attribute?: string, label?: string): HardConstraint {
  return attribute === undefined ? uniqueHost(label) : uniqueAttribute(attribute, label);
}

/**
 * `balanced` over a number of expected values. Its soft form is `fenzoBalancedSoft`.
 * @param label - default `job`
 * @throws StowageError INVALID_PLUGIN
 * @public
 */
export function balancedHostAttribute(
  attribute: string,
  expectedValues: number,
  label?: string,
): HardConstraint {
  return balanced(attribute, { expectedValues, label });
}
