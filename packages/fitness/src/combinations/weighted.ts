/**
 * Several fitness calculators in one score, each over its own range, so that weights mean the same whatever units the
 * parts count in.
 */
import { type FitnessCalculator, requirePlugin, show, StowageError } from '@stowage/core';
import { weightedSum } from './weighted-sum.ts';
import { integerWeights } from './weights.ts';

/** One part of a weighted combination. @public */
export interface WeightedPart {
  /** Must declare a range of integers, itself or when bound. */
  readonly fitness: FitnessCalculator;
  /** Above 0. Counts as the decimal that it prints as; only the ratio of the weights matters. */
  readonly weight: number;
}

/**
 * Ranks by Σ weight · (score − least) / (greatest − least). Slots are chosen as the first part with an opinion on
 * slots says. O(parts) per agent.
 *
 * Sums are compared exactly where the least common multiple of the ranges, times the sum of the reduced weights, fits
 * into 53 bits. Otherwise each part is rounded to the nearest multiple of 2^-k of its range, with the greatest k that
 * fits, at least 40, and `explainPlan` says so. The score is from 0 to the sum that best parts would have.
 * @param parts - at least one. Weights of 0.25 and 0.75 are the same as 1 and 3; reduced to the smallest integers,
 * they may sum to at most 8191
 * @throws StowageError INVALID_PLUGIN; for a part without range when a task class is first placed
 * @public
 */
export function weighted(parts: readonly WeightedPart[]): FitnessCalculator {
  const checked = requireParts('weighted', parts);
  const integers = integerWeights(
    'weighted',
    checked.map(({ weight }) => weight),
  );
  return weightedSum(
    checked.map(({ fitness, weight }) => `${weight} x ${fitness.name}`).join(' + '),
    checked.map(({ fitness }, i) => ({ fitness, weight: integers[i] })),
    'exact',
  );
}

/** The parts, once they are known to be some. @throws StowageError INVALID_PLUGIN */
export function requireParts(factory: string, parts: readonly WeightedPart[]): readonly WeightedPart[] {
  const given: unknown = parts;
  if (!Array.isArray(given) || given.length === 0)
    throw new StowageError('INVALID_PLUGIN', `${factory}: give at least one part.`);
  return (parts as readonly (WeightedPart | null | undefined)[]).map((part) => {
    const fitness = requirePlugin(part?.fitness as FitnessCalculator, 'fitness calculator');
    const weight = part?.weight ?? NaN;
    if (!(weight > 0)) {
      throw new StowageError(
        'INVALID_PLUGIN',
        `${factory}: "${fitness.name}" has weight ${show(part?.weight)}; give a number above 0.`,
      );
    }
    return { fitness, weight };
  });
}
