/**
 * A scheduler after a restart: a fresh process adds its agents, defines its classes, adopts the tasks that run, and is
 * asked to place at once, while nothing is compiled and no index is built. How fast it is in the beginning, and when it
 * is as fast as it gets.
 */
import type { ColdFigure } from '../figures.ts';
import { type CaseName, CASES } from '../workloads/cases.ts';
import { Churn, type ChurnStart, churnStart } from '../workloads/churn.ts';
import { workload } from '../workloads/workload.ts';
import { rounded } from './samples.ts';

const FIRST = 100;
/** Stages that would begin later than this are left out. */
const MAX_MS = 6000;

export function measureColdStart(name: CaseName, agents: number, quick: boolean): ColdFigure {
  const start = churnStart(workload(agents, CASES[name]));
  const beginMs = performance.now();
  const cold = firstOperations(start);
  const stage = (end: number): number | null => {
    const before = performance.now();
    if (before - beginMs > MAX_MS || (quick && end > 10_000)) return null;
    const operations = end - cold.churn.operations;
    cold.churn.run(operations);
    return rounded(((performance.now() - before) * 1e6) / operations);
  };
  return {
    part: 'cold',
    case: name,
    agents,
    tasks: cold.churn.tasks,
    msTakeOver: rounded(cold.msTakeOver),
    msSlowestOp: rounded(cold.msSlowestOp, 3),
    nsOpsTo100: rounded((cold.msTotal * 1e6) / FIRST),
    nsOpsTo1k: stage(1000),
    nsOpsTo10k: stage(10_000),
    nsOpsTo50k: stage(50_000),
    nsOpsTo200k: stage(200_000),
    msSlowestOpWarm: rounded(firstOperations(start).msSlowestOp, 3),
  };
}

function firstOperations(start: ChurnStart) {
  const before = performance.now();
  const churn = new Churn(start, 'declared');
  const msTakeOver = performance.now() - before;
  let msSlowestOp = 0;
  let msTotal = 0;
  for (let i = 0; i < FIRST; i++) {
    const opStart = performance.now();
    churn.run(1);
    const ms = performance.now() - opStart;
    msTotal += ms;
    msSlowestOp = Math.max(msSlowestOp, ms);
  }
  return { churn, msTakeOver, msTotal, msSlowestOp };
}
