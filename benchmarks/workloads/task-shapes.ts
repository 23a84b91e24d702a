/**
 * What the tasks of a workload ask for. Coarse shapes are drawn; distinct ones are all the points of a fine grid of
 * cpu and memory in random order, so that none comes twice. Means are the same: about 4 cores, 16 GiB, 48 GiB disk
 * and 800 Mbps, in the proportion of the agents, so that with four resources each is the scarce one somewhere.
 */
import type { TaskRequirements } from '@stowage/core';
import { SeededRandom } from '@stowage/simulator';
import type { Workload } from './workload.ts';

export interface TaskShape {
  readonly cpuMilli: number;
  readonly memoryMiB: number;
  /** 0 in workloads of two resources, as `networkMbps`. */
  readonly diskMiB: number;
  readonly networkMbps: number;
}

/** Of the class that fits nowhere: two thirds of an agent at least, where every agent is filled to three quarters. */
export const HOPELESS_SHAPE: TaskShape = { cpuMilli: 64_000, memoryMiB: 131_072, diskMiB: 0, networkMbps: 0 };

/** A job burst: as many as fit fill the cpu and the memory of the smaller agent types to the last unit. */
const SINGLE_SHAPE: TaskShape = { cpuMilli: 2000, memoryMiB: 8192, diskMiB: 0, networkMbps: 0 };

/** Steps of cpu, and of memory, in the grid of distinct shapes. */
const GRID = 512;

export function taskShapes(workload: Workload): TaskShape[] {
  const { shapes, grain, seed } = workload;
  const random = new SeededRandom(seed);
  if (grain === 'distinct') return distinctShapes(workload, random);
  if (shapes === 1) return [SINGLE_SHAPE];
  return Array.from({ length: shapes }, () => ({
    cpuMilli: 250 * (1 + random.below(32)),
    memoryMiB: 512 * (1 + random.below(64)),
    ...others(workload, random),
  }));
}

function distinctShapes(workload: Workload, random: SeededRandom): TaskShape[] {
  const points = random.shuffled(Array.from({ length: GRID * GRID }, (_, point) => point));
  if (workload.shapes > points.length)
    throw new RangeError(`there are ${points.length} distinct shapes, not ${workload.shapes}`);
  return points.slice(0, workload.shapes).map((point) => ({
    cpuMilli: 16 * (1 + Math.floor(point / GRID)),
    memoryMiB: 64 * (1 + (point % GRID)),
    ...others(workload, random),
  }));
}

function others({ resources }: Workload, random: SeededRandom): Pick<TaskShape, 'diskMiB' | 'networkMbps'> {
  if (resources === 2) return { diskMiB: 0, networkMbps: 0 };
  return { diskMiB: 1024 * (1 + random.below(96)), networkMbps: 20 * (1 + random.below(80)) };
}

/** What a class asks for, without its policies. */
export function requirementsOf(
  shape: TaskShape,
  classNumber: number,
  workload: Workload,
): Pick<TaskRequirements, 'resources' | 'job'> {
  const { cpuMilli, memoryMiB, diskMiB, networkMbps } = shape;
  const { resources, jobs, securityGroups } = workload;
  return {
    resources: {
      cpu: cpuMilli / 1000,
      memory: memoryMiB,
      ...(resources === 4 && { disk: diskMiB, network: networkMbps }),
      ...(securityGroups > 0 && { interface: { units: 1, label: `sg-${classNumber % securityGroups}` } }),
    },
    job: `job-${classNumber % jobs}`,
  };
}
