/**
 * The weighted average under Fenzo's name and with Fenzo's demand on the weights (WeightedAverageFitnessCalculator).
 */
import { type FitnessCalculator, StowageError } from '@stowage/core';
import { requireParts, weighted, type WeightedPart } from './weighted.ts';
import { sumToOne } from './weights.ts';

/**
 * As `weighted`, with weights that sum to 1. They are summed as decimals: ten weights of 0.1 are accepted, which
 * Fenzo's sum of doubles refuses. Unlike Fenzo's, a part that scores its least does not make an agent infeasible.
 * @throws StowageError INVALID_PLUGIN as `weighted`, and when the weights do not sum to 1
 * @public
 */
export function weightedAverage(parts: readonly WeightedPart[]): FitnessCalculator {
  const weights = requireParts('weightedAverage', parts).map(({ weight }) => weight);
  if (!sumToOne('weightedAverage', weights)) {
    throw new StowageError(
      'INVALID_PLUGIN',
      `weightedAverage: the weights ${weights.join(', ')} do not sum to 1; make them, or use weighted.`,
    );
  }
  return weighted(parts);
}
