/**
 * What a preference scores for every feasible agent, in row order, read where the engine asks for it.
 */
import type { FitnessCalculator, PlacementEngine, TaskRequirements } from '@stowage/core';

export function softScores(
  engine: PlacementEngine,
  policy: FitnessCalculator,
  requirements: Omit<TaskRequirements, 'fitness'>,
): number[] {
  const seen = new Map<number, number>();
  const spy: FitnessCalculator = {
    name: policy.name,
    bind(cluster, task) {
      const bound = policy.bind(cluster, task);
      return {
        prepare: () => bound.prepare?.(),
        scoreInto(rows, count, scores) {
          bound.scoreInto(rows, count, scores);
          for (let i = 0; i < count; i++) seen.set(rows[i], scores[i]);
        },
      };
    },
  };
  engine.find(engine.defineClass({ ...requirements, fitness: spy }));
  return [...seen].sort(([a], [b]) => a - b).map(([, score]) => score);
}
