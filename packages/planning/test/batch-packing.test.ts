import { describe, expect, test } from 'vitest';
import { packVectors } from '../src/batch/pack-vectors.ts';
import { fewestOpened, mostItems } from '../src/batch/packing-bounds.ts';
import { packingModel, type PackingProblem } from '../src/batch/packing-problem.ts';

/** Equal bins of 100 in every dimension. */
function equalBins(demands: readonly (readonly number[])[], bins: number, capacity = 100): PackingProblem {
  const dimensions = demands[0].length;
  return { dimensions, demands: demands.flat(), free: Array<number>(bins * dimensions).fill(capacity) };
}

describe('packVectors', () => {
  test('finds a perfect packing that first fit decreasing misses', () => {
    // 44 + 33 + 23 and 42 + 31 + 27, twice; first fit decreasing takes 44 + 44 and ends with five bins.
    const sizes = [44, 44, 42, 42, 33, 33, 31, 31, 27, 27, 23, 23];
    const { opened, placed } = packVectors(
      equalBins(
        sizes.map((size) => [size]),
        12,
      ),
    );
    expect({ opened, placed }).toEqual({ opened: 4, placed: 12 });
  });

  test('pairs items that are large in different dimensions', () => {
    const items = Array.from({ length: 30 }, (_, i) => (i % 2 === 0 ? [90, 10] : [10, 90]));
    expect(packVectors(equalBins(items, 30)).opened).toBe(15);
  });

  test('solves triplets whose bins must be full to the last unit in every dimension', () => {
    let state = 7;
    const random = (low: number, high: number): number => {
      state = (state * 48271) % 2147483647;
      return low + (state % (high - low + 1));
    };
    const items = Array.from({ length: 40 }, () => {
      const [a, b] = [0, 1].map(() => Array.from({ length: 5 }, () => random(25, 49)));
      return [a, b, a.map((value, k) => 100 - value - b[k])];
    }).flat();
    expect(packVectors(equalBins(items, 120)).opened).toBe(40);
  });

  test('uses bins in use before it opens others', () => {
    const { binOf, opened } = packVectors({
      dimensions: 1,
      demands: [30, 30, 60],
      free: [100, 60, 60],
      used: [false, true, true],
    });
    expect(opened).toBe(0);
    expect(binOf[0]).toBe(binOf[1]);
    expect(new Set(binOf)).toEqual(new Set([1, 2]));
  });

  test('opens large bins rather than many small ones', () => {
    const { opened } = packVectors({ dimensions: 1, demands: [4, 4, 4, 4], free: [4, 4, 4, 4, 16] });
    expect(opened).toBe(1);
  });

  test('places as many items as it can when room is short', () => {
    // Largest first would place 9 and one of the others.
    const { binOf, placed } = packVectors({ dimensions: 1, demands: [9, 5, 5, 5, 5], free: [10, 10] });
    expect(placed).toBe(4);
    expect(binOf[0]).toBe(-1);
  });

  test('leaves out what fits nowhere', () => {
    const { binOf, placed } = packVectors({ dimensions: 2, demands: [1, 9, 2, 2], free: [5, 5, 9, 1] });
    expect([...binOf]).toEqual([-1, 0]);
    expect(placed).toBe(1);
  });

  test('items that ask for nothing open no bin of their own', () => {
    expect(packVectors({ dimensions: 1, demands: [0, 5, 0], free: [1, 9] })).toMatchObject({
      binOf: Int32Array.of(1, 1, 1),
      opened: 1,
    });
    expect([...packVectors({ dimensions: 1, demands: [0], free: [3, 3], used: [0, 1] }).binOf]).toEqual([1]);
    expect([...packVectors({ dimensions: 1, demands: [0], free: [3] }).binOf]).toEqual([0]);
  });

  test('nothing to pack, and nowhere to pack it', () => {
    expect(packVectors({ dimensions: 1, demands: [], free: [1] })).toMatchObject({ placed: 0, opened: 0 });
    expect([...packVectors({ dimensions: 1, demands: [1, 0], free: [] }).binOf]).toEqual([-1, -1]);
  });

  test('many equal small items in one large bin', () => {
    const demands = Array<number>(20_000).fill(1);
    const { placed, opened } = packVectors({ dimensions: 1, demands, free: [15_000, 20_000] });
    expect({ placed, opened }).toEqual({ placed: 20_000, opened: 1 });
  });

  test('amounts in very fine units', () => {
    const unit = 2 ** 40;
    const { opened } = packVectors({
      dimensions: 1,
      demands: [unit, 1, 1, unit],
      free: [unit + 1, unit + 1, unit],
    });
    expect(opened).toBe(2);
  });
});

