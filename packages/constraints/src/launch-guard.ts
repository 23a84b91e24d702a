/**
 * Not too many tasks starting on one agent at a time (Titus's AgentLaunchGuardConstraint): pulling images and setting
 * up containers is what loads an agent most. It also spreads a burst of tasks over agents. Through `asSoft` it is a
 * preference.
 */
import { type HardConstraint, show, StowageError } from '@stowage/core';

/**
 * Refuses agents with `maxStarting` or more tasks that were placed and are not known to run yet. The refusal passes by
 * itself, so it is no reason to add agents. O(1) per agent.
 * @param maxStarting - integer of at least 1, default 1
 * @throws StowageError INVALID_PLUGIN
 * @public
 */
export function launchGuard(maxStarting = 1): HardConstraint {
  if (!Number.isInteger(maxStarting) || maxStarting < 1) {
    throw new StowageError(
      'INVALID_PLUGIN',
      `launchGuard: maxStarting is ${show(maxStarting)}; give an integer of at least 1.`,
    );
  }
  return {
    name: `at most ${maxStarting} starting`,
    key: JSON.stringify(['launchGuard', maxStarting]),
    dependsOn: 'agent',
    onlyTightens: true,
    bind({ startingCount }) {
      return {
        test: (row) => (startingCount[row] >= maxStarting ? 1 : 0),
        explain: (row) => `has ${startingCount[row]} tasks starting`,
      };
    },
  };
}
