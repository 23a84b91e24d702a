/**
 * Reference form of the preference for untainted agents.
 */
import { isTolerated } from './reference-feasibility.ts';
import type { ReferenceFitness } from './reference-model.ts';

/** 1 / (1 + n) of 2^20, rounded down, for n `PreferNoSchedule` taints that the task does not tolerate. @public */
export function referencePreferUntainted(): ReferenceFitness {
  const score: ReferenceFitness = (task, { taints }) => {
    const disliked = taints.filter(
      (taint) => taint.effect === 'PreferNoSchedule' && !isTolerated(task, taint),
    );
    return 2n ** 20n / BigInt(1 + disliked.length);
  };
  return Object.assign(score, { range: () => [0n, 2n ** 20n] as const });
}
