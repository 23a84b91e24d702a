/**
 * Keeps tasks with the same kind of GPU demand together, so that agents for whole GPUs are not nibbled at by
 * shares. One of the baselines of Weng et al., USENIX ATC'23 (kubernetes-scheduler-simulator,
 * gpu_clustering_score.go), after the affinity of Gandiva (Xiao et al., OSDI'18).
 */
import type { FitnessCalculator } from '@stowage/core';
import { type GpuScale, gpuScale } from './gpu-scale.ts';
import { freeUnits } from '../slot-sums.ts';

/** @public */
export interface GpuClusteringOptions extends Pick<GpuScale, 'gpu' | 'maxGpu'> {
  /** Label whose value is the kind of a task, such as `share` or `8-gpu`; tasks without it count nowhere. Default `gpuKind`. */
  readonly label?: string;
}

/**
 * ⌊25 · (maxGpu − GPU free) / maxGpu⌋, plus 75 where only tasks of this kind run, 50 where they run beside others,
 * 25 where no labelled task runs, 0 where only others run. From 0 to 100; 0 for tasks without the label.
 * Slots: the tightest that fit. O(slots + kinds) per agent.
 * @throws StowageError INVALID_PLUGIN
 * @public
 */
export function gpuClustering({
  label = 'gpuKind',
  ...options
}: GpuClusteringOptions = {}): FitnessCalculator {
  const { gpu, maxGpu } = gpuScale('gpuClustering', options);
  return {
    name: 'GPU clustering',
    key: JSON.stringify(['gpuClustering', label, gpu, maxGpu]),
    dependsOn: 'agent',
    range: [0, 100],
    bind(cluster, task) {
      const slots = cluster.slots(gpu);
      const tasks = cluster.tasksByAgent(label);
      const kind = task.labelId(label);
      const bonus = (row: number, kinds: number): number => {
        let hasOther = false;
        for (let id = 1; id < kinds && !hasOther; id++) hasOther = id !== kind && tasks.get(id, row) > 0;
        if (tasks.get(kind, row) > 0) return hasOther ? 50 : 75;
        return hasOther ? 0 : 25;
      };
      return {
        scoreInto(rows, count, scores) {
          if (kind === 0) {
            scores.fill(0, 0, count);
            return;
          }
          const kinds = cluster.labelIdCount(label);
          for (let i = 0; i < count; i++) {
            const row = rows[i];
            const used = Math.trunc((25 * (maxGpu - freeUnits(slots, row))) / maxGpu);
            scores[i] = Math.max(0, used) + bonus(row, kinds);
          }
        },
      };
    },
  };
}
