/**
 * One cell of the suite: a case at a size, by the engine as it is meant to be used and by its plain scan.
 */
import type { ChurnFigure } from '../figures.ts';
import { nativeRatio, TURNS } from '../native.ts';
import { type CaseName, CASES } from '../workloads/cases.ts';
import { Churn, churnStart } from '../workloads/churn.ts';
import { workload as workloadOf } from '../workloads/workload.ts';
import { bytesPerOperation } from './allocation.ts';
import { leastRoundNs, medianBatchNs } from './batch-times.ts';
import { budget as budgetOf } from './budgets.ts';
import { targetOf } from './cells.ts';
import { freshOperations, measurePaired } from './paired-churn.ts';
import { median, percentile, rounded } from './samples.ts';

/**
 * Where every operation asks for a class of its own, a class costs more to define than an operation does to carry out.
 * In full so many that the compiler is done before the clock runs: C is warm after as many operations.
 */
const DISTINCT_OPERATIONS = 250_000;
const QUICK_DISTINCT_OPERATIONS = 100_000;

/** A turn with the program in C. */
const TURN_MS = 40;

export function measureChurn(name: CaseName, agents: number, quick: boolean): ChurnFigure {
  const budget = budgetOf(quick);
  const workload = workloadOf(agents, CASES[name]);
  const start = churnStart(workload);
  const mostDistinct = quick ? QUICK_DISTINCT_OPERATIONS : DISTINCT_OPERATIONS;
  const engine = new Churn(start, 'declared', workload.grain === 'distinct' ? mostDistinct : Infinity);
  const scan = new Churn(start, 'scan', budget.scanOperations);
  const { batchNs, ratioToScan, evaluationsPerOp, comparedOps, hash, sameAssignments } = measurePaired(
    engine,
    scan,
    budget,
  );
  const nsP50 = median(batchNs);
  const bytesPerOp = bytesPerOperation((operations) => void engine.run(operations), {
    nsPerOp: nsP50,
    readingMs: budget.engineRoundMs * 6,
    operations: freshOperations(engine),
  });
  return {
    part: 'churn',
    case: name,
    agents,
    resources: workload.resources,
    shapes: workload.shapes,
    opsPerSecond: rounded(1e9 / nsP50),
    nsP50: rounded(nsP50),
    nsP99: rounded(percentile(batchNs, 0.99)),
    nsP10: rounded(percentile(batchNs, 0.1)),
    bytesPerOp,
    ratioToScan: rounded(ratioToScan, 3),
    ratioToC: nativeRatio({
      start,
      decisionsBy: engine.engine.work.decisionsBy,
      compared: { operations: comparedOps, hash },
      nsPerOp: () =>
        workload.grain === 'distinct'
          ? leastRoundNs(batchNs, TURNS)
          : medianBatchNs(engine, nsP50, TURN_MS, Infinity),
    }),
    target: targetOf(name, agents),
    structure: engine.engine.explainPlan(engine.lastClass).structure,
    evaluationsPerOp: rounded(evaluationsPerOp, 3),
    tasks: engine.tasks,
    missShare: rounded(engine.misses / engine.operations, 2),
    comparedOps,
    hash: (hash >>> 0).toString(16).padStart(8, '0'),
    sameAssignments,
  };
}
