/**
 * Engine and oracle on the same input: the best-fit replay of the generated openb cluster, one seed. Both must
 * choose the same node for every pod; the figure is the ratio of their times for all arrivals.
 */
import { PlacementEngine } from '@stowage/core';
import { gpuBestFit } from '@stowage/fitness';
import { addNodes, definePods, generatedWorkload, REPLAY_RESOURCES, type Workload } from '@stowage/simulator';
import {
  placementsOn,
  type ReferenceAgent,
  referenceAttributeIn,
  type ReferenceCluster,
  type ReferenceFitness,
  type ReferenceRequirements,
  ReferenceScheduler,
  type ReferenceTask,
  usedUnits,
} from '@stowage/testing';
import type { ReplayFigure } from '../figures.ts';

const LARGEST_CPU_MILLI = 128_000;
const LARGEST_GPU_MILLI = 8000;

/** @param scale - size of the cluster and of the workload, 1 = 1,213 nodes */
export function measureReplay(
  scale: number,
  onProgress: (done: number, total: number) => void,
): ReplayFigure {
  const workload = generatedWorkload({ seed: 42, scale });
  const engine = placeByEngine(workload);
  const oracle = placeByOracle(workload, onProgress);
  return {
    part: 'replay',
    case: 'best-fit replay, engine and oracle',
    agents: workload.nodes.length,
    arrivals: workload.arrivals.length,
    engineSeconds: round(engine.seconds),
    oracleSeconds: round(oracle.seconds),
    ratio: Math.round(oracle.seconds / engine.seconds),
    sameAssignments: engine.rows.every((row, i) => row === oracle.rows[i]),
  };
}

interface Outcome {
  readonly seconds: number;
  /** Row per arrival, -1 = not placed. */
  readonly rows: readonly number[];
}

function placeByEngine({ nodes, arrivals }: Workload): Outcome {
  const engine = new PlacementEngine({
    resources: REPLAY_RESOURCES,
    fitness: gpuBestFit(),
    agentCapacity: nodes.length,
  });
  addNodes(engine, nodes);
  const classes = definePods(engine, arrivals);
  const start = performance.now();
  const rows = Array.from(classes, (classId) => {
    const handle = engine.place(classId);
    return handle < 0 ? -1 : engine.agentOf(handle);
  });
  return { seconds: (performance.now() - start) / 1000, rows };
}

/** The published score, literally: how little is left, as a share of the largest node, truncated. */
const referenceBestFit: ReferenceFitness = (task, agent, cluster) => {
  const cpuFree = agent.totals['cpu'] - usedUnits(cluster, agent, 'cpu');
  const gpuFree = gpuUnitsFree(cluster, agent);
  const left =
    (cpuFree - task.demand['cpu']) / LARGEST_CPU_MILLI + (gpuFree - gpuUnits(task)) / LARGEST_GPU_MILLI;
  return BigInt(Math.trunc(100 * (1 - 0.5 * left)));
};

function gpuUnitsFree(cluster: ReferenceCluster, agent: ReferenceAgent): number {
  const total = agent.sets['gpu'].labels.length * 1000;
  return placementsOn(cluster, agent).reduce((free, { task }) => free - gpuUnits(task), total);
}

function gpuUnits({ slotDemands }: ReferenceTask): number {
  return slotDemands.reduce((sum, { slots, units }) => sum + slots * (units ?? 1000), 0);
}

function placeByOracle(
  { nodes, arrivals }: Workload,
  onProgress: (done: number, total: number) => void,
): Outcome {
  const oracle = new ReferenceScheduler({ resources: REPLAY_RESOURCES, fitness: [referenceBestFit] });
  for (const { cpuMilli, memoryMiB, gpus, model } of nodes) {
    oracle.addAgent({
      resources: { cpu: cpuMilli, memory: memoryMiB, gpu: { slots: gpus, unitsPerSlot: 1000 } },
      attributes: model === '' ? {} : { model },
    });
  }
  const start = performance.now();
  const rows = arrivals.map(({ cpuMilli, memoryMiB, gpus, gpuMilli, models }, i) => {
    if (i % 100 === 0) onProgress(i, arrivals.length);
    const requirements: ReferenceRequirements = {
      resources: {
        cpu: cpuMilli,
        memory: memoryMiB,
        ...(gpus > 0 ? { gpu: gpuMilli === 1000 ? { slots: gpus } : { units: gpuMilli } } : {}),
      },
      constraints: models.length > 0 ? [referenceAttributeIn('model', models)] : [],
    };
    return oracle.place(requirements)?.row ?? -1;
  });
  onProgress(arrivals.length, arrivals.length);
  return { seconds: (performance.now() - start) / 1000, rows };
}

function round(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
