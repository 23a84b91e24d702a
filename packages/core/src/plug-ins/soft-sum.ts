/**
 * The soft constraints of a task as one fitness calculator: the sum of their scores.
 */
import { fail } from '../errors.ts';
import type { FitnessCalculator, SoftConstraint } from './plugin.ts';
import { SOFT_SCALE } from './plugin.ts';

export function softSum(softConstraints: readonly SoftConstraint[]): FitnessCalculator {
  return {
    name: softConstraints.map((soft) => soft.name).join(' + '),
    range: [0, softConstraints.length * SOFT_SCALE],
    bind(cluster, task) {
      const parts = softConstraints.map((soft) => soft.bind(cluster, task));
      let partScores = new Float64Array(0);
      return {
        prepare() {
          for (let p = 0; p < parts.length; p++) parts[p].prepare?.();
        },
        scoreInto(rows, count, scores) {
          if (partScores.length < count) partScores = new Float64Array(scores.length);
          scores.fill(0, 0, count);
          for (let p = 0; p < parts.length; p++) {
            partScores.fill(NaN, 0, count);
            parts[p].scoreInto(rows, count, partScores);
            for (let i = 0; i < count; i++) {
              const score = partScores[i];
              if (!(score === Math.floor(score) && score >= 0 && score <= SOFT_SCALE))
                reject(score, softConstraints[p]);
              scores[i] += score;
            }
          }
        },
      };
    },
  };
}

function reject(score: number, { name }: SoftConstraint): never {
  return fail(
    'INVALID_SCORE',
    `soft constraint "${name}" gave ${score}; return an integer from 0 to ${SOFT_SCALE}.`,
  );
}
