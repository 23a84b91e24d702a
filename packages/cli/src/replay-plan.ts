/**
 * The runs that the options ask for, in order: by workload, seed and policy, so that each workload is loaded once.
 * Everything asked for is checked before the first run; a replay of hours must not end at a misspelt name.
 */
import { fail } from './cli-errors.ts';
import type { ReplayOptions } from './replay-options.ts';
import type { WorkloadSource } from './workload-source.ts';

/** One run to be made. */
export interface PlannedRun {
  readonly workload: string;
  readonly seed: number;
  readonly policy: string;
}

/** @throws StowageError UNKNOWN_WORKLOAD, UNKNOWN_SEED, MALFORMED_TRACE */
export function planReplay(
  { workloads, seeds, policies }: Pick<ReplayOptions, 'workloads' | 'seeds' | 'policies'>,
  source: WorkloadSource,
): PlannedRun[] {
  const names = workloads === 'all' ? source.workloads : (workloads ?? [source.defaultWorkload]);
  for (const workload of names) {
    if (!source.workloads.includes(workload)) {
      fail(
        'UNKNOWN_WORKLOAD',
        `${source.title} has no workload "${workload}"; use one of ${source.workloads.join(', ')}.`,
      );
    }
  }
  return names.flatMap((workload) =>
    seedsFor(workload, seeds, source).flatMap((seed) =>
      policies.map((policy) => ({ workload, seed, policy })),
    ),
  );
}

function seedsFor(
  workload: string,
  wanted: ReplayOptions['seeds'],
  source: WorkloadSource,
): readonly number[] {
  const known = source.seeds(workload);
  if (wanted === 'all') return known;
  const unknown = source.anySeed ? undefined : wanted.find((seed) => !known.includes(seed));
  if (unknown !== undefined) {
    fail(
      'UNKNOWN_SEED',
      `workload "${workload}" of ${source.title} has no seed ${unknown}; use one of ${known.join(', ')}.`,
    );
  }
  return wanted;
}
