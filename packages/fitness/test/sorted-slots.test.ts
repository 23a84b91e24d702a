import fc from 'fast-check';
import { expect, test } from 'vitest';
import { tightestAt, fits, sortSlots, takeSlots } from '../src/expected-fill/sorted-slots.ts';
import { gpuEngine, place } from './gpu-cluster.ts';

const ascending = (numbers: readonly number[]): number[] => numbers.toSorted((a, b) => a - b);

test('slots of a row are copied in ascending order', () => {
  const engine = gpuEngine([
    [9_000, 2, 'T4'],
    [9_000, 3, 'T4'],
  ]);
  place(engine, [9_000, 1, 700]);
  place(engine, [1_000, 1, 600]);
  place(engine, [1_000, 1, 900]);
  const sorted = new Int32Array(32);
  expect(sortSlots(engine.cluster.slots('gpu'), 0, sorted)).toBe(2);
  expect([...sorted.subarray(0, 2)]).toEqual([300, 1000]);
  expect(sortSlots(engine.cluster.slots('gpu'), 1, sorted)).toBe(3);
  expect([...sorted.subarray(0, 3)]).toEqual([100, 400, 1000]);
});

test('takes from the tightest slots and stays sorted', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 9 }),
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 1, max: 20 }),
      (free, slots, units) => {
        const sorted = Int32Array.from(ascending(free));
        const fitting = ascending(free.filter((left) => left >= units));
        expect(fits(sorted, free.length, slots, units)).toBe(fitting.length >= slots);
        if (fitting.length < slots) return;
        takeSlots(sorted, tightestAt(sorted, units), slots, units);
        const others = free.filter((left) => left < units);
        const taken = fitting.map((left, i) => (i < slots ? left - units : left));
        expect([...sorted]).toEqual(ascending([...others, ...taken]));
      },
    ),
  );
});
