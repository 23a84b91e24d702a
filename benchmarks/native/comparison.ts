/**
 * One case at one size: the engine and every algorithm that answers it in C, in turns, so that all see the same noise.
 */
import { medianBatchNs, nsPerOperation } from '../macro/batch-times.ts';
import { median, rounded } from '../macro/samples.ts';
import { type CaseName, CASES } from '../workloads/cases.ts';
import { Churn, churnStart } from '../workloads/churn.ts';
import { workload as workloadOf } from '../workloads/workload.ts';
import { algorithmOf, algorithmsFor, type NativeAlgorithm, NativeTwin } from './native-twin.ts';

export interface NativeTimes {
  readonly algorithm: NativeAlgorithm;
  readonly nsPerOp: number;
  /** Time of the engine divided by this, per turn: least, median and greatest. */
  readonly ratios: readonly [least: number, median: number, greatest: number];
}

export interface Comparison {
  readonly case: CaseName;
  readonly agents: number;
  /** The algorithm by which the engine decided; null when several took turns. */
  readonly algorithm: NativeAlgorithm | null;
  readonly nsPerOp: number;
  readonly native: readonly NativeTimes[];
  readonly comparedOps: number;
  /** Of the assignments in the operations compared, equal for all. */
  readonly hash: string;
  readonly rounds: number;
}

/** The scan in C, which is compared as well, needs up to a millisecond for one of these. */
const COMPARED_OPERATIONS = 3000;
const WARM_UP_MS = 800;
const ROUND_MS = 60;
const NATIVE_BUDGET = { warmUpMs: 40, roundMs: 60 };
/** Where every operation asks for a class of its own: classes to define, and those for warming up. */
const DISTINCT_CLASSES = 100_000;
const DISTINCT_WARM_UP = 40_000;

/** @throws Error when C decides otherwise than the engine */
export function compareCase(name: CaseName, agents: number, rounds: number): Comparison {
  const workload = workloadOf(agents, CASES[name]);
  const isDistinct = workload.grain === 'distinct';
  const start = churnStart(workload);
  const engine = new Churn(start, 'declared', isDistinct ? DISTINCT_CLASSES : Infinity);
  const hash = engine.run(COMPARED_OPERATIONS);
  const warmNs = warmUp(engine, isDistinct ? DISTINCT_WARM_UP : Infinity);
  const most = isDistinct ? engine.unseenClasses / rounds : Infinity;
  const twin = NativeTwin.of(start, { operations: COMPARED_OPERATIONS, hash });
  if (twin === null) throw new Error('it cannot be compared with C');
  const algorithms = algorithmsFor(workload);
  const ours: number[] = [];
  const theirs = algorithms.map((): number[] => []);
  const before = engine.engine.work.decisionsBy;
  try {
    for (let round = 0; round < rounds; round++) {
      ours.push(medianBatchNs(engine, warmNs, ROUND_MS, most));
      algorithms.forEach((algorithm, i) => theirs[i].push(twin.nsPerOp(algorithm, NATIVE_BUDGET)));
    }
  } finally {
    twin.close();
  }
  return {
    case: name,
    agents,
    algorithm: algorithmOf(difference(engine.engine.work.decisionsBy, before)) ?? null,
    nsPerOp: rounded(median(ours)),
    native: algorithms.map((algorithm, i) => ({
      algorithm,
      nsPerOp: rounded(median(theirs[i])),
      ratios: spread(theirs[i].map((ns, round) => ours[round] / ns)),
    })),
    comparedOps: COMPARED_OPERATIONS,
    hash: (hash >>> 0).toString(16).padStart(8, '0'),
    rounds,
  };
}

/** @returns time per operation of the last ones */
function warmUp(churn: Churn, operations: number): number {
  const start = performance.now();
  const batch = Math.min(1000, operations / 8);
  let ns = Infinity;
  for (let done = 0; done < operations && performance.now() - start < WARM_UP_MS; done += batch)
    ns = nsPerOperation(churn, batch);
  return ns;
}

function difference<K extends string>(
  after: Record<K, number>,
  before: Record<K, number>,
): Record<K, number> {
  const entries = Object.entries<number>(after).map(([key, count]) => [key, count - before[key as K]]);
  return Object.fromEntries(entries) as Record<K, number>;
}

function spread(values: readonly number[]): readonly [number, number, number] {
  return [rounded(Math.min(...values), 3), rounded(median(values), 3), rounded(Math.max(...values), 3)];
}
