/**
 * Decimals outside, integers inside. A quantity such as 0.25 cores becomes 250 milli-cores, exactly or not at
 * all: the decimal is accepted when it is the double nearest to `units / unitsPerWhole`, which holds for every
 * decimal literal that denotes a whole number of units and for nothing else.
 */
import { fail } from '../errors.ts';
import { show } from '../support/show.ts';

/**
 * The largest number of units of one resource on one agent or in one request: 2^31 - 1, the range of an
 * `Int32Array`, so that `free - needed` never leaves 32 bits.
 * @public
 */
export const MAX_UNITS = 0x7fffffff;

/**
 * Converts a decimal quantity to integer units.
 *
 * @param value - non-negative finite decimal, for example cores
 * @param unitsPerWhole - units in 1.0, for example 1000
 * @param what - names the quantity in error messages
 * @throws StowageError INVALID_QUANTITY, FRACTIONAL_QUANTITY, QUANTITY_OVERFLOW
 */
export function toUnits(value: number, unitsPerWhole: number, what: string): number {
  const exact = exactUnits(value, unitsPerWhole);
  if (exact >= 0) return exact;
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) {
    fail('INVALID_QUANTITY', `${what} is ${show(value)}; give a finite number that is not negative.`);
  }
  const units = Math.round(value * unitsPerWhole);
  if (units > MAX_UNITS) {
    fail(
      'QUANTITY_OVERFLOW',
      `${what} is ${value}; the largest is ${MAX_UNITS / unitsPerWhole}. Define the resource with a coarser unit.`,
    );
  }
  return fail('FRACTIONAL_QUANTITY', `${what} is ${value}; round it to a multiple of 1/${unitsPerWhole}.`);
}

/** As `toUnits`, -1 for what that refuses. */
export function exactUnits(value: number, unitsPerWhole: number): number {
  if (typeof value !== 'number') return -1;
  const units = Math.round(value * unitsPerWhole);
  return units >= 0 && units <= MAX_UNITS && units / unitsPerWhole === value ? units : -1;
}
