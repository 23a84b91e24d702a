/**
 * Free units of the slots of one agent in ascending order, in which the tightest slots that fit a demand are the first
 * ones that fit, and agents whose slots differ in nothing but their numbers are equal.
 */
import type { SlotColumns } from '@stowage/core';

/** Copies the slots of a row, sorted; returns their number. O(slots²), O(slots) when they are nearly sorted. */
export function sortSlots(
  { unitsFree, slotCount, maxSlots }: SlotColumns,
  row: number,
  sorted: Int32Array,
): number {
  const count = slotCount[row];
  for (let slot = 0; slot < count; slot++) {
    sorted[slot] = unitsFree[row * maxSlots + slot];
    settle(sorted, slot);
  }
  return count;
}

/** Whether as many as `slots` slots have enough units. O(1). */
export function fits(sorted: Int32Array, count: number, slots: number, units: number): boolean {
  return slots <= count && sorted[count - slots] >= units;
}

/** Position of the tightest slot that has enough units; one must have. O(slots of the agent). */
export function tightestAt(sorted: Int32Array, units: number): number {
  let at = 0;
  while (sorted[at] < units) at++;
  return at;
}

/** Takes units from each of `slots` slots beginning at a position, and sorts again. O(slots of the agent · slots). */
export function takeSlots(sorted: Int32Array, at: number, slots: number, units: number): void {
  for (let i = at; i < at + slots; i++) {
    sorted[i] -= units;
    settle(sorted, i);
  }
}

/** Moves the number at a position down to where it belongs; what lies above stays. */
function settle(sorted: Int32Array, at: number): void {
  const value = sorted[at];
  let to = at;
  for (; to > 0 && sorted[to - 1] > value; to--) sorted[to] = sorted[to - 1];
  sorted[to] = value;
}
