/**
 * The soft constraints of a task as one fitness calculator: the sum of their scores.
 */
import { fail } from '../errors.ts';
import type { BoundFitness, FitnessCalculator, SoftConstraint } from './plugin.ts';
import { SOFT_SCALE } from './plugin.ts';

export function softSum(softConstraints: readonly SoftConstraint[]): FitnessCalculator {
  return {
    name: softConstraints.map((soft) => soft.name).join(' + '),
    range: [0, softConstraints.length * SOFT_SCALE],
    bind: (cluster, task) =>
      new BoundSoftSum(
        softConstraints,
        softConstraints.map((soft) => soft.bind(cluster, task)),
      ),
  };
}

class BoundSoftSum implements BoundFitness {
  readonly #softConstraints: readonly SoftConstraint[];
  readonly #parts: readonly BoundFitness[];
  /** Scores of a part that is not the first. */
  #partScores = new Float64Array(0);

  constructor(softConstraints: readonly SoftConstraint[], parts: readonly BoundFitness[]) {
    this.#softConstraints = softConstraints;
    this.#parts = parts;
  }

  prepare(): void {
    for (let p = 0; p < this.#parts.length; p++) this.#parts[p].prepare?.();
  }

  /** @param scores - NaN, so that one that is not written shows */
  scoreInto(rows: Int32Array, count: number, scores: Float64Array): void {
    this.#parts[0].scoreInto(rows, count, scores);
    requireScores(scores, count, this.#softConstraints[0]);
    if (this.#parts.length === 1) return;
    if (this.#partScores.length < count) this.#partScores = new Float64Array(scores.length);
    const own = this.#partScores;
    for (let p = 1; p < this.#parts.length; p++) {
      own.fill(NaN, 0, count);
      this.#parts[p].scoreInto(rows, count, own);
      requireScores(own, count, this.#softConstraints[p]);
      for (let i = 0; i < count; i++) scores[i] += own[i];
    }
  }
}

/** @throws StowageError INVALID_SCORE */
function requireScores(scores: Float64Array, count: number, { name }: SoftConstraint): void {
  for (let i = 0; i < count; i++) {
    const score = scores[i];
    if (score === Math.floor(score) && score >= 0 && score <= SOFT_SCALE) continue;
    fail(
      'INVALID_SCORE',
      `soft constraint "${name}" gave ${score}; return an integer from 0 to ${SOFT_SCALE}.`,
    );
  }
}
