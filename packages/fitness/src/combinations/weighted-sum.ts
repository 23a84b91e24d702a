/**
 * Σ weight · (score − least) / (greatest − least) over several fitness calculators, as one integer.
 *
 * Exact arithmetic brings the ranges of all parts to their least common multiple, so that sums of different parts are
 * compared as fractions are, ties included. Where that multiple leaves 53 bits, and always in fixed-point arithmetic,
 * each quotient is taken as the nearest double and rounded to the nearest multiple of the finest power of two that
 * fits: a difference of 10^-12 of the range of a part is always kept.
 */
import {
  type BoundFitness,
  type ClusterView,
  type Dependency,
  type FitnessCalculator,
  StowageError,
  type TaskClassView,
} from '@stowage/core';

/** One part with a positive integer weight; the weights sum to at most `MAX_WEIGHT_SUM`. */
export interface SumPart {
  readonly fitness: FitnessCalculator;
  readonly weight: number;
}

/** @param arithmetic - see the header */
export function weightedSum(
  name: string,
  parts: readonly SumPart[],
  arithmetic: 'exact' | 'fixed-point',
): FitnessCalculator {
  const keys = parts.map(({ fitness, weight }) => [fitness.key, weight]);
  const slotFitness = parts.find(({ fitness }) => fitness.slotFitness !== undefined)?.fitness.slotFitness;
  return {
    name,
    ...(keys.every(([key]) => key !== undefined)
      ? { key: JSON.stringify(['weighted', arithmetic, ...keys]) }
      : {}),
    ...(slotFitness === undefined ? {} : { slotFitness }),
    dependsOn: weakest(parts.map(({ fitness }) => fitness.dependsOn ?? 'anything')),
    bind: (cluster, task) => bindSum(parts, arithmetic, cluster, task),
  };
}

/** A part bound to a task class. */
interface BoundPart {
  readonly part: BoundFitness;
  readonly name: string;
  readonly weight: number;
  readonly min: number;
  readonly span: number;
}

function bindSum(
  parts: readonly SumPart[],
  arithmetic: 'exact' | 'fixed-point',
  cluster: ClusterView,
  task: TaskClassView,
): BoundFitness {
  const bound = parts.map(({ fitness, weight }): BoundPart => {
    const part = fitness.bind(cluster, task);
    return { part, name: fitness.name, weight, ...rangeOf(part, fitness) };
  });
  const weightSum = bound.reduce((sum, { weight }) => sum + weight, 0);
  const limit = Math.floor(Number.MAX_SAFE_INTEGER / weightSum);
  const multiple = arithmetic === 'exact' ? leastCommonMultiple(bound, limit) : undefined;
  const scale = multiple ?? greatestPowerOfTwo(limit);
  const notes = bound.flatMap(({ part: { note } }) => (note === undefined ? [] : [note]));
  if (multiple === undefined) notes.push(`parts are rounded to 2^-${Math.log2(scale)} of their range`);
  let partScores = new Float64Array(0);
  return {
    range: [0, weightSum * scale],
    ...(notes.length === 0 ? {} : { note: notes.join('; ') }),
    prepare() {
      for (let p = 0; p < bound.length; p++) bound[p].part.prepare?.();
    },
    scoreInto(rows, count, scores) {
      if (partScores.length < count) partScores = new Float64Array(scores.length);
      scores.fill(0, 0, count);
      for (let p = 0; p < bound.length; p++) {
        partScores.fill(NaN, 0, count);
        bound[p].part.scoreInto(rows, count, partScores);
        requireInRange(partScores, count, bound[p]);
        const { weight, min, span } = bound[p];
        if (multiple === undefined) {
          for (let i = 0; i < count; i++)
            scores[i] += weight * Math.round(scale * ((partScores[i] - min) / span));
        } else {
          const factor = weight * (scale / span);
          for (let i = 0; i < count; i++) scores[i] += factor * (partScores[i] - min);
        }
      }
    },
  };
}

/** Not by logarithm, which rounds 2^53 - 1 up. */
function greatestPowerOfTwo(limit: number): number {
  let power = 1;
  while (power * 2 <= limit) power *= 2;
  return power;
}

/** Of all spans; undefined when it exceeds the limit. */
function leastCommonMultiple(parts: readonly BoundPart[], limit: number): number | undefined {
  let multiple = 1;
  for (const { span } of parts) {
    let [a, b] = [multiple, span];
    while (b !== 0) [a, b] = [b, a % b];
    multiple = (multiple / a) * span;
    if (multiple > limit) return undefined;
  }
  return multiple;
}

/** A part that can only score one value has span 1 and counts 0. */
function rangeOf(part: BoundFitness, fitness: FitnessCalculator): { min: number; span: number } {
  const [min, max] = part.range ?? fitness.range ?? [NaN, NaN];
  if (!(Number.isSafeInteger(min) && Number.isSafeInteger(max) && max >= min)) {
    throw new StowageError(
      'INVALID_PLUGIN',
      `weighted: "${fitness.name}" declares no range of safe integers, so it cannot be scaled; declare one.`,
    );
  }
  return { min, span: max > min ? max - min : 1 };
}

function requireInRange(scores: Float64Array, count: number, { min, span, name }: BoundPart): void {
  for (let i = 0; i < count; i++) {
    const score = scores[i];
    if (score === Math.floor(score) && score >= min && score <= min + span) continue;
    throw new StowageError(
      'INVALID_SCORE',
      `"${name}" gave ${score}; return an integer in its range, ${min} to ${min + span}.`,
    );
  }
}

const STRENGTH: readonly Dependency[] = ['attributes', 'agent', 'group', 'anything'];

function weakest(dependencies: readonly Dependency[]): Dependency {
  return STRENGTH[Math.max(...dependencies.map((dependency) => STRENGTH.indexOf(dependency)))];
}
