/**
 * Fills GPUs that are in use first, then idle GPUs of agents in use, then idle agents. One of the baselines of
 * Weng et al., USENIX ATC'23 (kubernetes-scheduler-simulator, gpu_packing_score.go).
 */
import type { FitnessCalculator, SlotColumns } from '@stowage/core';
import type { GpuResources } from './gpu-scale.ts';
import { type SlotRequest, tightestSlots } from '../slot-sums.ts';

/**
 * From 0 to 100; 0 for tasks without GPUs.
 *
 * - Agents whose GPUs are all idle: 33 − their number, at least their number.
 * - Agents on which idle GPUs must be opened: 50 − opened, at least 33.
 * - Agents on which GPUs in use suffice: 100 − a tenth of what is free on those GPUs in %, at least 50.
 *
 * All parts are rounded down. Slots: the tightest that fit. O(slots of the agent · slots asked for) per agent.
 * @public
 */
export function gpuPacking({ gpu = 'gpu' }: Pick<GpuResources, 'gpu'> = {}): FitnessCalculator {
  return {
    name: 'GPU packing',
    key: JSON.stringify(['gpuPacking', gpu]),
    dependsOn: 'agent',
    range: [0, 100],
    bind(cluster, task) {
      const slots = cluster.slots(gpu);
      const request = task.slotDemand(gpu);
      return {
        scoreInto(rows, count, scores) {
          for (let i = 0; i < count; i++)
            scores[i] = request === undefined ? 0 : score(slots, rows[i], request);
        },
      };
    },
  };
}

function score(slots: SlotColumns, row: number, request: SlotRequest): number {
  const { unitsFree, unitsPerSlot, slotCount, maxSlots, idleSlots } = slots;
  const idle = idleSlots[row];
  if (idle === slotCount[row]) return Math.max(33 - idle, idle);
  const taken = tightestSlots(slots, row, request);
  let opened = 0;
  let freePercent = 0;
  for (let slot = 0; slot < slotCount[row]; slot++) {
    if (((taken >>> slot) & 1) === 0) continue;
    const free = unitsFree[row * maxSlots + slot];
    if (free === unitsPerSlot[row]) opened++;
    freePercent += Math.floor((free * 100) / unitsPerSlot[row]);
  }
  return opened > 0 ? Math.max(50 - opened, 33) : Math.max(100 - Math.floor(freePercent / 10), 50);
}
