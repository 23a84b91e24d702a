/**
 * The typical pods of a workload, by which fragmentation is measured: the most frequent shapes until they make up
 * 95 % of the pods (Weng et al., USENIX ATC'23, section 3; GetTypicalPods of kubernetes-scheduler-simulator).
 */
import type { TypicalTask } from '@stowage/fitness';
import type { Pod } from '../openb/workload.ts';

/** Share of the pods that the typical ones stand for, in %. */
const POPULARITY_PERCENT = 95;

/** Shapes by descending frequency; of equally frequent shapes the greater first. */
export function typicalTasks(pods: readonly Pod[]): TypicalTask[] {
  const ranked = countShapes(pods).sort((a, b) => b.count - a.count || compareShapes(b.shape, a.shape));
  let covered = 0;
  let kept = 0;
  while (100 * covered < POPULARITY_PERCENT * pods.length) covered += ranked[kept++].count;
  return ranked.slice(0, kept).map(({ shape, count }) => ({
    cpu: shape.cpuMilli,
    slots: shape.gpus,
    units: shape.gpuMilli,
    models: shape.models,
    // The published order of operations, to the last bit.
    frequency: count / pods.length / (covered / pods.length),
  }));
}

interface CountedShape {
  readonly shape: Pod;
  count: number;
}

function countShapes(pods: readonly Pod[]): CountedShape[] {
  const counts = new Map<string, CountedShape>();
  for (const shape of pods) {
    const key = [shape.cpuMilli, shape.gpus, shape.gpuMilli, ...shape.models].join('|');
    const entry = counts.get(key);
    if (entry === undefined) counts.set(key, { shape, count: 1 });
    else entry.count++;
  }
  return [...counts.values()];
}

function compareShapes(a: Pod, b: Pod): number {
  return (
    a.cpuMilli - b.cpuMilli ||
    a.gpuMilli - b.gpuMilli ||
    a.gpus - b.gpus ||
    (a.models.join('|') < b.models.join('|') ? -1 : 1)
  );
}
