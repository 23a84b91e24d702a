/** Ranges and items against sets of single values. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalItems, itemAlgebra } from '../../src/offers/items.ts';
import { canonicalRanges, rangeAlgebra, rangesOfValues, valuesOfRanges } from '../../src/offers/ranges.ts';

const rangesArbitrary = fc.array(
  fc.tuple(fc.nat(40), fc.nat(6)).map(([begin, length]) => [begin, begin + length]),
  { maxLength: 6 },
);
const itemsArbitrary = fc.array(fc.constantFrom('a', 'b', 'ba', 'c', 'é', 'Z'), { maxLength: 8 });

/** The values in a straightforward way. */
function expand(ranges: readonly (readonly number[])[]): Set<number> {
  const values = new Set<number>();
  for (const [begin, end] of ranges) for (let value = begin; value <= end; value++) values.add(value);
  return values;
}

const ascending = (values: Iterable<number>): number[] => [...values].sort((a, b) => a - b);

describe('ranges', () => {
  test('are canonical: ascending, disjoint, not adjacent, and the same values as before', () => {
    fc.assert(
      fc.property(rangesArbitrary, (given) => {
        const ranges = canonicalRanges(given, 'ports');
        ranges.forEach(([begin, end], i) => {
          expect(begin).toBeLessThanOrEqual(end);
          if (i > 0) expect(begin).toBeGreaterThan(ranges[i - 1][1] + 1);
        });
        expect(valuesOfRanges(ranges)).toEqual(ascending(expand(given)));
      }),
      { numRuns: 500 },
    );
  });

  test('unite, subtract, intersect, count and give the lowest as sets do', () => {
    fc.assert(
      fc.property(rangesArbitrary, rangesArbitrary, fc.nat(30), (first, second, count) => {
        const [a, b] = [canonicalRanges(first, 'a'), canonicalRanges(second, 'b')];
        const [setA, setB] = [expand(first), expand(second)];
        expect(expand(rangeAlgebra.union(a, b))).toEqual(new Set(ascending([...setA, ...setB])));
        const without = rangeAlgebra.without(a, b);
        expect(valuesOfRanges(without)).toEqual(ascending([...setA].filter((value) => !setB.has(value))));
        expect(without).toEqual(canonicalRanges(without, 'without'));
        expect(valuesOfRanges(rangeAlgebra.common(a, b))).toEqual(
          ascending([...setA].filter((value) => setB.has(value))),
        );
        expect(rangeAlgebra.count(a)).toBe(setA.size);
        expect(valuesOfRanges(rangeAlgebra.lowest(a, count))).toEqual(ascending(setA).slice(0, count));
      }),
      { numRuns: 500 },
    );
  });

  test('cost no memory for what they contain, up to the largest safe integers', () => {
    const all = canonicalRanges([[0, Number.MAX_SAFE_INTEGER]], 'all');
    const top = [[Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER]] as const;
    expect(rangeAlgebra.count(all)).toBe(2 ** 53);
    expect(rangeAlgebra.without(all, top)).toEqual([[0, Number.MAX_SAFE_INTEGER - 1]]);
    expect(rangeAlgebra.union(rangeAlgebra.without(all, top), top)).toEqual(all);
    expect(rangeAlgebra.lowest(top, 5)).toEqual(top);
    expect(rangeAlgebra.lowest(all, 0)).toEqual([]);
  });

  test.each([
    ['begin > end', [[5, 4]]],
    ['negative', [[-1, 4]]],
    ['a fraction', [[1.5, 4]]],
    ['NaN', [[Number.NaN, 4]]],
    ['infinite', [[0, Infinity]]],
    ['too large', [[0, 2 ** 53]]],
    ['texts', [['1', '4']]],
    ['one number', [[4]]],
    ['three numbers', [[1, 2, 3]]],
    ['no list', [7]],
    ['null', [null]],
    ['an object', { begin: 1, end: 2 }],
    ['nothing', undefined],
  ])('are refused: %s', (_, given) => {
    expect(() => canonicalRanges(given, 'ports')).toThrow('INVALID_OFFER: ports');
  });

  test('single values come once each', () => {
    expect(rangesOfValues([7, 5, 6, 9], 'ports')).toEqual([
      [5, 7],
      [9, 9],
    ]);
    expect(() => rangesOfValues([7, 7], 'ports')).toThrow('every value once');
  });
});

describe('items', () => {
  test('unite, subtract, intersect, count and give the lowest as sets do', () => {
    fc.assert(
      fc.property(itemsArbitrary, itemsArbitrary, fc.nat(8), (first, second, count) => {
        const [a, b] = [canonicalItems(first, 'a'), canonicalItems(second, 'b')];
        const [setA, setB] = [new Set(first), new Set(second)];
        expect(a).toEqual([...setA].sort());
        expect(itemAlgebra.union(a, b)).toEqual([...new Set([...first, ...second])].sort());
        expect(itemAlgebra.without(a, b)).toEqual([...setA].filter((item) => !setB.has(item)).sort());
        expect(itemAlgebra.common(a, b)).toEqual([...setA].filter((item) => setB.has(item)).sort());
        expect(itemAlgebra.count(a)).toBe(setA.size);
        expect(itemAlgebra.lowest(a, count)).toEqual([...setA].sort().slice(0, count));
      }),
      { numRuns: 300 },
    );
  });

  test.each([
    ['text', 'gpu-1'],
    ['a number', [1]],
    ['an empty text', ['']],
    ['nothing', undefined],
  ])('are refused: %s', (_, given) => {
    expect(() => canonicalItems(given, 'devices')).toThrow('INVALID_OFFER: devices');
  });
});
