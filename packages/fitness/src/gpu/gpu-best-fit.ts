/**
 * Best fit over CPU and GPU: the agent that has the least left after the task. One of the baselines of Weng et
 * al., "Beware of Fragmentation", USENIX ATC'23; scores as in their simulator (kubernetes-scheduler-simulator,
 * best_fit_score.go), which then stretches them to 0..100 per decision, a step that changes no order.
 */
import type { FitnessCalculator } from '@stowage/core';
import { type GpuScale, gpuScale } from './gpu-scale.ts';
import { demandedUnits, freeUnits } from '../slot-sums.ts';

/**
 * ⌊100 · (1 − ½ (CPU left / maxCpu + GPU left / maxGpu))⌋, where left is what stays free with the task placed.
 * From 0 to 100; an agent greater than the scale scores 0. Slots: the tightest that fit. O(slots) per agent.
 * @throws StowageError INVALID_PLUGIN
 * @public
 */
export function gpuBestFit(options: GpuScale = {}): FitnessCalculator {
  const { cpu, gpu, maxCpu, maxGpu } = gpuScale('gpuBestFit', options);
  return {
    name: 'GPU best fit',
    key: JSON.stringify(['gpuBestFit', cpu, gpu, maxCpu, maxGpu]),
    dependsOn: 'agent',
    range: [0, 100],
    bind(cluster, task) {
      const cpuFree = cluster.free(cpu);
      const slots = cluster.slots(gpu);
      const cpuDemand = task.demand(cpu);
      const request = task.slotDemand(gpu);
      return {
        scoreInto(rows, count, scores) {
          for (let i = 0; i < count; i++) {
            const row = rows[i];
            const gpuLeft = freeUnits(slots, row) - demandedUnits(slots, row, request);
            // The published order of operations: another one rounds to another integer now and then.
            const waste = ((cpuFree[row] - cpuDemand) / maxCpu) * 0.5 + (gpuLeft / maxGpu) * 0.5;
            scores[i] = Math.max(0, Math.trunc((1 - waste) * 100));
          }
        },
      };
    },
  };
}
