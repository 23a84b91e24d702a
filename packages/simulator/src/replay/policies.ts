/**
 * The policies that a replay knows by name, with the names that the published tables give them, and our own.
 */
import type { FitnessCalculator } from '@stowage/core';
import {
  expectedFill,
  fragmentationGradient,
  gpuBestFit,
  gpuClustering,
  gpuDotProduct,
  gpuPacking,
  randomFit,
} from '@stowage/fitness';
import { fail } from '../errors.ts';
import { GPU_KIND } from './pod-classes.ts';
import { typicalTasks } from './typical-tasks.ts';
import type { ClusterNode, Workload } from '../openb/workload.ts';

/** @public */
export interface ReplayPolicy {
  readonly name: string;
  /** `sc_policy` in the published tables; policies of ours have none. */
  readonly publishedAs?: string;
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
  {
    name: 'expected-fill',
    deterministic: true,
    fitness: ({ pods, nodes }) => expectedFill(typicalTasks(pods), { slotsByModel: gpusByModel(nodes) }),
  },
];

function published(name: string, publishedAs: string, fitness: ReplayPolicy['fitness']): ReplayPolicy {
  return { name, publishedAs, deterministic: true, fitness };
}

function gpusByModel(nodes: readonly ClusterNode[]): Record<string, number> {
  const gpusOf: Record<string, number> = {};
  for (const { model, gpus } of nodes) gpusOf[model] = (gpusOf[model] ?? 0) + gpus;
  return gpusOf;
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
