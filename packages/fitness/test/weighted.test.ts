import { type FitnessCalculator, fitness, PlacementEngine } from '@stowage/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { binPacking, weighted, weightedAverage } from '../src/index.ts';
import { integerWeights, MAX_WEIGHT_SUM, sumToOne } from '../src/combinations/weights.ts';
import { decimalsOf, scoresOf } from './scores.ts';

/** A policy that scores rows as it is told. */
function ranked(greatest: number, ...scores: number[]): FitnessCalculator {
  return { ...fitness('ranked', (_, agent) => scores[agent.row], 'agent'), range: [0, greatest] };
}

function engineWith(agents: number): PlacementEngine {
  const engine = new PlacementEngine();
  for (let row = 0; row < agents; row++) engine.addAgent({ resources: { cpu: 1 } });
  return engine;
}

describe('weights', () => {
  test.each([
    [
      [1, 1, 2],
      [1, 1, 2],
    ],
    [
      [0.25, 0.75],
      [1, 3],
    ],
    [
      [0.05, 0.05, 0.1, 0.3, 0.5],
      [1, 1, 2, 6, 10],
    ],
    [
      [1e-7, 3e-7],
      [1, 3],
    ],
    [
      [1e21, 2e21],
      [1, 2],
    ],
    [
      [1.5, 0, 4.5],
      [1, 0, 3],
    ],
    [[1000], [1]],
  ])('%j count as %j', (weights, integers) => {
    expect(integerWeights('test', weights)).toEqual(integers);
  });

  test('keep the ratio of the decimals that they print as', () => {
    const weight = fc.tuple(fc.integer({ min: 1, max: 40 }), fc.constantFrom(1, 10, 100, 1000, 1e7));
    fc.assert(
      fc.property(fc.array(weight, { minLength: 1, maxLength: 6 }), (weights) => {
        const [, divisor] = weights[0];
        const numerators = weights.map(([numerator]) => numerator);
        const integers = integerWeights(
          'test',
          numerators.map((numerator) => numerator / divisor),
        );
        integers.forEach((integer, i) => expect(integer * numerators[0]).toBe(numerators[i] * integers[0]));
      }),
    );
  });

  test('sum to 1 as decimals do', () => {
    expect(sumToOne('test', Array<number>(10).fill(0.1))).toBe(true);
    expect(sumToOne('test', [0.1, 0.2, 0.7])).toBe(true);
    expect(sumToOne('test', [0.3, 0.75])).toBe(false);
    expect(sumToOne('test', [1])).toBe(true);
    expect(sumToOne('test', [1, 1e-300])).toBe(false);
  });

  test.each([
    [[]],
    [[0, 0]],
    [[-1, 2]],
    [[NaN]],
    [[Infinity]],
    [['1' as never]],
    [[1, MAX_WEIGHT_SUM]],
    [[1 / 3, 1 / 7]],
  ])('refuses %j', (weights) => {
    expect(() => integerWeights('test', weights)).toThrow('INVALID_PLUGIN');
  });
});

