import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ArrivalHistory } from '../src/expected-waste/arrival-history.ts';
import { LevelWaste } from '../src/expected-waste/level-waste.ts';

const LEVELS = 20;

/** Waste by gap of one more agent, after some arrivals of these sizes in turn. */
function wasteAfter(
  sizes: readonly number[],
  arrivals: number,
  inUse: Readonly<Record<number, number>> = {},
): number[] {
  const history = new ArrivalHistory(['units']);
  const counts = new Int32Array(LEVELS + 1);
  for (const [gap, count] of Object.entries(inUse)) counts[Number(gap)] = count;
  const waste = new LevelWaste(LEVELS);
  for (let i = 0; i < arrivals; i++) {
    history.observe([sizes[i % sizes.length]]);
    waste.learn(history, counts);
  }
  return Array.from({ length: LEVELS }, (_, gap) => waste.ofAdded(gap, counts));
}

describe('LevelWaste', () => {
  test('before anything was seen all of a gap is wasted', () => {
    expect(wasteAfter([], 0)).toEqual(Array.from({ length: LEVELS }, (_, gap) => gap));
  });

  test('gaps below the smallest demand are lost, gaps of its size are not', () => {
    const waste = wasteAfter([7, 9], 100);
    expect(waste.slice(0, 7)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(waste[7]).toBeLessThan(1);
    expect(waste[9]).toBeLessThan(1);
    expect(waste[8]).toBeLessThan(2);
  });

  test('sums of demands are as good as demands', () => {
    const waste = wasteAfter([7, 9], 100);
    expect(waste[16]).toBeLessThan(1);
    expect(waste[16]).toBeLessThan(waste[13]);
  });

  test('the more agents have a gap, the less one more of them is worth', () => {
    const [none, some, many] = [0, 5, 400].map((count) => wasteAfter([7, 9], 100, { 7: count })[7]);
    expect(some).toBeGreaterThanOrEqual(none);
    expect(many).toBeGreaterThan(some);
    expect(many).toBeGreaterThan(1);
  });

  test('a rare demand is waited for less confidently than a frequent one', () => {
    const waste = wasteAfter([...Array.from({ length: 99 }, () => 13), 8], 300, { 8: 4 });
    const often = wasteAfter([13, 8], 300, { 8: 4 });
    expect(waste[8]).toBeGreaterThan(often[8]);
  });

  test('agents that came since the last lesson count at once', () => {
    const history = new ArrivalHistory(['units']);
    for (let i = 0; i < 200; i++) history.observe([i % 2 === 0 ? 7 : 9]);
    const counts = new Int32Array(LEVELS + 1);
    counts[7] = 300;
    const waste = new LevelWaste(LEVELS);
    waste.learn(history, counts);
    const before = waste.ofAdded(7, counts);
    counts[7] = 310;
    expect(waste.ofAdded(7, counts)).toBeGreaterThan(before);
  });

  test('is between nothing and the gap, and all of a gap into which nothing fits', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: LEVELS + 5 }), { minLength: 1, maxLength: 60 }),
        fc.array(fc.integer({ min: 0, max: 9 }), { minLength: LEVELS + 1, maxLength: LEVELS + 1 }),
        (sizes, inUse) => {
          const history = new ArrivalHistory(['units']);
          const waste = new LevelWaste(LEVELS);
          const counts = Int32Array.from(inUse);
          for (const size of sizes) {
            history.observe([size]);
            waste.learn(history, counts);
          }
          const smallest = Math.min(...sizes.filter((size) => size > 0));
          for (let gap = 0; gap <= LEVELS; gap++) {
            for (const value of [waste.ofAdded(gap, counts), waste.ofLast(gap, counts)]) {
              if (gap < smallest) expect(value).toBe(gap);
              expect(value).toBeGreaterThanOrEqual(0);
              expect(value).toBeLessThanOrEqual(gap);
            }
          }
        },
      ),
    );
  });
});
