/**
 * Several fitness calculators in one score. Each is scaled to 0..10^6 over its range and rounded down, so that
 * weights mean the same whatever units the parts count in. Scaling is done in doubles: deterministic, and within one of
 * the exact quotient.
 */
import {
  type BoundFitness,
  type Dependency,
  type FitnessCalculator,
  requirePlugin,
  show,
  StowageError,
} from '@stowage/core';

/** The scaled score of the best possible part: 10^6. @public */
export const WEIGHTED_SCALE = 1_000_000;

/** One part of a weighted combination. @public */
export interface WeightedPart {
  /** Must declare a range. */
  readonly fitness: FitnessCalculator;
  /** Integer from 1 to 1000. */
  readonly weight: number;
}

/**
 * Ranks by Σ weight · scaled score. Slots are chosen as the first part with an opinion on slots says. O(parts) per
 * agent.
 * @param parts - at least one, with ranges
 * @throws StowageError INVALID_PLUGIN; for a part without range when a task class is first placed
 * @public
 */
export function weighted(parts: readonly WeightedPart[]): FitnessCalculator {
  const given: unknown = parts;
  if (!Array.isArray(given) || given.length === 0)
    throw new StowageError('INVALID_PLUGIN', 'weighted: give at least one part.');
  for (const part of parts as readonly (WeightedPart | null | undefined)[]) {
    const { name } = requirePlugin(part?.fitness as FitnessCalculator, 'fitness calculator');
    const weight = part?.weight ?? NaN;
    if (!Number.isInteger(weight) || weight < 1 || weight > 1000) {
      throw new StowageError(
        'INVALID_PLUGIN',
        `weighted: "${name}" has weight ${show(part?.weight)}; give an integer from 1 to 1000.`,
      );
    }
  }
  const keys = parts.map(({ fitness, weight }) => [fitness.key, weight]);
  const slotFitness = parts.find(({ fitness }) => fitness.slotFitness !== undefined)?.fitness.slotFitness;
  return {
    name: parts.map(({ fitness, weight }) => `${weight} x ${fitness.name}`).join(' + '),
    ...(keys.every(([key]) => key !== undefined) ? { key: JSON.stringify(['weighted', ...keys]) } : {}),
    ...(slotFitness === undefined ? {} : { slotFitness }),
    dependsOn: weakest(parts.map(({ fitness }) => fitness.dependsOn ?? 'anything')),
    range: [0, parts.reduce((sum, { weight }) => sum + weight * WEIGHTED_SCALE, 0)],
    bind(cluster, task) {
      const bound = parts.map(({ fitness, weight }) => {
        const part = fitness.bind(cluster, task);
        return { part, name: fitness.name, weight, ...scaleOf(part, fitness) };
      });
      let partScores = new Float64Array(0);
      return {
        prepare() {
          for (let p = 0; p < bound.length; p++) bound[p].part.prepare?.();
        },
        scoreInto(rows, count, scores) {
          if (partScores.length < count) partScores = new Float64Array(scores.length);
          scores.fill(0, 0, count);
          for (let p = 0; p < bound.length; p++) {
            const { part, name, weight, min, span } = bound[p];
            partScores.fill(NaN, 0, count);
            part.scoreInto(rows, count, partScores);
            for (let i = 0; i < count; i++) {
              const score = partScores[i];
              if (!(score === Math.floor(score) && score >= min && score <= min + span))
                reject(score, min, min + span, name);
              scores[i] += weight * Math.floor((WEIGHTED_SCALE * (score - min)) / span);
            }
          }
        },
      };
    },
  };
}

const STRENGTH: readonly Dependency[] = ['attributes', 'agent', 'group', 'anything'];

function weakest(dependencies: readonly Dependency[]): Dependency {
  return STRENGTH[Math.max(...dependencies.map((dependency) => STRENGTH.indexOf(dependency)))];
}

/** A part that can only score one value has span 1 and always scales to 0. */
function scaleOf(part: BoundFitness, fitness: FitnessCalculator): { min: number; span: number } {
  const range = part.range ?? fitness.range;
  if (range === undefined) {
    throw new StowageError(
      'INVALID_PLUGIN',
      `weighted: "${fitness.name}" declares no range, so it cannot be scaled; declare one.`,
    );
  }
  return { min: range[0], span: range[1] > range[0] ? range[1] - range[0] : 1 };
}

function reject(score: number, min: number, max: number, name: string): never {
  throw new StowageError(
    'INVALID_SCORE',
    `"${name}" gave ${score}; return an integer in its range, ${min} to ${max}.`,
  );
}
