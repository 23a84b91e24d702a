/**
 * The engine and its own plain scan on the same churn, in turns: both see the same noise, so their ratio holds on a
 * machine that is busy. The scan does fewer operations; those that it does, the engine did as well, and the hashes of
 * their assignments must be equal.
 */
import type { Churn } from '../workloads/churn.ts';
import { BATCH_NS, MOST_PER_BATCH, nsPerOperation } from './batch-times.ts';
import type { Budget } from './budgets.ts';
import { median } from './samples.ts';

export interface PairedFigures {
  /** Time per operation of the engine, per batch. */
  readonly batchNs: Float64Array;
  /** Time of the scan divided by that of the engine, median over rounds. */
  readonly ratioToScan: number;
  readonly evaluationsPerOp: number;
  readonly comparedOps: number;
  readonly hash: number;
  readonly sameAssignments: boolean;
}

/** Of the classes that an operation has not asked for: how many warming up and timing may use. */
const WARM_UP_CLASSES = 0.3;
const TIMED_CLASSES = 0.6;

export function measurePaired(engine: Churn, scan: Churn, budget: Budget): PairedFigures {
  const { rounds } = budget;
  const nsOfScan = warmUp(scan, budget.scanWarmUpMs, budget.scanOperations / 2);
  const scanBatch = clamp((budget.scanRoundMs * 1e6) / nsOfScan, 1, budget.scanOperations / (2 * rounds));
  const comparedOps = scan.operations + rounds * scanBatch;
  const hash = engine.run(comparedOps);
  const nsOfEngine = warmUp(engine, budget.engineWarmUpMs, freshOperations(engine) * WARM_UP_CLASSES);

  const roundOperations = Math.min(
    (budget.engineRoundMs * 1e6) / nsOfEngine,
    (freshOperations(engine) * TIMED_CLASSES) / rounds,
  );
  const batch = clamp(BATCH_NS / nsOfEngine, 1, MOST_PER_BATCH);
  const batches = clamp(roundOperations / batch, 1, 1e5);
  const batchNs = new Float64Array(rounds * batches);
  const ratios: number[] = [];
  const before = engine.engine.work.evaluations;
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    for (let i = 0; i < batches; i++) batchNs[round * batches + i] = nsPerOperation(engine, batch);
    const engineNs = ((performance.now() - start) * 1e6) / (batches * batch);
    ratios.push(nsPerOperation(scan, scanBatch) / engineNs);
  }
  return {
    batchNs,
    ratioToScan: median(ratios),
    evaluationsPerOp: (engine.engine.work.evaluations - before) / (rounds * batches * batch),
    comparedOps,
    hash,
    sameAssignments: scan.hash === hash,
  };
}

/**
 * Operations left that ask for a class for the first time, where every operation is to do so; else any number.
 */
export function freshOperations({ workload, unseenClasses }: Churn): number {
  return workload.grain === 'distinct' ? unseenClasses : Infinity;
}

/** Doubles the operations until the time is up. @returns the time per operation of the last ones */
function warmUp(churn: Churn, ms: number, maxOperations: number): number {
  const start = performance.now();
  const most = churn.operations + Math.max(1, Math.floor(maxOperations));
  let operations = 1;
  let ns = nsPerOperation(churn, operations);
  while (performance.now() - start < ms && churn.operations + operations * 2 <= most) {
    operations *= 2;
    ns = nsPerOperation(churn, operations);
  }
  return ns;
}

function clamp(value: number, least: number, most: number): number {
  return Math.floor(Math.max(least, Math.min(value, most)));
}