describe('weighted', () => {
  const part = fc
    .record({
      greatest: fc.integer({ min: 1, max: 30 }),
      shares: fc.tuple(
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
      ),
      weight: fc.integer({ min: 1, max: 9 }),
    })
    .map(({ greatest, shares, weight }) => ({
      greatest,
      weight,
      scores: shares.map((share) => Math.round(share * greatest)),
    }));

  test('compares sums of different ranges as fractions, ties included', () => {
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), (parts) => {
        const policy = weighted(
          parts.map(({ greatest, scores, weight }) => ({ fitness: ranked(greatest, ...scores), weight })),
        );
        const { scores, note } = scoresOf(engineWith(2), policy);
        expect(note).toBeUndefined();
        // Over the product of all ranges every part is an integer.
        const product = parts.reduce((all, { greatest }) => all * BigInt(greatest), 1n);
        const [first, second] = [0, 1].map((row) =>
          parts.reduce(
            (sum, { greatest, weight, scores: given }) =>
              sum + (BigInt(weight) * BigInt(given[row]) * product) / BigInt(greatest),
            0n,
          ),
        );
        expect(Math.sign(scores[0]! - scores[1]!)).toBe(first < second ? -1 : first > second ? 1 : 0);
      }),
      { numRuns: 500 },
    );
  });

  test('rounds parts without a common range, and keeps a difference of 10^-12 of a range', () => {
    // Two primes just below 2^40: their product is far above 2^53.
    const [p, q] = [1_099_511_627_689, 1_099_511_627_609];
    const policy = weighted([
      { fitness: ranked(p, 5, 6, 6), weight: 4000 },
      { fitness: ranked(q, 7, 7, 9), weight: 4001 },
    ]);
    const { scores, greatest, note } = scoresOf(engineWith(3), policy);
    expect(note).toBe('parts are rounded to 2^-40 of their range');
    expect(greatest).toBe(8001 * 2 ** 40);
    expect(scores[0]!).toBeLessThan(scores[1]!);
    expect(scores[1]!).toBeLessThan(scores[2]!);
  });

  test('uses 53 bits, but no more', () => {
    const policy = weighted([
      { fitness: ranked(Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER), weight: 1 },
    ]);
    expect(scoresOf(engineWith(1), policy)).toEqual({
      scores: [Number.MAX_SAFE_INTEGER],
      greatest: Number.MAX_SAFE_INTEGER,
      note: undefined,
    });
    const rounded = weighted([
      { fitness: ranked(Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER), weight: 1 },
      { fitness: ranked(2, 2), weight: 2 },
    ]);
    expect(scoresOf(engineWith(1), rounded)).toMatchObject({ scores: [3 * 2 ** 51], greatest: 3 * 2 ** 51 });
  });

  test('passes on what its parts note, and says nothing when all is exact', () => {
    const engine = new PlacementEngine({ resources: [{ name: 'cpu' }] });
    for (const cpu of [2_147_483_647, 2_147_483_629, 2_147_483_587]) engine.addAgent({ resources: { cpu } });
    const { note } = scoresOf(engine, weighted([{ fitness: binPacking('cpu'), weight: 1 }]));
    expect(note).toMatch(/ratios of different agents are rounded/);
  });

  test('a part that can score one value only counts nothing', () => {
    const constant: FitnessCalculator = { ...ranked(7, 7), range: [7, 7] };
    const policy = weighted([
      { fitness: constant, weight: 1 },
      { fitness: ranked(2, 1), weight: 1 },
    ]);
    expect(decimalsOf(engineWith(1), policy)).toEqual([0.25]);
  });

  test('equal ratios make equal policies', () => {
    const keyOf = (a: number, b: number) =>
      weighted([
        { fitness: binPacking('cpu'), weight: a },
        { fitness: binPacking('memory'), weight: b },
      ]).key;
    expect(keyOf(0.25, 0.75)).toBe(keyOf(1, 3));
    expect(keyOf(0.25, 0.75)).not.toBe(keyOf(3, 1));
  });

  test.each([[[0.5, 1]], [[1, 0]], [[0, 2 ** 53]]] as [number, number][][])(
    'refuses a part with the range %j',
    (range) => {
      const policy = weighted([{ fitness: { ...ranked(1, 0), range }, weight: 1 }]);
      expect(() => scoresOf(engineWith(1), policy)).toThrow('INVALID_PLUGIN');
    },
  );
});

describe('weightedAverage', () => {
  const half = ranked(2, 1);
  const full = ranked(4, 4);
  const none = ranked(8, 0);
  const parts = (...given: [FitnessCalculator, number][]) =>
    given.map(([part, weight]) => ({ fitness: part, weight }));

  test('WeightedAverageFitnessCalculatorTest.testWeightsMustEqualOne', () => {
    expect(() => weightedAverage(parts([half, 0.3], [full, 0.75]))).toThrow('INVALID_PLUGIN');
    expect(() => weightedAverage([])).toThrow('INVALID_PLUGIN');
    expect(() => weightedAverage([null as never])).toThrow('INVALID_PLUGIN');
  });

  test('WeightedAverageFitnessCalculatorTest.testCalculatorWeightedAverage', () => {
    expect(decimalsOf(engineWith(1), weightedAverage(parts([half, 0.5], [full, 0.5])))).toEqual([0.75]);
  });

  test('WeightedAverageFitnessCalculatorTest.testCalculatorWeightedAverageWithZero: differs, a part of 0 is a part of 0', () => {
    const policy = weightedAverage(parts([none, 0.3], [full, 0.7]));
    const engine = engineWith(1);
    expect(decimalsOf(engine, policy)).toEqual([0.7]);
    expect(engine.find(engine.defineClass({ resources: {}, fitness: policy }))).toBe(0);
  });

  test('accepts weights that sum to 1 on paper but not in doubles', () => {
    const tenths = Array.from({ length: 10 }, () => 0.1);
    expect(tenths.reduce((sum, tenth) => sum + tenth, 0)).not.toBe(1);
    const policy = weightedAverage(tenths.map((weight) => ({ fitness: half, weight })));
    expect(decimalsOf(engineWith(1), policy)).toEqual([0.5]);
  });
});
