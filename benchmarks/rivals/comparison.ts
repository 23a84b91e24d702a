/**
 * One case at one size: all rivals are started and warmed up, then they take turns, so that noise of the machine
 * hits all of them. Every repetition is checked before it counts.
 */
import type { RivalCase } from './cases.ts';
import type { Contestant } from './contestant.ts';
import { figuresOf, type RivalFigure, type RivalRun } from './figures.ts';
import { HarnessProcess } from './harness-process.ts';
import { mismatches } from './mismatches.ts';

export interface ComparisonPlan {
  readonly rivalCase: RivalCase;
  readonly agents: number;
  readonly repetitions: number;
  readonly onProgress: (text: string) => void;
}

export interface Comparison {
  readonly figures: readonly RivalFigure[];
  /** What is wrong with the decisions, one sentence each. */
  readonly mismatches: readonly string[];
}

/** Shorter calls are repeated until they have taken this long. */
const REPETITION_MS = 250;

/** @throws Error when a rival does not answer */
export async function compare(
  { rivalCase, agents, repetitions, onProgress }: ComparisonPlan,
  contestants: readonly Contestant[],
): Promise<Comparison> {
  const started: HarnessProcess[] = [];
  const runs: RivalRun[] = contestants.map(({ name, rule }) => ({ name, rule, repetitions: [] }));
  try {
    for (const { name, command, warmUpMs } of contestants) {
      onProgress(`${name} warms up`);
      const harness = new HarnessProcess(name, command);
      started.push(harness);
      await harness.run(warmUpMs);
    }
    for (let i = 0; i < repetitions; i++) {
      for (const [c, harness] of started.entries()) {
        onProgress(`repetition ${i + 1} of ${repetitions}, ${contestants[c].name}`);
        runs[c].repetitions.push(await harness.run(REPETITION_MS));
      }
    }
  } finally {
    await Promise.all(started.map((harness) => harness.close()));
  }
  const where = `${rivalCase.name}, ${agents} agents`;
  return {
    figures: figuresOf(rivalCase, agents, runs),
    mismatches: mismatches(runs).map((text) => `${where}: ${text}`),
  };
}
