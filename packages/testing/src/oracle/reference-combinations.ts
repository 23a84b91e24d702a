/**
 * Reference forms of policies made of other policies.
 */
import { addFractions, type Fraction, floorOfQuotient, fraction, toFraction } from './fraction.ts';
import type { ReferenceConstraint, ReferenceFitness } from './reference-model.ts';

/** 2^20 where the constraint holds, else 0. It claims no agent. @public */
export function referenceAsSoft(constraint: ReferenceConstraint): ReferenceFitness {
  const score: ReferenceFitness = (task, agent, cluster) =>
    constraint(task, agent, cluster) ? 2n ** 20n : 0n;
  return Object.assign(score, { range: () => [0n, 2n ** 20n] as const });
}

/** One part of a weighted sum. @public */
export interface ReferenceWeightedPart {
  /** Must have a range. */
  readonly fitness: ReferenceFitness;
  /** A positive integer. */
  readonly weight: number;
}

/**
 * Σ weight · ⌊10^6 · (score − min) / (max − min)⌋; a part that can score one value only counts 0. Slots as the first
 * part with an opinion says.
 * @throws RangeError when a part without range is asked
 * @public
 */
export function referenceWeighted(parts: readonly ReferenceWeightedPart[]): ReferenceFitness {
  const score: ReferenceFitness = (task, agent, cluster) => {
    let sum = 0n;
    for (const { fitness, weight } of parts) {
      if (fitness.range === undefined)
        throw new RangeError('a part of a weighted sum has no range; give it one.');
      const [min, max] = fitness.range(cluster).map(toFraction);
      const span = minus(max, min);
      if (span.numerator === 0n) continue;
      const above = minus(toFraction(fitness(task, agent, cluster)), min);
      const scaled = floorOfQuotient({ ...above, numerator: 10n ** 6n * above.numerator }, span);
      sum += BigInt(weight) * scaled;
    }
    return sum;
  };
  const slotFitness = parts.find(({ fitness }) => fitness.slotFitness !== undefined)?.fitness.slotFitness;
  const greatest = parts.reduce((sum, { weight }) => sum + BigInt(weight) * 10n ** 6n, 0n);
  return Object.assign(score, { range: () => [0n, greatest] as const, ...(slotFitness && { slotFitness }) });
}

function minus(a: Fraction, b: Fraction): Fraction {
  return addFractions(a, fraction(-b.numerator, b.denominator));
}
