/**
 * Fills a cluster with a recorded workload (Weng et al., USENIX ATC'23): pods arrive one by one and never leave;
 * one that fits nowhere is dropped.
 */
import { PlacementEngine } from '@stowage/core';
import { fail } from '../errors.ts';
import { FailureCounts } from './failure-counts.ts';
import { addNodes, definePods, REPLAY_RESOURCES } from './pod-classes.ts';
import { replayPolicy } from './policies.ts';
import { ReplayMetrics } from './replay-metrics.ts';
import type { NodeFill, ReplayRun } from './replay-run.ts';
import { typicalTasks } from './typical-tasks.ts';
import { type ClusterNode, GPU_MILLI, type Workload } from '../openb/workload.ts';

/** @public */
export interface ReplayOptions {
  /** Called every 256 arrivals and at the end. */
  readonly onProgress?: (done: number, total: number) => void;
}

const PROGRESS_INTERVAL = 256;

/**
 * Replays a workload under a policy.
 * @param policyName - one of `REPLAY_POLICIES`
 * @throws StowageError UNKNOWN_POLICY; INVALID_OPTION for a workload without GPUs or without pods
 * @public
 */
export function replay(
  workload: Workload,
  policyName: string,
  { onProgress }: ReplayOptions = {},
): ReplayRun {
  const { nodes, pods, arrivals } = workload;
  const policy = replayPolicy(policyName);
  const capacity = nodes.reduce((sum, { gpus }) => sum + gpus, 0) * GPU_MILLI;
  if (capacity === 0 || pods.length === 0) {
    fail(
      'INVALID_OPTION',
      `workload "${workload.name}" has no GPUs or no pods; there is nothing to measure.`,
    );
  }
  const engine = new PlacementEngine({
    resources: REPLAY_RESOURCES,
    fitness: policy.fitness(workload),
    agentCapacity: nodes.length,
  });
  addNodes(engine, nodes);
  const classes = definePods(engine, arrivals);
  const metrics = new ReplayMetrics(engine.cluster, typicalTasks(pods), nodes.length, capacity);
  const failures = new FailureCounts(engine);
  let milliseconds = 0;
  for (let i = 0; i < arrivals.length; i++) {
    const start = performance.now();
    const handle = engine.place(classes[i]);
    milliseconds += performance.now() - start;
    if (handle < 0) failures.add(classes[i], arrivals[i]);
    metrics.observe(arrivals[i].gpus * arrivals[i].gpuMilli, handle < 0 ? -1 : engine.agentOf(handle));
    if ((i + 1) % PROGRESS_INTERVAL === 0) onProgress?.(i + 1, arrivals.length);
  }
  onProgress?.(arrivals.length, arrivals.length);
  return {
    workload: workload.name,
    policy: policyName,
    seed: workload.seed,
    allocation: metrics.allocation(),
    fragmentation: metrics.fragmentation(),
    placed: engine.taskCount,
    failed: arrivals.length - engine.taskCount,
    seconds: milliseconds / 1000,
    failures: failures.counts(),
    nodes: nodes.map((node, row) => fillOf(engine, node, row)),
  };
}

function fillOf({ cluster }: PlacementEngine, node: ClusterNode, row: number): NodeFill {
  const { unitsFree, maxSlots } = cluster.slots('gpu');
  return {
    name: node.name,
    model: node.model,
    cpuMilli: node.cpuMilli,
    cpuMilliUsed: node.cpuMilli - cluster.free('cpu')[row],
    memoryMiB: node.memoryMiB,
    memoryMiBUsed: node.memoryMiB - cluster.free('memory')[row],
    gpuMilliUsed: Array.from(
      { length: node.gpus },
      (_, slot) => GPU_MILLI - unitsFree[row * maxSlots + slot],
    ),
  };
}