describe('the budget', () => {
  const problem = equalBins(
    Array.from({ length: 90 }, (_, i) => [1 + ((i * 37) % 61), (i * 53) % 59, (i * 29) % 47]),
    90,
  );

  test('no steps, no packing; few steps, a packing; more steps, never a worse one', () => {
    expect(packVectors(problem, { maxSteps: 0 }).placed).toBe(0);
    const opened = [20_000, 200_000, 2_000_000].map((maxSteps) => packVectors(problem, { maxSteps }).opened);
    expect(opened).toEqual(opened.toSorted((a, b) => b - a));
  });

  test('ends when the time is up', () => {
    let asked = 0;
    const { steps, placed } = packVectors(problem, { maxSteps: Infinity, isTimeUp: () => ++asked > 200 });
    expect(asked).toBeLessThan(205);
    expect(steps).toBeLessThan(205 * 20_000);
    expect(placed).toBe(90);
  });

  test('the same steps and seed give the same packing', () => {
    const options = { maxSteps: 100_000, seed: 5 };
    expect(packVectors(problem, options)).toEqual(packVectors(problem, options));
  });
});

describe('bounds', () => {
  test('as if items could be cut', () => {
    const model = packingModel({
      dimensions: 2,
      demands: [5, 1, 5, 1, 5, 9],
      free: [6, 9, 9, 1],
      used: [1, 0],
    });
    expect(fewestOpened(model, 3)).toBe(1);
    expect(mostItems(model)).toBe(2); // 15 of 15, but 11 of 10
  });
});

describe('bad input', () => {
  test.each([
    [{ dimensions: 0 }, /dimensions is 0; give an integer from 1/],
    [{ demands: [1, 2, 3] }, /demands has 3 numbers, which are no whole rows of 2/],
    [{ demands: [1, 0.5] }, /demands\[1\] is 0.5; give an integer from 0/],
    [{ free: [1, -1] }, /free\[1\] is -1/],
    [{ free: [2 ** 52, 2 ** 52] }, /free add up to 2\^53 or more/],
    [{ used: [true] }, /used has 1 entries for 2 bins/],
  ])('%o', (change, message) => {
    const pack = (): unknown =>
      packVectors({ dimensions: 2, demands: [1, 1], free: [2, 2, 2, 2], ...change });
    expect(pack).toThrow(message);
    expect(pack).toThrow(expect.objectContaining({ code: 'INVALID_PLANNING_OPTION' }) as Error);
  });

  test.each([
    [{ maxSteps: -1 }, /maxSteps is -1/],
    [{ maxSteps: 1.5 }, /maxSteps is 1.5/],
    [{ maxSteps: Infinity }, /nothing ends the search; give isTimeUp too/],
    [{ seed: 0.5 }, /seed is 0.5/],
    [
      {
        isTimeUp: () => {
          throw new Error('no clock');
        },
      },
      /isTimeUp threw/,
    ],
  ])('%o', (options, message) => {
    expect(() => packVectors({ dimensions: 1, demands: [1], free: [2] }, options)).toThrow(message);
  });
});
