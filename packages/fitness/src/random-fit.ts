/**
 * A feasible agent at random, the baseline that every other policy has to beat. Nothing is drawn: the score is a
 * hash of the seed, the number of placements made so far and the agent, so that equal histories give equal
 * decisions and asking twice gives the same answer.
 */
import { type FitnessCalculator, StowageError } from '@stowage/core';

/**
 * Every feasible agent is equally likely, and so is every slot that fits. O(1) per agent.
 * @param seed - integer, of which the lowest 32 bits count
 * @throws StowageError INVALID_PLUGIN
 * @public
 */
export function randomFit(seed: number): FitnessCalculator {
  if (!Number.isSafeInteger(seed)) {
    throw new StowageError('INVALID_PLUGIN', `randomFit: the seed is ${seed}; give an integer.`);
  }
  return {
    name: 'random fit',
    key: JSON.stringify(['randomFit', seed]),
    range: [0, 0xffffffff],
    slotFitness: {
      name: 'random slot',
      bind(cluster) {
        return {
          score: (row, set, slot) => mixed(mixed(mixed(mixed(seed, cluster.placements()), row), set), slot),
        };
      },
    },
    bind(cluster) {
      let state = 0;
      return {
        prepare() {
          state = mixed(seed, cluster.placements());
        },
        scoreInto(rows, count, scores) {
          for (let i = 0; i < count; i++) scores[i] = mixed(state, rows[i]);
        },
      };
    },
  };
}

/** One more number in a 32-bit hash; the finaliser is that of MurmurHash3. */
function mixed(state: number, value: number): number {
  let h = Math.imul(state ^ value, 0x9e3779b1) + 0x7f4a7c15;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
