/**
 * Fenzo's default evaluator of two-level resources (DefaultPreferentialNamedConsumableResourceEvaluator): fill slots
 * that are in use before idle ones, the fuller first.
 */
import type { SlotColumns, SlotFitness } from '@stowage/core';
import { type SlotRequest, unitsEach } from '../slot-sums.ts';

/**
 * Scores a slot in use min(1, (used + needed + 1) / (limit + 1)) and an idle one 0.5 / (limit + 1), the units of the
 * slot being the limit. Slots of one agent have one limit, so numerators suffice.
 * @public
 */
export function fenzoSlots(): SlotFitness {
  return {
    name: "Fenzo's slots",
    bind(cluster, task) {
      const sets = cluster.schema.sets.map(({ name }) => cluster.slots(name));
      const requests = cluster.schema.sets.map(({ name }) => task.slotDemand(name));
      return {
        score: (row, set, slot) => fenzoSlotValue(sets[set], row, slot, requests[set]!),
      };
    },
  };
}

/** Fenzo's value of one slot times 2 (limit + 1). The slot must be able to serve the request. */
export function fenzoSlotValue(slots: SlotColumns, row: number, slot: number, request: SlotRequest): number {
  const at = row * slots.maxSlots + slot;
  if (slots.holders[at] === 0) return 1;
  const limit = slots.unitsPerSlot[row];
  const used = limit - slots.unitsFree[at];
  return 2 * Math.min(limit + 1, used + unitsEach(slots, row, request) + 1);
}
