/**
 * What ids, specs and results cost over row numbers. All interfaces take turns, so that they see the same noise; what
 * one costs over row numbers is the median over the turns.
 */
import type { ObjectFigure } from '../figures.ts';
import { type CaseName, CASES } from '../workloads/cases.ts';
import { churnStart } from '../workloads/churn.ts';
import { workload } from '../workloads/workload.ts';
import { bytesPerOperation } from './allocation.ts';
import { churnInterfaces } from './interfaces.ts';
import type { IdChurn } from './id-tasks.ts';
import { median, rounded } from './samples.ts';

const ROUNDS = 11;
const ROUND_OPERATIONS = 5000;
const WARM_UP_OPERATIONS = 30_000;

export function measureInterfaces(name: CaseName, agents: number, quick: boolean): ObjectFigure[] {
  const churns = Object.entries(churnInterfaces(churnStart(workload(agents, CASES[name]))));
  const part = quick ? 0.1 : 1;
  for (const [, churn] of churns) churn.run(WARM_UP_OPERATIONS * part);
  const rounds = Array.from({ length: ROUNDS }, () =>
    churns.map(([, churn]) => nsPerOp(churn, ROUND_OPERATIONS * part)),
  );
  return churns.map(([by, churn], i): ObjectFigure => {
    const nsP50 = median(rounds.map((ns) => ns[i]));
    return {
      part: 'object',
      case: name,
      agents,
      by,
      opsPerSecond: rounded(1e9 / nsP50),
      nsP50: rounded(nsP50),
      bytesPerOp: bytesPerOperation((operations) => churn.run(operations), {
        nsPerOp: nsP50,
        readingMs: 200,
        operations: Infinity,
      }),
      nsOverRows: rounded(median(rounds.map((ns) => ns[i] - ns[0]))),
      timesRows: rounded(median(rounds.map((ns) => ns[i] / ns[0])), 3),
    };
  });
}

function nsPerOp(churn: IdChurn, operations: number): number {
  const start = performance.now();
  churn.run(operations);
  return ((performance.now() - start) * 1e6) / operations;
}
