/**
 * The policies that a replay knows by name, with the names that the published tables give them.
 */
import type { FitnessCalculator } from '@stowage/core';
import {
  fragmentationGradient,
  gpuBestFit,
  gpuClustering,
  gpuDotProduct,
  gpuPacking,
  randomFit,
} from '@stowage/fitness';
import { fail } from './errors.ts';
import { GPU_KIND } from './pod-classes.ts';
import { typicalTasks } from './typical-tasks.ts';
import type { Workload } from './workload.ts';

/** @public */
export interface ReplayPolicy {
  readonly name: string;
  /** `sc_policy` in the published tables. */
  readonly publishedAs: string;
  /** Whether two correct programs must agree; not when the policy draws random numbers. */
  readonly deterministic: boolean;
  fitness(workload: Workload): FitnessCalculator;
}

/** @public */
export const REPLAY_POLICIES: readonly ReplayPolicy[] = [
  published('best-fit', '05-BestFit', () => gpuBestFit()),
  published('dot-product', '02-DotProd', () => gpuDotProduct()),
  published('gpu-packing', '04-GpuPacking', () => gpuPacking()),
  published('gpu-clustering', '03-GpuClustering', () => gpuClustering({ label: GPU_KIND })),
  published('fgd', '06-FGD', ({ pods }) => fragmentationGradient(typicalTasks(pods))),
  { ...published('random', '01-Random', ({ seed }) => randomFit(seed)), deterministic: false },
];

function published(name: string, publishedAs: string, fitness: ReplayPolicy['fitness']): ReplayPolicy {
  return { name, publishedAs, deterministic: true, fitness };
}

/** @throws StowageError UNKNOWN_POLICY @public */
export function replayPolicy(name: string): ReplayPolicy {
  return (
    REPLAY_POLICIES.find((policy) => policy.name === name) ??
    fail(
      'UNKNOWN_POLICY',
      `there is no policy "${name}"; use one of ${REPLAY_POLICIES.map((policy) => policy.name).join(', ')}.`,
    )
  );
}
