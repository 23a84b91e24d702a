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
          if (parts.length > 1 && partScores.length < count) partScores = new Float64Array(scores.length);
          for (let p = 0; p < parts.length; p++) {
            const own = p === 0 ? scores : partScores;
            for (let i = 0; i < count; i++) own[i] = NaN;
            parts[p].scoreInto(rows, count, own);
            for (let i = 0; i < count; i++) {
              const score = own[i];
              if (!(score === Math.floor(score) && score >= 0 && score <= SOFT_SCALE))
                reject(score, softConstraints[p]);
              if (p > 0) scores[i] += score;
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
