/**
 * Calculators that let the search stop early: for callbacks so slow that asking about every agent does not pay.
 * Fenzo's good-enough function sees a mixed score that nobody can name; here the scale is the calculator's own range.
 */
import { type FitnessCalculator, requirePlugin, type SearchLimit, show, StowageError } from '@stowage/core';

/**
 * Stops at the first agents that are good enough and takes the best of those seen.
 * @param part - how far up the calculator's range: 0 = any feasible agent will do, 0.9 = within a tenth of the
 * greatest score there can be, 1 = only the greatest. Heeded in tasks without soft constraints.
 * @throws StowageError INVALID_PLUGIN; for a calculator without range when a task class is first placed
 * @public
 */
export function goodEnough(fitness: FitnessCalculator, part: number): FitnessCalculator {
  requirePlugin(fitness, 'fitness calculator');
  if (!(part >= 0 && part <= 1))
    throw new StowageError(
      'INVALID_PLUGIN',
      `goodEnough: ${show(part)} is no part; give a number from 0 to 1.`,
    );
  return limited(fitness, { goodEnough: part }, `good enough at ${part}`);
}

/**
 * Looks at agents until some number of feasible ones is seen and takes the best of them. Which agents come first
 * changes with every placement.
 * @param feasibleAgents - positive integer
 * @throws StowageError INVALID_PLUGIN
 * @public
 */
export function sampled(fitness: FitnessCalculator, feasibleAgents: number): FitnessCalculator {
  requirePlugin(fitness, 'fitness calculator');
  if (!Number.isInteger(feasibleAgents) || feasibleAgents < 1) {
    throw new StowageError(
      'INVALID_PLUGIN',
      `sampled: ${show(feasibleAgents)} feasible agents; give a positive integer.`,
    );
  }
  return limited(fitness, { feasibleAgents }, `best of ${feasibleAgents}`);
}

function limited(fitness: FitnessCalculator, limit: SearchLimit, remark: string): FitnessCalculator {
  const search = { ...fitness.search, ...limit };
  return {
    ...fitness,
    name: `${fitness.name} (${remark})`,
    ...(fitness.key === undefined ? {} : { key: JSON.stringify([fitness.key, search]) }),
    search,
  };
}
