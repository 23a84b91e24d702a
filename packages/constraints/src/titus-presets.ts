/**
 * Titus's job constraints under its names, where a plug-in with another name does the work: `activehost`,
 * `availabilityzone`, `machinetype`. `exclusivehost`, `uniquehost` and `zonebalance` are `exclusiveHost`, `uniqueHost` and
 * `zoneBalance`; for `machineid` pin the task (`agent` of the task). As preferences they go through `asSoft`, but for
 * `zoneBalanceSoft`.
 */
import type { HardConstraint } from '@stowage/core';
import { attributeEquals } from './attribute-equals.ts';

/**
 * The agent is in the phase `active`, so neither phased out nor about to go.
 * @param phase - attribute with the phase of the agent, default `phase`
 * @throws StowageError INVALID_PLUGIN
 * @public
 */
export function activeHost(phase = 'phase'): HardConstraint {
  return attributeEquals(phase, 'active');
}

/** @param attribute - default `zone` @throws StowageError INVALID_PLUGIN @public */
export function availabilityZone(zone: string, attribute = 'zone'): HardConstraint {
  return attributeEquals(attribute, zone);
}

/** @param attribute - default `machineType` @throws StowageError INVALID_PLUGIN @public */
export function machineType(type: string, attribute = 'machineType'): HardConstraint {
  return attributeEquals(attribute, type);
}
