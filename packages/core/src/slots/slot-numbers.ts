/**
 * Slots as users write them, a list of numbers, and as the engine keeps them, a bit mask.
 */
import { fail } from '../errors.ts';
import { show } from '../support/show.ts';
import { MAX_SLOTS } from './slot-table.ts';

/** Ascending slot numbers of a mask. */
export function slotNumbers(mask: number): number[] {
  const slots: number[] = [];
  for (let rest = mask; rest !== 0; rest &= rest - 1) slots.push(31 - Math.clz32(rest & -rest));
  return slots;
}

/** The mask of a list of different slot numbers. @throws StowageError INVALID_SPEC */
export function slotMask(slots: readonly number[], set: string): number {
  const given: unknown = slots;
  const isSlot = (slot: unknown) =>
    Number.isInteger(slot) && (slot as number) >= 0 && (slot as number) < MAX_SLOTS;
  if (!Array.isArray(given) || !given.every(isSlot) || new Set(given).size !== given.length)
    fail(
      'INVALID_SPEC',
      `the ${set} slots are ${show(given)}; give different numbers from 0 to ${MAX_SLOTS - 1}.`,
    );
  return slots.reduce((mask, slot) => mask | (1 << slot), 0);
}
