/**
 * The one number that Fenzo chooses agents by: 15 % fitness of the resource sets, 50 % mean of the soft constraints, 35 %
 * fitness calculator (AssignableVirtualMachine.tryRequest). For those who move from Fenzo and want its choices; the
 * engine's own order, soft constraints first, then fitness, says more clearly what wins.
 */
import { type FitnessCalculator, requirePlugin, show, StowageError } from '@stowage/core';
import { defaultFitness } from './fenzo-presets.ts';
import { fenzoSetFitness } from './fenzo-set-fitness.ts';
import { fenzoSlots } from './fenzo-slots.ts';
import { weightedSum } from '../combinations/weighted-sum.ts';
import { integerWeights } from '../combinations/weights.ts';

/** @public */
export interface FenzoFitnessOptions {
  /** Must declare a range; Fenzo's 0.0 is its least, 1.0 its greatest. Default: every agent scores 1.0. */
  readonly fitness?: FitnessCalculator;
  /**
   * Mixed in here, so do not give them to the task as well. Any fitness calculator with a range does; soft
   * constraints are such, but round to 2^-20. Default: none, which counts as 1.0.
   */
  readonly softConstraints?: readonly FitnessCalculator[];
  /** Names of the resource sets that count. Default: all. */
  readonly sets?: readonly string[];
  readonly weights?: FenzoWeights;
}

/** Shares of the combined fitness, none negative, at least one above 0; only their ratio matters. @public */
export interface FenzoWeights {
  /** Default 15. */
  readonly sets?: number;
  /** Default 50. */
  readonly softConstraints?: number;
  /** Default 35. */
  readonly fitness?: number;
}

/**
 * (15 · sets + 50 · mean of the soft constraints + 35 · fitness) / 100, as an integer: divided by the greatest of the
 * range that it is bound with, the score is Fenzo's number to within 10^-12 times the number of parts, plus what the parts
 * round themselves. Slots are chosen as the fitness says, else as in `fenzoSlots`. O(parts + slots) per agent.
 *
 * A part of 0 makes no agent infeasible here; in Fenzo a fitness of 0.0 does.
 * @throws StowageError INVALID_PLUGIN
 * @public
 */
export function fenzoFitness(options: FenzoFitnessOptions = {}): FitnessCalculator {
  const { fitness = defaultFitness(), softConstraints = [], sets, weights = {} } = options;
  requirePlugin(fitness, 'fitness calculator');
  const given: unknown = softConstraints;
  if (!Array.isArray(given)) {
    throw new StowageError(
      'INVALID_PLUGIN',
      `fenzoFitness: softConstraints is ${show(given)}; give an array.`,
    );
  }
  for (const soft of softConstraints) requirePlugin(soft, 'soft constraint');
  const shares = integerWeights('fenzoFitness', [
    weights.sets ?? 15,
    weights.softConstraints ?? 50,
    weights.fitness ?? 35,
  ]);
  const softs = softConstraints.length === 0 ? [defaultFitness()] : softConstraints;
  // A mean of n parts has n times smaller weights, so the others get n times greater ones.
  const parts = [
    { fitness, weight: shares[2] * softs.length },
    { fitness: fenzoSetFitness(sets), weight: shares[0] * softs.length },
    ...softs.map((soft) => ({ fitness: soft, weight: shares[1] })),
  ].filter(({ weight }) => weight > 0);
  const integers = integerWeights(
    'fenzoFitness',
    parts.map(({ weight }) => weight),
  );
  const percent = shares.map((share) => (100 * share) / shares.reduce((sum, one) => sum + one, 0));
  const sum = weightedSum(
    `Fenzo fitness (${percent.map((value) => Number(value.toFixed(1))).join(' / ')} of sets / soft constraints / ${fitness.name})`,
    parts.map(({ fitness: part }, i) => ({ fitness: part, weight: integers[i] })),
    'fixed-point',
  );
  return {
    slotFitness: fenzoSlots(),
    ...sum,
    ...(sum.key === undefined ? {} : { key: JSON.stringify(['fenzoFitness', sum.key]) }),
  };
}
