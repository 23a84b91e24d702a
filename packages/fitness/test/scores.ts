/**
 * What a policy scores for every feasible agent, read where the engine asks for it.
 */
import type { FitnessCalculator, PlacementEngine, TaskRequirements } from '@stowage/core';

/** Scores by row, undefined for rows that are not feasible, and the range they were bound with. */
export function scoresOf(
  engine: PlacementEngine,
  policy: FitnessCalculator,
  requirements: Omit<TaskRequirements, 'fitness'> = { resources: {} },
): { scores: (number | undefined)[]; greatest: number; note: string | undefined } {
  const scores = Array.from({ length: engine.rowCount }, (): number | undefined => undefined);
  let greatest = NaN;
  let note: string | undefined;
  const spy: FitnessCalculator = {
    name: policy.name,
    bind(cluster, task) {
      const bound = policy.bind(cluster, task);
      greatest = (bound.range ?? policy.range)![1];
      note = bound.note;
      return {
        prepare: () => bound.prepare?.(),
        scoreInto(rows, count, out) {
          bound.scoreInto(rows, count, out);
          for (let i = 0; i < count; i++) scores[rows[i]] = out[i];
        },
      };
    },
  };
  const taskClass = engine.defineClass({ ...requirements, fitness: spy });
  engine.find(taskClass);
  engine.dropClass(taskClass);
  return { scores, greatest, note };
}

/** The same as shares of the greatest score, as Fenzo and Titus write them. */
export function decimalsOf(...given: Parameters<typeof scoresOf>): (number | undefined)[] {
  const { scores, greatest } = scoresOf(...given);
  return scores.map((score) => (score === undefined ? undefined : score / greatest));
}
