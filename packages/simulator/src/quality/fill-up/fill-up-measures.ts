/**
 * What the fill-up experiment measures: allocation and time by workload and policy, and the distance of our policy to the
 * best published one, paired by sequence, since sequences differ more than policies do.
 */
import type { Measure } from '../suite.ts';
import { unique } from '../unique.ts';

/** The best policy of the published tables. */
export const PUBLISHED_BEST = 'fgd';

/** The best of ours. */
export const OURS = 'expected-fill';

/** In the end, and when as much has arrived as there is. */
const PERCENTS = [130, 100];

/** One replay. */
export interface FillUpRun {
  readonly workload: string;
  readonly seed: number;
  readonly policy: string;
  /** Not a recorded sequence, so there is nothing published to compare with. */
  readonly isFresh: boolean;
  /** Allocated GPU capacity in %, by arrived % from 0 to 130. */
  readonly allocation: readonly number[];
  readonly microsPerPlacement: number;
  /** Whether it equals the published run. */
  readonly agrees: boolean;
}

/** By how many points ours allocates more than FGD on sequences of one workload. */
export interface PairedDifference {
  readonly workload: string;
  readonly mean: number;
  /** Of one sequence; 0 for less than two. */
  readonly standardDeviation: number;
}

export function measuresOf(runs: readonly FillUpRun[]): Measure[] {
  const recorded = runs.filter(({ isFresh }) => !isFresh);
  const fresh = runs.filter(({ isFresh }) => isFresh);
  return [
    ...PERCENTS.flatMap((percent) => allocations('', recorded, percent)),
    ...PERCENTS.flatMap((percent) => [
      ...differences('recorded', recorded, percent),
      ...differences('fresh', fresh, percent),
    ]),
    ...PERCENTS.flatMap((percent) => allocations(', fresh sequences', fresh, percent)),
    ...byWorkload(recorded, 'µs per placement', 1, ({ microsPerPlacement }) => microsPerPlacement),
  ];
}

/** Allocation at so many % arrival, paired by sequence; by workload in order of appearance. */
export function pairedDifferences(runs: readonly FillUpRun[], percent: number): PairedDifference[] {
  return unique(runs.map(({ workload }) => workload)).map((workload) => {
    const own = runs.filter((run) => run.workload === workload);
    const differences = own
      .filter(({ policy }) => policy === OURS)
      .map(({ seed, allocation }) => {
        const best = own.find((run) => run.policy === PUBLISHED_BEST && run.seed === seed)!;
        return allocation[percent] - best.allocation[percent];
      });
    return { workload, mean: mean(differences), standardDeviation: standardDeviation(differences) };
  });
}

/** Mean over the workloads, or over one, of the means over seeds. */
export function meanAllocation(
  runs: readonly FillUpRun[],
  policy: string,
  percent: number,
  workload?: string,
): number {
  const own = runs.filter((run) => run.policy === policy && (workload ?? run.workload) === run.workload);
  return mean(
    unique(own.map((run) => run.workload)).map((name) =>
      mean(own.filter((run) => run.workload === name).map(({ allocation }) => allocation[percent])),
    ),
  );
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function allocations(sequences: string, runs: readonly FillUpRun[], percent: number): Measure[] {
  const metric = `GPU allocation % at ${percent} % arrival${sequences}`;
  return byWorkload(runs, metric, 2, ({ allocation }) => allocation[percent]);
}

function byWorkload(
  runs: readonly FillUpRun[],
  metric: string,
  decimals: number,
  valueOf: (run: FillUpRun) => number,
): Measure[] {
  const policies = unique(runs.map(({ policy }) => policy));
  const workloads = unique(runs.map(({ workload }) => workload));
  const measures = workloads.flatMap((workload) =>
    policies.map((policy) => {
      const own = runs.filter((run) => run.workload === workload && run.policy === policy);
      return { case: workload, policy, metric, value: mean(own.map(valueOf)), decimals };
    }),
  );
  const overall = policies.map((policy) => {
    const own = measures.filter((measure) => measure.policy === policy);
    return { case: 'mean', policy, metric, value: mean(own.map(({ value }) => value)), decimals };
  });
  return [...measures, ...overall];
}

function differences(sequences: string, runs: readonly FillUpRun[], percent: number): Measure[] {
  const metric = `Points that ${OURS} allocates above ${PUBLISHED_BEST} at ${percent} % arrival`;
  return pairedDifferences(runs, percent).flatMap(({ workload, mean, standardDeviation }) => {
    const columns = { mean, 'standard deviation': standardDeviation };
    return Object.entries(columns).map(([column, value]) => ({
      case: workload,
      policy: `${sequences} sequences, ${column}`,
      metric,
      value,
      decimals: 2,
    }));
  });
}

function standardDeviation(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const centre = mean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1));
}
