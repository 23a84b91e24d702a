/**
 * Amounts of resources as integer units in `Float64Array`s by resource index. What one task asks for is at most
 * 2^31 - 1 units of a resource; a queue holds at most 2^21 tasks and a bound is at most 2^51 units, so every sum of
 * uses and guarantees stays below 2^53 and is exact. In bounds, Infinity stands for "not bounded".
 */
import type { ResourceSchema } from '@stowage/core';
import { record } from './checks.ts';
import { fail } from './errors.ts';

/** Decimals by scalar resource, such as `{ cpu: 0.5, memory: 1024 }`. @public */
export type Amounts = Readonly<Record<string, number>>;

/** The most tasks that a queue holds. @public */
export const MAX_QUEUE_TASKS: number = 2 ** 21;

/** The greatest bound in units; the sum of guarantees in a tier is held below it too. */
export const MAX_BOUND_UNITS: number = 2 ** 51;

/**
 * What a task asks for.
 * @param words - names the amounts of somebody in error messages, which are made only when there is an error
 * @throws StowageError INVALID_SPEC, UNKNOWN_RESOURCE and those of quantities
 */
export function taskUnits(
  schema: ResourceSchema,
  amounts: Amounts,
  words: (name: string) => string,
  name: string,
): Float64Array {
  try {
    return schema.scalarUnits(record<Amounts>(amounts, name), name);
  } catch {
    // Refused once more, in the right words.
    const what = words(name);
    return schema.scalarUnits(record<Amounts>(amounts, what), what);
  }
}

/**
 * A capacity, guarantee or limit. Amounts of more than 2^31 - 1 units must be whole numbers (cores, MiB).
 * @param absent - for resources that are not named
 * @throws StowageError as `taskUnits`
 */
export function boundUnits(
  schema: ResourceSchema,
  amounts: Amounts,
  what: string,
  absent: number,
): Float64Array {
  const units = new Float64Array(schema.scalars.length).fill(absent);
  for (const [name, amount] of Object.entries(record<Amounts>(amounts, what))) {
    const { index, unitsPerWhole } = schema.scalar(name);
    const whole = Number.isInteger(amount) && amount >= 0;
    units[index] = whole ? amount * unitsPerWhole : schema.scalarUnits({ [name]: amount }, what)[index];
    requireBound(units[index], `${what} ${name}`);
  }
  return units;
}

/** @throws StowageError QUANTITY_OVERFLOW above 2^51 units */
export function requireBound(units: number, what: string): void {
  if (isAboveBounds(units))
    fail('QUANTITY_OVERFLOW', `${what} is above 2^51 units; define the resource with a coarser unit.`);
}

/** Whether it is more than `requireBound` lets pass. */
export function isAboveBounds(units: number): boolean {
  return units > MAX_BOUND_UNITS && units !== Infinity;
}

/** Decimals by resource, without those that have `absent` units. */
export function decimals(
  schema: ResourceSchema,
  units: Float64Array,
  absent: number,
): Record<string, number> {
  const present = schema.scalars.filter(({ index }) => units[index] !== absent);
  return Object.fromEntries(
    present.map(({ name, index, unitsPerWhole }) => [name, units[index] / unitsPerWhole]),
  );
}

/** The first resource that is asked for and would go above its bound; -1 when there is none. */
export function firstAbove(used: Float64Array, asked: Float64Array, bound: Float64Array): number {
  for (let r = 0; r < asked.length; r++) {
    if (asked[r] > 0 && used[r] + asked[r] > bound[r]) return r;
  }
  return -1;
}

export function add(sum: Float64Array, units: Float64Array): void {
  for (let r = 0; r < units.length; r++) sum[r] += units[r];
}

export function subtract(sum: Float64Array, units: Float64Array): void {
  for (let r = 0; r < units.length; r++) sum[r] -= units[r];
}

export function equalUnits(a: Float64Array, b: Float64Array): boolean {
  for (let r = 0; r < a.length; r++) if (a[r] !== b[r]) return false;
  return true;
}
