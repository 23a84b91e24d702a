import fc from 'fast-check';
import { expect, test } from 'vitest';
import { packVectors } from '../src/batch/pack-vectors.ts';
import type { PackingProblem } from '../src/batch/packing-problem.ts';

const problemArbitrary: fc.Arbitrary<Required<PackingProblem>> = fc
  .record({
    dimensions: fc.integer({ min: 1, max: 3 }),
    items: fc.nat(7),
    bins: fc.integer({ min: 1, max: 4 }),
  })
  .chain(({ dimensions, items, bins }) =>
    fc.record({
      dimensions: fc.constant(dimensions),
      demands: rows(items * dimensions, 6),
      free: rows(bins * dimensions, 12),
      used: fc.array(fc.boolean(), { minLength: bins, maxLength: bins }),
    }),
  );

function rows(length: number, max: number): fc.Arbitrary<number[]> {
  return fc.array(fc.nat(max), { minLength: length, maxLength: length });
}

/** Most items, then fewest opened bins, of all packings there are. */
function bestOf({
  dimensions,
  demands,
  free,
  used,
}: Required<PackingProblem>): [placed: number, opened: number] {
  const items = demands.length / dimensions;
  const bins = free.length / dimensions;
  const left = Array.from(free);
  const lying = Array<number>(bins).fill(0);
  let best: [number, number] = [-1, 0];
  const place = (item: number, placed: number): void => {
    if (item === items) {
      const opened = lying.filter((count, bin) => count > 0 && !used[bin]).length;
      if (placed > best[0] || (placed === best[0] && opened < best[1])) best = [placed, opened];
      return;
    }
    place(item + 1, placed);
    for (let bin = 0; bin < bins; bin++) {
      const move = (sign: number): void => {
        for (let k = 0; k < dimensions; k++)
          left[bin * dimensions + k] += sign * demands[item * dimensions + k];
        lying[bin] -= sign;
      };
      move(-1);
      if (left.every((room) => room >= 0)) place(item + 1, placed + 1);
      move(1);
    }
  };
  place(0, 0);
  return best;
}

test('a packing keeps to the capacities and says what it is', () => {
  fc.assert(
    fc.property(problemArbitrary, fc.integer({ min: 0, max: 5000 }), (problem, maxSteps) => {
      const { dimensions, demands, free, used } = problem;
      const { binOf, placed, opened, steps } = packVectors(problem, { maxSteps });
      const left = Array.from(free);
      binOf.forEach((bin, item) => {
        if (bin < 0) return;
        for (let k = 0; k < dimensions; k++) left[bin * dimensions + k] -= demands[item * dimensions + k];
      });
      expect(Math.min(...left)).toBeGreaterThanOrEqual(0);
      expect(binOf.filter((bin) => bin >= 0)).toHaveLength(placed);
      expect(new Set(binOf.filter((bin) => bin >= 0 && !used[bin])).size).toBe(opened);
      expect(steps).toBeLessThan(maxSteps + 20_000);
    }),
  );
});

test('of a thousand small problems, fewer than one in a hundred are packed worse than by trying everything', () => {
  let worse = 0;
  let runs = 0;
  fc.assert(
    fc.property(problemArbitrary, (problem) => {
      const [placed, opened] = bestOf(problem);
      const found = packVectors(problem);
      expect(found.placed).toBeLessThanOrEqual(placed);
      if (found.placed === placed) expect(found.opened).toBeGreaterThanOrEqual(opened);
      runs++;
      if (found.placed < placed || found.opened > opened) worse++;
    }),
    { numRuns: 1000, seed: 1 },
  );
  expect(worse / runs).toBeLessThan(0.01);
});
