/**
 * Time and memory of the churn cases. tinybench repeats batches of operations, since one operation is shorter
 * than the clock; bytes are counted apart, over operations during which nothing was collected.
 */
import { Bench } from 'tinybench';
import type { ChurnCase } from './cases.ts';
import { Churn } from './workloads/churn.ts';

export interface ChurnFigure {
  readonly case: string;
  readonly agents: number;
  readonly shapes: number;
  readonly structure: string;
  readonly opsPerSecond: number;
  /** Nanoseconds per operation: median and 99th percentile over batches. */
  readonly nsP50: number;
  readonly nsP99: number;
  readonly bytesPerOp: number;
}

const BATCH = 500;
const WARM_UP_OPERATIONS = 20_000;
const COUNTED_OPERATIONS = 100_000;

export async function measureChurn({ name, workload }: ChurnCase, agents: number): Promise<ChurnFigure> {
  const churn = new Churn({ ...workload, agents, seed: 42 });
  churn.run(WARM_UP_OPERATIONS);
  const bench = new Bench({ time: 1000, warmup: false }).add(name, () => {
    churn.run(BATCH);
  });
  const [task] = await bench.run();
  const { result } = task;
  if (result.state !== 'completed') throw new Error(`${name}: the benchmark ended as ${result.state}`);
  const nsPerOp = (ms: number): number => Math.round((ms * 1e6) / BATCH);
  const { p50, p99 } = result.latency;
  return {
    case: name,
    agents,
    shapes: workload.shapes,
    structure: churn.engine.explainPlan(churn.classes[0]).structure,
    opsPerSecond: Math.round((BATCH * 1000) / p50),
    nsP50: nsPerOp(p50),
    nsP99: nsPerOp(p99),
    bytesPerOp: bytesPerOperation(churn),
  };
}

/** The least of several measurements: compilation in the background allocates too, and is not what is asked. */
function bytesPerOperation(churn: Churn): number {
  const measurements = Array.from({ length: 3 }, () => {
    globalThis.gc?.();
    const before = process.memoryUsage().heapUsed;
    churn.run(COUNTED_OPERATIONS);
    return Math.max(0, process.memoryUsage().heapUsed - before) / COUNTED_OPERATIONS;
  });
  return Math.round(Math.min(...measurements) * 100) / 100;
}
