/**
 * The task alone on its agent (Fenzo's ExclusiveHostConstraint). The engine enforces it from both sides: the task
 * starts only on an empty agent, and while it runs the agent takes no other.
 */
import type { HardConstraint } from '@stowage/core';

/** Claims the whole agent. O(1) per agent. @public */
export function exclusiveHost(): HardConstraint {
  return {
    name: 'exclusive host',
    key: 'exclusiveHost',
    dependsOn: 'agent',
    onlyTightens: true,
    claimsAgent: true,
    bind({ taskCount }) {
      return {
        test: (row) => (taskCount[row] > 0 ? 1 : 0),
        explain: (row) => `runs ${taskCount[row]} tasks`,
      };
    },
  };
}
