/**
 * How long single operations take, which batches hide: collections, compilation, a chunk of an index that splits.
 * Each is timed by itself; what the clock takes is measured first and subtracted. The greatest is the machine's as
 * much as ours.
 */
import type { LatencyFigure } from '../figures.ts';
import { type CaseName, CASES } from '../workloads/cases.ts';
import { Churn, churnStart } from '../workloads/churn.ts';
import { workload } from '../workloads/workload.ts';
import { median, percentile, rounded } from './samples.ts';

const SAMPLES = 150_000;
const WARM_UP_OPERATIONS = 50_000;
/** Bounds both, should an operation be slow. */
const MAX_MS = 4000;

export function measureLatency(name: CaseName, agents: number, quick: boolean): LatencyFigure {
  const churn = new Churn(churnStart(workload(agents, CASES[name])), 'declared');
  const part = quick ? 0.05 : 1;
  timeEach(WARM_UP_OPERATIONS * part, () => churn.run(1));
  const nsTimer = median(timeEach(10_000, () => 0));
  const samples = timeEach(SAMPLES * part, () => churn.run(1));
  const ns = (part: number): number => rounded(Math.max(1, percentile(samples, part) - nsTimer));
  return {
    part: 'latency',
    case: name,
    agents,
    nsP50: ns(0.5),
    nsP99: ns(0.99),
    nsP999: ns(0.999),
    nsMax: ns(1),
    nsTimer: rounded(nsTimer),
    samples: samples.length,
  };
}

function timeEach(count: number, action: () => number): Float64Array {
  const ns = new Float64Array(count);
  const end = performance.now() + MAX_MS;
  let done = 0;
  for (let before = performance.now(); done < count && before < end; done++) {
    before = performance.now();
    action();
    ns[done] = (performance.now() - before) * 1e6;
  }
  return ns.subarray(0, done);
}
