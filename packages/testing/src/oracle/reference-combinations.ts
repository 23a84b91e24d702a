/**
 * Reference form of a hard constraint as a preference.
 */
import type { ReferenceConstraint, ReferenceFitness } from './reference-model.ts';

/** 2^20 where the constraint holds, else 0. It claims no agent. @public */
export function referenceAsSoft(constraint: ReferenceConstraint): ReferenceFitness {
  const score: ReferenceFitness = (task, agent, cluster) =>
    constraint(task, agent, cluster) ? 2n ** 20n : 0n;
  return Object.assign(score, { range: () => [0n, 2n ** 20n] as const });
}
