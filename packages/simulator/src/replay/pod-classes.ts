/**
 * From pods to task classes: pods of equal shape share one class, so that the engine does the work of a shape
 * once. GPUs are slots of 1000 milli; a pod asks for a share of one or for whole ones.
 */
import { attributeIn } from '@stowage/constraints';
import type { PlacementEngine, ResourceDefinition, SlotDemand, TaskRequirements } from '@stowage/core';
import { type ClusterNode, GPU_MILLI, type Pod } from '../openb/workload.ts';

/** Everything in the units of the trace, which are whole numbers. */
export const REPLAY_RESOURCES: readonly ResourceDefinition[] = [
  { name: 'cpu', unit: 'milli-cores' },
  { name: 'memory', unit: 'MiB' },
  { name: 'gpu', kind: 'set', unit: 'milli-GPU' },
];

/** Label that tells pods with a share of a GPU from those with one, two, … whole ones. */
export const GPU_KIND = 'gpuKind';

/** Adds nodes on rows 0, 1, …; the engine breaks ties to the lowest row. */
export function addNodes(engine: PlacementEngine, nodes: readonly ClusterNode[]): void {
  for (const { cpuMilli, memoryMiB, gpus, model } of nodes) {
    engine.addAgent({
      resources: { cpu: cpuMilli, memory: memoryMiB, gpu: { slots: gpus, unitsPerSlot: GPU_MILLI } },
      attributes: model === '' ? {} : { model },
    });
  }
}

/** Registers the shapes of pods; returns the class of each pod. */
export function definePods(engine: PlacementEngine, pods: readonly Pod[]): Int32Array {
  const classes = new Map<string, number>();
  return Int32Array.from(pods, (pod) => {
    const key = [pod.cpuMilli, pod.memoryMiB, pod.gpus, pod.gpuMilli, ...pod.models].join('|');
    let id = classes.get(key);
    if (id === undefined) classes.set(key, (id = engine.defineClass(requirementsOf(pod))));
    return id;
  });
}

function requirementsOf({ cpuMilli, memoryMiB, gpus, gpuMilli, models }: Pod): TaskRequirements {
  const resources: Record<string, number | SlotDemand> = { cpu: cpuMilli, memory: memoryMiB };
  if (gpus > 0) resources['gpu'] = gpuMilli === GPU_MILLI ? { slots: gpus } : { units: gpuMilli };
  return {
    resources,
    labels: gpus > 0 ? { [GPU_KIND]: gpuMilli === GPU_MILLI ? `${gpus}-gpu` : 'share' } : {},
    constraints: models.length > 0 ? [attributeIn('model', models)] : [],
  };
}
