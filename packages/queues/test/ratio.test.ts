import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareRatios, compareShares, dominantRatio, type Ratio, shareOf } from '../src/ratio.ts';

const sign = (difference: bigint): number => (difference < 0n ? -1 : difference > 0n ? 1 : 0);

/** Cross-multiplied, nothing rounded. */
function exactly(a: readonly number[], b: readonly number[]): number {
  const product = (factors: readonly number[]): bigint =>
    factors.reduce((result, factor) => result * BigInt(factor), 1n);
  return sign(product(a) - product(b));
}

const units = fc.oneof(fc.nat({ max: 20 }), fc.nat({ max: 2 ** 31 - 1 }), fc.maxSafeNat());
const total = fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 2 ** 51 }));
const ratio: fc.Arbitrary<Ratio> = fc.record({ numerator: units, denominator: total });
const weight: fc.Arbitrary<Ratio> = fc.oneof(
  fc.record({ numerator: fc.integer({ min: 1, max: 1e12 }), denominator: fc.constant(1e6) }),
  fc.record({ numerator: total, denominator: total }),
);
const bits = fc.integer({ min: 0, max: 8 });

describe('compareRatios and compareShares', () => {
  it('are exact for any integers', () => {
    fc.assert(
      fc.property(ratio, ratio, weight, weight, (a, b, v, w) => {
        expect(compareRatios(a, b)).toBe(exactly([a.numerator, b.denominator], [b.numerator, a.denominator]));
        expect(compareShares(shareOf(a, v), shareOf(b, w))).toBe(
          exactly(
            [a.numerator, v.denominator, b.denominator, w.numerator],
            [b.numerator, w.denominator, a.denominator, v.numerator],
          ),
        );
      }),
      { numRuns: 3000 },
    );
  });

  it('tell equal values from neighbours that doubles cannot tell apart', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2 ** 20 }),
        fc.integer({ min: 2 ** 30, max: 2 ** 43 }),
        bits,
        (factor, large, shift) => {
          const a = { numerator: large - 1, denominator: large };
          const same = { numerator: (large - 1) * 2 ** shift, denominator: large * 2 ** shift };
          const next = { numerator: large, denominator: large + 1 };
          expect(compareRatios(a, same)).toBe(0);
          expect(compareRatios(a, next)).toBe(-1);
          expect(compareRatios(next, a)).toBe(1);
          const scaled = { numerator: factor, denominator: 1000 };
          expect(compareShares(shareOf(a, scaled), shareOf(same, scaled))).toBe(0);
          expect(compareShares(shareOf(a, scaled), shareOf(next, scaled))).toBe(-1);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('take n times the share at n times the weight for the same, where doubles often do not', () => {
    const small = fc.integer({ min: 1, max: 1000 });
    let different = 0;
    fc.assert(
      fc.property(small, small, small, small, fc.integer({ min: 2, max: 9 }), (used, of, weighs, per, n) => {
        const one = shareOf({ numerator: used, denominator: of }, { numerator: weighs, denominator: per });
        const more = shareOf(
          { numerator: n * used, denominator: of },
          { numerator: n * weighs, denominator: per },
        );
        different += Number(one.approximate !== more.approximate);
        expect(compareShares(one, more)).toBe(0);
      }),
      { numRuns: 1000 },
    );
    expect(different).toBeGreaterThan(100);
  });
});

describe('dominantRatio', () => {
  it('is the greatest used/total; unbounded totals do not count, a total of 0 counts as one unit', () => {
    const dominant = (used: number[], totals: number[]): Ratio =>
      dominantRatio(Float64Array.from(used), Float64Array.from(totals));
    expect(dominant([1, 2, 3], [10, 10, 40])).toEqual({ numerator: 2, denominator: 10 });
    expect(dominant([1, 9], [10, Infinity])).toEqual({ numerator: 1, denominator: 10 });
    expect(dominant([1, 3], [10, 0])).toEqual({ numerator: 3, denominator: 1 });
    expect(dominant([0, 0], [0, 5]).numerator).toBe(0);
  });
});
