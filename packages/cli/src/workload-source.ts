/**
 * Where workloads come from: a folder with a recorded trace, or the generator, which needs no files. Both answer
 * the same questions, so that the rest of a command does not know which it is.
 */
import { resolve } from 'node:path';
import { generatedWorkload, OpenbTrace, type Workload } from '@stowage/simulator';

export interface WorkloadSource {
  /** For messages. */
  readonly title: string;
  readonly workloads: readonly string[];
  /** Taken unless another is asked for; may be missing among `workloads`. */
  readonly defaultWorkload: string;
  /** Seeds to take for `all`; the only ones there are unless `anySeed`. */
  seeds(workload: string): readonly number[];
  readonly anySeed: boolean;
  workload(name: string, seed: number): Workload;
}

const GENERATED = 'generated';
/** The published experiments have as many, under the same numbers. */
const GENERATED_SEEDS = [42, 43, 44, 45, 46, 47, 48, 49, 50, 51];

/**
 * @param trace - folder of the trace; the generator when undefined
 * @throws StowageError TRACE_NOT_FOUND
 */
export function workloadSource(trace: string | undefined, workingFolder: string): WorkloadSource {
  if (trace === undefined) {
    return {
      title: 'the generator (no --trace was given)',
      workloads: [GENERATED],
      defaultWorkload: GENERATED,
      seeds: () => GENERATED_SEEDS,
      anySeed: true,
      workload: (_, seed) => generatedWorkload({ seed }),
    };
  }
  const openb = new OpenbTrace(resolve(workingFolder, trace));
  return {
    title: openb.folder,
    workloads: openb.workloads,
    defaultWorkload: 'default',
    seeds: (workload) => openb.seeds(workload),
    anySeed: false,
    workload: (name, seed) => openb.workload(name, seed),
  };
}
