/**
 * Instances of vector bin packing: items that ask for something in every dimension, and as many equal bins as it takes.
 * The file format is VBP: number of dimensions, capacities, number of items, and a line of sizes and a count per item.
 */
import { fail } from '../../errors.ts';

/** @public */
export interface VectorInstance {
  /** Such as `class1_20_3_0`: class, items, dimensions, number. */
  readonly name: string;
  /** Of every bin, by dimension. */
  readonly capacity: readonly number[];
  /** Sizes by dimension of every item, in the order of arrival. */
  readonly items: readonly (readonly number[])[];
}

/**
 * Reads an instance; its items are in the order of the file. A few sizes of the Triplet instances are below 0, which no
 * task can ask for: they are read as 0, which makes an instance harder and never easier.
 * @param where - names the file in error messages
 * @throws StowageError MALFORMED_TRACE
 */
export function parseVectorInstance(name: string, text: string, where: string): VectorInstance {
  const numbers = text.trim().split(/\s+/).map(Number);
  let at = 0;
  const next = (what: string, min: number): number => {
    const value = numbers[at++] ?? NaN;
    if (Number.isSafeInteger(value) && value >= min) return value;
    return fail(
      'MALFORMED_TRACE',
      `${where}: number ${at}, ${what}, is ${value}; it must be an integer from ${min}. Copy the archive again.`,
    );
  };
  const row = (length: number, what: string, min: number): number[] =>
    Array.from({ length }, () => next(what, min));
  const dimensions = next('the dimensions', 1);
  const capacity = row(dimensions, 'a capacity', 1);
  const items = Array.from({ length: next('the number of items', 1) }, () => {
    const sizes = row(dimensions, 'a size', -Infinity);
    if (next('the count of an item', 1) !== 1)
      fail('MALFORMED_TRACE', `${where}: number ${at}: items come one by one.`);
    const tooLarge = sizes.findIndex((size, k) => size > capacity[k]);
    if (tooLarge >= 0)
      fail(
        'MALFORMED_TRACE',
        `${where}: an item of ${sizes[tooLarge]} fits no bin of ${capacity[tooLarge]}.`,
      );
    return sizes.map((size) => Math.max(0, size));
  });
  if (at !== numbers.length)
    fail('MALFORMED_TRACE', `${where}: goes on after its last item; copy the archive again.`);
  return { name, capacity, items };
}
