/**
 * What policies read off the slots of one agent, as plain loops over the columns.
 */
import { type SlotColumns, type TaskClassView, WHOLE_SLOT } from '@stowage/core';

/** Free units of all slots of a row together. O(slots). */
export function freeUnits({ unitsFree, slotCount, maxSlots }: SlotColumns, row: number): number {
  let sum = 0;
  for (let at = row * maxSlots, end = at + slotCount[row]; at < end; at++) sum += unitsFree[at];
  return sum;
}

/** Units that a task takes from all slots of a row together; 0 when it asks for none. */
export function demandedUnits(slots: SlotColumns, row: number, request: SlotRequest | undefined): number {
  return request === undefined ? 0 : request.slots * unitsEach(slots, row, request);
}

/** A request on one resource set; `units` may be `WHOLE_SLOT`. */
export type SlotRequest = NonNullable<ReturnType<TaskClassView['slotDemand']>>;

/** Units that a task takes from each of its slots. */
export function unitsEach({ unitsPerSlot }: SlotColumns, row: number, { units }: SlotRequest): number {
  return units === WHOLE_SLOT ? unitsPerSlot[row] : units;
}

/**
 * The slots with the least free units that have enough, lowest number first, as a bit mask: what the engine
 * takes when a policy does not choose. The row must be feasible. O(slots · request.slots).
 */
export function tightestSlots(slots: SlotColumns, row: number, request: SlotRequest): number {
  const { unitsFree, slotCount, maxSlots } = slots;
  const units = unitsEach(slots, row, request);
  const base = row * maxSlots;
  let mask = 0;
  for (let taken = 0; taken < request.slots; taken++) {
    let best = -1;
    for (let slot = 0; slot < slotCount[row]; slot++) {
      const left = unitsFree[base + slot];
      if (left < units || ((mask >>> slot) & 1) !== 0) continue;
      if (best < 0 || left < unitsFree[base + best]) best = slot;
    }
    mask |= 1 << best;
  }
  return mask;
}
