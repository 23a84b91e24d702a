/**
 * First fit: the feasible agent that was added first. What the engine does without a fitness, as a policy of its own:
 * to take the place of another default, and as the baseline of packing experiments.
 */
import type { FitnessCalculator } from '@stowage/core';

/**
 * Score 0 for every agent, so that the lowest row wins. O(1) per agent.
 * @public
 */
export function firstFit(): FitnessCalculator {
  return {
    name: 'first fit',
    key: JSON.stringify(['firstFit']),
    dependsOn: 'attributes',
    range: [0, 0],
    bind() {
      return {
        scoreInto(_rows, count, scores) {
          scores.fill(0, 0, count);
        },
      };
    },
  };
}
