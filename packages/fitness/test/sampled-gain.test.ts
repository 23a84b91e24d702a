import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SampledGain } from '../src/expected-waste/sampled-gain.ts';

const OFFERS = 16;

type Shape = readonly number[];

/** The greatest u with u ≤ λ Σ max(0, value − u), by halving: what the formula says, and nothing clever. */
function waited(values: readonly number[], rate: number): number {
  let low = 0;
  let high = Math.max(0, ...values);
  for (let i = 0; i < 200; i++) {
    const middle = (low + high) / 2;
    const offered = rate * values.reduce((sum, value) => sum + Math.max(0, value - middle), 0);
    if (middle < offered) low = middle;
    else high = middle;
  }
  return low;
}

function expectedGain(gap: Shape, shapes: readonly Shape[], totals: Shape): number {
  const rate = OFFERS / Math.max(1, shapes.length);
  const sizeOf = (shape: Shape): number => shape.reduce((sum, units, k) => sum + units / totals[k], 0);
  const fitting = (room: Shape): Shape[] =>
    shapes.filter((shape) => shape.every((units, k) => units <= room[k]));
  const once = (room: Shape): number => waited(fitting(room).map(sizeOf), rate);
  const twice = fitting(gap).map((shape) => sizeOf(shape) + once(gap.map((units, k) => units - shape[k])));
  return waited(twice, rate);
}

const caseArbitrary = fc
  .array(fc.integer({ min: 1, max: 2_000 }), { minLength: 1, maxLength: 4 })
  .chain((totals) => {
    const shape = fc.tuple(...totals.map((total) => fc.integer({ min: 0, max: total })));
    // Shapes that fit no agent are seen as well.
    const larger = fc.tuple(...totals.map((total) => fc.integer({ min: 0, max: 2 * total })));
    return fc.record({
      totals: fc.constant(totals),
      shapes: fc.array(fc.oneof(shape, larger), { maxLength: 64 }),
      gaps: fc.array(shape, { minLength: 1, maxLength: 5 }),
    });
  });

describe('SampledGain', () => {
  test('is the value of optimal stopping with two tasks to come', () => {
    fc.assert(
      fc.property(caseArbitrary, ({ totals, shapes, gaps }) => {
        const gain = new SampledGain(
          shapes.map((shape) => Int32Array.from(shape)),
          Int32Array.from(totals),
        );
        for (const gap of gaps)
          expect(gain.of(Int32Array.from(gap))).toBeCloseTo(expectedGain(gap, shapes, totals), 9);
      }),
    );
  });

  test('grows with the gap', () => {
    fc.assert(
      fc.property(caseArbitrary, ({ totals, shapes, gaps }) => {
        const gain = new SampledGain(
          shapes.map((shape) => Int32Array.from(shape)),
          Int32Array.from(totals),
        );
        const larger = gaps[0].map((units, k) => Math.max(units, gaps.at(-1)![k]));
        expect(gain.of(Int32Array.from(larger))).toBeGreaterThanOrEqual(
          gain.of(Int32Array.from(gaps[0])) - 1e-12,
        );
      }),
    );
  });

  test('without shapes nothing is to be had', () => {
    expect(new SampledGain([], Int32Array.of(10, 10)).of(Int32Array.of(5, 5))).toBe(0);
  });

  test('a resource that no agent has counts nothing', () => {
    const gain = new SampledGain([Int32Array.of(4, 0)], Int32Array.of(10, 0));
    expect(gain.of(Int32Array.of(4, 0))).toBeCloseTo((OFFERS / (1 + OFFERS)) * 0.4, 12);
  });
});
