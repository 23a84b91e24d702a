/**
 * Speed counts for nothing where decisions are wrong: all must place as many tasks, always the same way, and those
 * that follow the same rule must place them on the same agents.
 */
import type { RivalRun } from './figures.ts';
import { assignmentHash, placed } from './repetition.ts';

/** One sentence for each thing that is wrong. @param runs - ours first */
export function mismatches(runs: readonly RivalRun[]): string[] {
  const [ours] = runs;
  return runs.flatMap((run) => {
    const { name, rule, repetitions } = run;
    const [first] = repetitions;
    const model = runs.find((other) => other.rule === rule) ?? run;
    const wrong: string[] = [];
    if (repetitions.some((repetition) => assignmentHash(repetition) !== assignmentHash(first)))
      wrong.push(`"${name}" decides differently from one repetition to the next.`);
    if (placed(first) !== placed(ours.repetitions[0]))
      wrong.push(`"${name}" places ${placed(first)} tasks, "${ours.name}" ${placed(ours.repetitions[0])}.`);
    if (assignmentHash(first) !== assignmentHash(model.repetitions[0]))
      wrong.push(`"${name}" does not choose the agents that "${model.name}" chooses.`);
    return wrong;
  });
}
