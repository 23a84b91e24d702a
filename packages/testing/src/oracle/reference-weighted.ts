/**
 * Reference form of the weighted sum, in fractions: the range of every part becomes 0 to 1.
 */
import { addFractions, type Fraction, fraction, toFraction } from './fraction.ts';
import type { ReferenceAgent, ReferenceCluster, ReferenceFitness, ReferenceTask } from './reference-model.ts';

/** One part of a weighted sum. @public */
export interface ReferenceWeightedPart {
  /** Must have a range. */
  readonly fitness: ReferenceFitness;
  /** Above 0, with at most six decimals. */
  readonly weight: number;
}

/**
 * Σ weight · (score − min) / (max − min); a part that can score one value only counts 0. Slots as the first part with an
 * opinion says.
 * @throws RangeError when a part without range is asked
 * @public
 */
export function referenceWeighted(parts: readonly ReferenceWeightedPart[]): ReferenceFitness {
  const score: ReferenceFitness = (task, agent, cluster) =>
    parts
      .map(({ fitness, weight }) => {
        const { numerator, denominator } = shareOf(fitness, task, agent, cluster);
        return fraction(decimal(weight) * numerator, denominator * 1_000_000n);
      })
      .reduce(addFractions, fraction(0));
  const slotFitness = parts.find(({ fitness }) => fitness.slotFitness !== undefined)?.fitness.slotFitness;
  const greatest = fraction(
    parts.reduce((sum, { weight }) => sum + decimal(weight), 0n),
    1_000_000n,
  );
  return Object.assign(score, { range: () => [0n, greatest] as const, ...(slotFitness && { slotFitness }) });
}

/** Where a score lies in the range of its policy, from 0 to 1. @throws RangeError without a range */
export function shareOf(
  fitness: ReferenceFitness,
  task: ReferenceTask,
  agent: ReferenceAgent,
  cluster: ReferenceCluster,
): Fraction {
  if (fitness.range === undefined)
    throw new RangeError('a part of a weighted sum has no range; give it one.');
  const [min, max] = fitness.range(cluster).map(toFraction);
  const span = minus(max, min);
  if (span.numerator === 0n) return fraction(0);
  const above = minus(toFraction(fitness(task, agent, cluster)), min);
  return fraction(above.numerator * span.denominator, above.denominator * span.numerator);
}

function decimal(weight: number): bigint {
  return BigInt(Math.round(weight * 1_000_000));
}

function minus(a: Fraction, b: Fraction): Fraction {
  return addFractions(a, fraction(-b.numerator, b.denominator));
}
