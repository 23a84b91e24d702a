/**
 * The runs of one policy on one workload, taken together: means over the seeds, with their spread. The table of
 * the command line and the report are both drawn from these, so that they cannot disagree.
 *
 * Order is the order of first appearance, hence the caller's.
 */
import type { FailureCount, ReplayRun } from '../replay/replay-run.ts';

/**
 * A measure by arrived GPU capacity (the index, in whole %), over several runs. A percentage that no run has
 * reached is NaN.
 * @public
 */
export interface Curve {
  readonly mean: readonly number[];
  readonly low: readonly number[];
  readonly high: readonly number[];
  /** Sample standard deviation; 0 for a single run. */
  readonly deviation: readonly number[];
}

/** All runs of one policy on one workload. @public */
export interface PolicySummary {
  readonly workload: string;
  readonly policy: string;
  readonly runs: readonly ReplayRun[];
  /** Allocated GPU capacity in %. */
  readonly allocation: Curve;
  /** Fragmented GPU capacity in %. */
  readonly fragmentation: Curve;
  /** Pods placed, mean per run. */
  readonly placed: number;
  /** Pods not placed, mean per run. */
  readonly failed: number;
  /** Pods placed per second of deciding and booking; Infinity when that took no measurable time. */
  readonly placementsPerSecond: number;
  /** Mean per run, most frequent first. */
  readonly failures: readonly FailureCount[];
}

/**
 * Groups runs by workload and policy. O(runs · 131).
 * @public
 */
export function summarizeRuns(runs: readonly ReplayRun[]): readonly PolicySummary[] {
  const groups = new Map<string, ReplayRun[]>();
  for (const run of runs) {
    const key = JSON.stringify([run.workload, run.policy]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [run]);
    else group.push(run);
  }
  return [...groups.values()].map(summarizeGroup);
}

function summarizeGroup(runs: readonly ReplayRun[]): PolicySummary {
  const placed = sum(runs.map((run) => run.placed));
  return {
    workload: runs[0].workload,
    policy: runs[0].policy,
    runs,
    allocation: curveOf(runs.map((run) => run.allocation)),
    fragmentation: curveOf(runs.map((run) => run.fragmentation)),
    placed: placed / runs.length,
    failed: sum(runs.map((run) => run.failed)) / runs.length,
    placementsPerSecond: placed / sum(runs.map((run) => run.seconds)),
    failures: failuresOf(runs),
  };
}

function curveOf(rows: readonly (readonly number[])[]): Curve {
  const length = Math.max(...rows.map((row) => row.length));
  const curve = {
    mean: [] as number[],
    low: [] as number[],
    high: [] as number[],
    deviation: [] as number[],
  };
  for (let percent = 0; percent < length; percent++) {
    const values = rows.map((row) => row[percent]).filter(Number.isFinite);
    const mean = values.length === 0 ? NaN : sum(values) / values.length;
    const squares = sum(values.map((value) => (value - mean) ** 2));
    curve.mean.push(mean);
    curve.low.push(values.length === 0 ? NaN : Math.min(...values));
    curve.high.push(values.length === 0 ? NaN : Math.max(...values));
    curve.deviation.push(values.length < 2 ? 0 : Math.sqrt(squares / (values.length - 1)));
  }
  return curve;
}

function failuresOf(runs: readonly ReplayRun[]): FailureCount[] {
  const pods = new Map<string, number>();
  for (const run of runs) {
    for (const failure of run.failures) {
      pods.set(failure.reason, (pods.get(failure.reason) ?? 0) + failure.pods / runs.length);
    }
  }
  return [...pods]
    .map(([reason, count]) => ({ reason, pods: count }))
    .sort((a, b) => b.pods - a.pods || (a.reason < b.reason ? -1 : 1));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
