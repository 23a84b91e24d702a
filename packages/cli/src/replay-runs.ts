/**
 * Makes the planned runs one after the other. A workload is loaded once for all policies that run on it in
 * succession.
 */
import { replay, type ReplayRun, type Workload } from '@stowage/simulator';
import type { Progress } from './progress.ts';
import type { PlannedRun } from './replay-plan.ts';
import type { WorkloadSource } from './workload-source.ts';

/** The bar of `progress` is gone whenever a run is handed out, and after an error. */
export function* makeRuns(
  plan: readonly PlannedRun[],
  source: WorkloadSource,
  progress: Progress,
): Generator<ReplayRun> {
  let input: Workload | undefined;
  let previous: PlannedRun | undefined;
  try {
    for (const [index, planned] of plan.entries()) {
      const { workload, seed, policy } = planned;
      progress.begin(index);
      if (previous?.workload !== workload || previous.seed !== seed) input = undefined;
      input ??= source.workload(workload, seed);
      previous = planned;
      const run = replay(input, policy, { onProgress: (done, total) => progress.update(done / total) });
      progress.end();
      progress.clear();
      yield run;
    }
  } finally {
    progress.clear();
  }
}
