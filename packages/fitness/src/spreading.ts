/**
 * Worst fit over any set of scalar resources. Unlike Fenzo's spreaders it can fill an agent completely.
 */
import type { FitnessCalculator } from '@stowage/core';
import { loadFitness } from './load.ts';

/**
 * Prefers the agent with the smallest Σ used/total over the resources, the task included, compared exactly.
 * O(resources) per agent.
 * @param resources - scalar resource names, at least one, each once
 * @throws StowageError INVALID_PLUGIN; UNKNOWN_RESOURCE when a task class is first placed
 * @public
 */
export function spreading(...resources: string[]): FitnessCalculator {
  return loadFitness('spreading', 'smaller', resources);
}
