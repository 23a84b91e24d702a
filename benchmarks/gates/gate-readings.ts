/**
 * Takes the readings of one case that the gates compare with their limits, in a process of its own.
 */
import type { GateFigure, GateMeasurement } from '../figures.ts';
import { bytesPerOperation } from '../macro/allocation.ts';
import { GATE_BUDGET } from '../macro/budgets.ts';
import { nsPerOperation } from '../macro/batch-times.ts';
import { freshOperations, measurePaired } from '../macro/paired-churn.ts';
import { median, rounded } from '../macro/samples.ts';
import { type CaseName, CASES } from '../workloads/cases.ts';
import { Churn, churnStart } from '../workloads/churn.ts';
import { workload } from '../workloads/workload.ts';

/** The most operations of a churn here: cases of distinct shapes define a class for each. */
const MAX_OPERATIONS = 60_000;
const GROWTH_ROUNDS = 9;
const GROWTH_OPERATIONS = 2000;
const GROWTH_WARM_UP = 15_000;

export function readGate({ case: name, agents, growth }: GateMeasurement): GateFigure {
  const start = churnStart(workload(agents, CASES[name]));
  const engine = new Churn(start, 'declared', MAX_OPERATIONS);
  const scan = new Churn(start, 'scan', GATE_BUDGET.scanOperations);
  const { batchNs, ratioToScan, evaluationsPerOp, sameAssignments } = measurePaired(
    engine,
    scan,
    GATE_BUDGET,
  );
  const bytesPerOp = bytesPerOperation((operations) => void engine.run(operations), {
    nsPerOp: median(batchNs),
    readingMs: 200,
    operations: freshOperations(engine),
  });
  return {
    part: 'gate',
    case: name,
    agents,
    ratioToScan: rounded(ratioToScan, 3),
    bytesPerOp,
    evaluationsPerOp: rounded(evaluationsPerOp, 3),
    growth: growth === undefined ? null : rounded(growthOf(name, growth), 3),
    sameAssignments,
  };
}

/** Both sizes take turns, as engine and scan do. */
function growthOf(name: CaseName, sizes: readonly [from: number, to: number]): number {
  const [small, large] = sizes.map(
    (agents) => new Churn(churnStart(workload(agents, CASES[name])), 'declared', MAX_OPERATIONS),
  );
  for (const churn of [small, large]) churn.run(GROWTH_WARM_UP);
  const ratios = Array.from({ length: GROWTH_ROUNDS }, () => {
    const nsOfSmall = nsPerOperation(small, GROWTH_OPERATIONS);
    return nsPerOperation(large, GROWTH_OPERATIONS) / nsOfSmall;
  });
  return median(ratios);
}
