import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PairCounts } from '../src/counts/pair-counts.ts';

test('counts like a map of maps under random additions and removals', () => {
  const step = fc.record({
    add: fc.boolean(),
    first: fc.integer({ min: 0, max: 12 }),
    second: fc.integer({ min: -3, max: 60 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 600 }), (steps) => {
      const counts = new PairCounts(4);
      const model = new Map<string, number>();
      for (const { add, first, second } of steps) {
        const key = `${first} ${second}`;
        const before = model.get(key) ?? 0;
        if (!add && before === 0) continue;
        if (add) counts.add(first, second);
        else counts.remove(first, second);
        model.set(key, before + (add ? 1 : -1));
      }
      for (let first = 0; first <= 12; first++) {
        for (let second = -3; second <= 60; second++) {
          expect(counts.get(first, second)).toBe(model.get(`${first} ${second}`) ?? 0);
        }
      }
    }),
    { numRuns: 200 },
  );
});

test('equality ignores the history', () => {
  const a = new PairCounts();
  const b = new PairCounts();
  for (let i = 0; i < 100; i++) a.add(i, i);
  for (let i = 99; i >= 0; i--) b.add(i, i);
  expect(a.equals(b)).toBe(true);
  b.remove(5, 5);
  expect(a.equals(b)).toBe(false);
  b.add(5, 6);
  expect(a.equals(b)).toBe(false);
});
