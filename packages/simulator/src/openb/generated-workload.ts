/**
 * A workload that needs no files: the openb cluster and pods from their shapes, in an order drawn from a seed. It
 * follows the published protocol (all pods once in random order, then random repetitions up to 130 % of the GPU
 * capacity), so its results are close to the recorded ones without being comparable cell by cell.
 */
import { fail } from '../errors.ts';
import { OPENB_NODE_SHAPES, OPENB_POD_SHAPES } from './openb-shapes.ts';
import { MAX_ARRIVED_PERCENT } from '../replay/replay-metrics.ts';
import { SeededRandom } from '../seeded-random.ts';
import { type ClusterNode, GPU_MILLI, type Pod, type Workload } from './workload.ts';

/** @public */
export interface GeneratedWorkloadOptions {
  /** Integer from 0 to 2^32 − 1. Default 42. */
  readonly seed?: number;
  /** Size of the cluster, above 0 and up to 100; 1 = 1,213 nodes with 6,212 GPUs. Default 1. */
  readonly scale?: number;
}

/**
 * Equal options give equal workloads, on every machine.
 * @throws StowageError INVALID_OPTION
 * @public
 */
export function generatedWorkload({ seed = 42, scale = 1 }: GeneratedWorkloadOptions = {}): Workload {
  if (!Number.isInteger(seed) || seed < 0 || seed > 0xffffffff) {
    fail('INVALID_OPTION', `the seed is ${seed}; give an integer from 0 to ${0xffffffff}.`);
  }
  if (!(scale > 0 && scale <= 100))
    fail('INVALID_OPTION', `the scale is ${scale}; give a number above 0, at most 100.`);
  const random = new SeededRandom(seed);
  const nodes = random.shuffled(makeNodes(scale));
  const pods = makePods();
  const capacity = nodes.reduce((sum, { gpus }) => sum + gpus, 0) * GPU_MILLI;
  const arrivals = drawArrivals(pods, (capacity * MAX_ARRIVED_PERCENT) / 100, random);
  return { name: 'generated', seed, nodes, pods, arrivals };
}

/** At least one node of the most frequent shape, however small the scale. */
function makeNodes(scale: number): ClusterNode[] {
  const nodes: ClusterNode[] = [];
  OPENB_NODE_SHAPES.forEach(([model, gpus, cpuMilli, memoryMiB, count], shape) => {
    const scaled = Math.max(Math.round(count * scale), shape === 0 ? 1 : 0);
    for (let i = 0; i < scaled; i++) {
      nodes.push({ name: `node-${nodes.length}`, cpuMilli, memoryMiB, gpus, model });
    }
  });
  return nodes;
}

function makePods(): Pod[] {
  const pods: Pod[] = [];
  for (const [gpus, gpuMilli, cpuMilli, memoryMiB, count] of OPENB_POD_SHAPES) {
    for (let i = 0; i < count; i++) {
      pods.push({ name: `pod-${pods.length}`, cpuMilli, memoryMiB, gpus, gpuMilli, models: [] });
    }
  }
  return pods;
}

/** Pods until the next would exceed the target. */
function drawArrivals(pods: readonly Pod[], target: number, random: SeededRandom): Pod[] {
  const once = random.shuffled(pods);
  const arrivals: Pod[] = [];
  let arrived = 0;
  for (;;) {
    const pod = once[arrivals.length] ?? pods[random.below(pods.length)];
    arrived += pod.gpus * pod.gpuMilli;
    if (arrived > target) return arrivals;
    arrivals.push(pod);
  }
}
