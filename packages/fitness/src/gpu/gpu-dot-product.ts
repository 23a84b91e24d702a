/**
 * Dot product of what is free and what is asked for, over CPU and GPU, the smaller the better. The Tetris-like
 * baseline of Weng et al., USENIX ATC'23 (kubernetes-scheduler-simulator, dot_product_score.go, sizes divided by
 * the greatest agent); Tetris itself (Grandl et al., SIGCOMM'14) prefers the greater.
 */
import type { FitnessCalculator } from '@stowage/core';
import { type GpuScale, gpuScale } from './gpu-scale.ts';
import { demandedUnits, freeUnits } from '../slot-sums.ts';

/**
 * ⌊100 · (1 − ½ (CPU free · CPU asked / maxCpu² + GPU free · GPU asked / maxGpu²))⌋, before the task is placed.
 * From 0 to 100. Slots: the tightest that fit. O(slots) per agent.
 * @throws StowageError INVALID_PLUGIN
 * @public
 */
export function gpuDotProduct(options: GpuScale = {}): FitnessCalculator {
  const { cpu, gpu, maxCpu, maxGpu } = gpuScale('gpuDotProduct', options);
  return {
    name: 'GPU dot product',
    key: JSON.stringify(['gpuDotProduct', cpu, gpu, maxCpu, maxGpu]),
    dependsOn: 'agent',
    range: [0, 100],
    bind(cluster, task) {
      const cpuFree = cluster.free(cpu);
      const slots = cluster.slots(gpu);
      const cpuAsked = task.demand(cpu) / maxCpu;
      const request = task.slotDemand(gpu);
      return {
        scoreInto(rows, count, scores) {
          for (let i = 0; i < count; i++) {
            const row = rows[i];
            const gpuAsked = demandedUnits(slots, row, request) / maxGpu;
            // The published order of operations: another one rounds to another integer now and then.
            const product = (cpuFree[row] / maxCpu) * cpuAsked + (freeUnits(slots, row) / maxGpu) * gpuAsked;
            scores[i] = Math.max(0, Math.trunc(100 * (1 - product / 2)));
          }
        },
      };
    },
  };
}
