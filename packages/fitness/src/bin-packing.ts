/**
 * Best fit over any set of scalar resources (Fenzo's CPU, memory and network bin packers in one).
 */
import type { FitnessCalculator } from '@stowage/core';
import { loadFitness } from './load.ts';

/**
 * Prefers the agent with the greatest Σ used/total over the resources, the task included, compared exactly.
 * O(resources) per agent.
 * @param resources - scalar resource names, at least one, each once
 * @throws StowageError INVALID_PLUGIN; UNKNOWN_RESOURCE when a task class is first placed
 * @public
 */
export function binPacking(...resources: string[]): FitnessCalculator {
  return loadFitness('binPacking', 'greater', resources);
}
