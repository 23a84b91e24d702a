/**
 * Sets of non-negative integers as canonical ranges: inclusive, ascending, disjoint, not adjacent. Every function
 * takes and returns canonical ranges and changes none; costs are linear in the number of ranges, never in the
 * number of values.
 */
import { show } from '../support/show.ts';
import { failOffer } from './offer-errors.ts';
import type { ValueAlgebra } from './value-algebra.ts';

/** `[begin, end]`, both inclusive. @public */
export type Range = readonly [begin: number, end: number];

/** @public */
export type Ranges = readonly Range[];

/**
 * Sorts and merges ranges as given.
 * @throws StowageError INVALID_OFFER unless every range is two safe integers with 0 ≤ begin ≤ end
 */
export function canonicalRanges(given: unknown, what: string): Ranges {
  if (!Array.isArray(given)) failOffer('INVALID_OFFER', `${what} is ${show(given)}; give a list of ranges.`);
  const ranges = (given as readonly unknown[]).map((range): Range => {
    const [begin, end, ...rest] = Array.isArray(range) ? (range as unknown[]) : [];
    if (!isValue(begin) || !isValue(end) || begin > end || rest.length > 0) {
      failOffer(
        'INVALID_OFFER',
        `${what} has the range ${show(range)}; give [begin, end] with integers, 0 ≤ begin ≤ end ≤ 2^53 - 1.`,
      );
    }
    return [begin, end];
  });
  return merged(ranges);
}

/** Single values as ranges. @throws StowageError INVALID_OFFER for a repeated value or one that is no safe integer */
export function rangesOfValues(values: readonly unknown[], what: string): Ranges {
  const ranges = canonicalRanges(
    values.map((value) => [value, value]),
    what,
  );
  if (rangeAlgebra.count(ranges) !== values.length)
    failOffer('INVALID_OFFER', `${what} has ${show(values)}; give every value once.`);
  return ranges;
}

/** The single values, ascending. O(values). */
export function valuesOfRanges(ranges: Ranges): number[] {
  return ranges.flatMap(([begin, end]) => Array.from({ length: end - begin + 1 }, (_, i) => begin + i));
}

export const rangeAlgebra: ValueAlgebra<Ranges> = {
  none: [],
  canonical: canonicalRanges,
  union: (a, b) => merged([...a, ...b]),
  without,
  common: (a, b) => without(a, without(a, b)),
  count: (ranges) => ranges.reduce((sum, [begin, end]) => sum + (end - begin + 1), 0),
  lowest(ranges, count) {
    const taken: Range[] = [];
    for (const [begin, end] of ranges) {
      if (count <= 0) break;
      const last = Math.min(end, begin + count - 1);
      taken.push([begin, last]);
      count -= last - begin + 1;
    }
    return taken;
  },
};

function isValue(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function merged(ranges: Range[]): Ranges {
  ranges.sort((a, b) => a[0] - b[0]);
  const result: [number, number][] = [];
  for (const [begin, end] of ranges) {
    const last = result.at(-1);
    if (last !== undefined && begin <= last[1] + 1) last[1] = Math.max(last[1], end);
    else result.push([begin, end]);
  }
  return result;
}

function without(from: Ranges, removed: Ranges): Ranges {
  const result: Range[] = [];
  let next = 0;
  for (const [begin, end] of from) {
    while (next < removed.length && removed[next][1] < begin) next++;
    let start = begin;
    for (let i = next; i < removed.length && removed[i][0] <= end; i++) {
      if (removed[i][0] > start) result.push([start, removed[i][0] - 1]);
      start = removed[i][1] + 1;
    }
    if (start <= end) result.push([start, end]);
  }
  return result;
}
