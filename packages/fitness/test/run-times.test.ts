import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  AHEAD_S,
  ExpectedExit,
  heavyTailedRunTimes,
  meanRemainingS,
  ObservedRunTimes,
  predictedRunTimes,
  type RunTimeModel,
} from '../src/index.ts';

function survivalOf<Task>(model: RunTimeModel<Task>, task: Task, ageS: number): number[] {
  const survival = new Float64Array(AHEAD_S.length);
  model.survivalInto(task, ageS, survival);
  return [...survival];
}

const ageS = fc.oneof(fc.constant(0), fc.double({ min: 1, max: 1e6, noNaN: true }));

test('the longer a task has outrun its prediction, the longer it is expected to run on', () => {
  for (const sigma of [0.5, 1]) {
    const model = predictedRunTimes(sigma);
    let before = 0;
    // From three to nine standard deviations, beyond the tables of the normal distribution.
    for (let deviations = 3; deviations <= 9; deviations += 0.05) {
      const remainingS = meanRemainingS(model, 100, 100 * Math.exp(sigma * deviations));
      expect(remainingS).toBeGreaterThan(before * 0.97);
      before = Math.max(before, remainingS);
    }
  }
});

test('observed run times refuse what is no age, and forget kinds', () => {
  const model = new ObservedRunTimes();
  for (const [from, to] of [
    [-1, 2],
    [3, 2],
    [0, Infinity],
    [NaN, 1],
  ])
    // prettier-ignore
    expect(() => model.ran('a', from, to)).toThrow(/INVALID_PLUGIN/);
  expect(() => model.ended('a', -1)).toThrow(/INVALID_PLUGIN/);
  const fresh = meanRemainingS(model, 'a', 0);
  for (let i = 0; i < 100; i++) {
    model.ran('a', 0, 100_000);
    model.ran('b', 0, 10);
    model.ended('b', 10);
  }
  expect(meanRemainingS(model, 'a', 0)).toBeGreaterThan(fresh);
  const known = meanRemainingS(model, 'a', 0);
  model.forget('a');
  expect(meanRemainingS(model, 'a', 0)).toBeLessThan(known);
});

describe('survival is a probability that falls with time', () => {
  const falls = (survival: readonly number[]): void => {
    survival.forEach((share, i) => {
      expect(share).toBeGreaterThanOrEqual(0);
      expect(share).toBeLessThanOrEqual(1);
      if (i > 0) expect(share).toBeLessThanOrEqual(survival[i - 1] + 1e-12);
    });
  };

  test('heavy tail', () => {
    fc.assert(fc.property(ageS, (age) => falls(survivalOf(heavyTailedRunTimes(), undefined, age))));
  });

  test('predicted', () => {
    const predictedS = fc.double({ min: 1, max: 1e7, noNaN: true });
    fc.assert(
      fc.property(ageS, predictedS, fc.double({ min: 0.1, max: 3, noNaN: true }), (age, predicted, sigma) =>
        falls(survivalOf(predictedRunTimes(sigma), predicted, age)),
      ),
    );
  });

  test('observed, whatever was observed', () => {
    const lives = fc.array(fc.tuple(fc.constantFrom('a', 'b'), fc.nat({ max: 200_000 }), fc.boolean()));
    fc.assert(
      fc.property(lives, ageS, fc.constantFrom('a', 'b', 'unknown'), (observed, age, kind) => {
        const model = new ObservedRunTimes();
        for (const [one, life, hasEnded] of observed) {
          model.ran(one, 0, life);
          if (hasEnded) model.ended(one, life);
        }
        falls(survivalOf(model, kind, age));
      }),
    );
  });
});

describe('heavyTailedRunTimes', () => {
  test('half of the new tasks outlive the median; who is old stays long', () => {
    const model = heavyTailedRunTimes({ medianS: AHEAD_S[3] });
    expect(survivalOf(model, undefined, 0)[3]).toBe(0.5);
    expect(meanRemainingS(model, undefined, 86_400)).toBeGreaterThan(meanRemainingS(model, undefined, 0));
  });

  test.each([0, -1, NaN, Infinity])('refuses the median %s', (medianS) => {
    expect(() => heavyTailedRunTimes({ medianS })).toThrow(/INVALID_PLUGIN/);
  });
});

describe('predictedRunTimes', () => {
  test('half of the tasks outlive their prediction, nearly all a quarter of it when errors are small', () => {
    const survival = survivalOf(predictedRunTimes(0.25), AHEAD_S[5], 0);
    expect(survival[5]).toBeCloseTo(0.5, 6);
    expect(survival[2]).toBeGreaterThan(0.9999);
  });

  test('two standard deviations above it, 2.3 % are left', () => {
    expect(survivalOf(predictedRunTimes(1), AHEAD_S[9] / Math.exp(2), 0)[9]).toBeCloseTo(0.02275, 4);
  });

  test('a task that outran its prediction by far is still expected to end', () => {
    const leftS = meanRemainingS(predictedRunTimes(0.5), 300, 50_000);
    expect(leftS).toBeGreaterThan(0);
    expect(leftS).toBeLessThan(50_000);
  });

  test.each([0, -1, NaN, Infinity])('refuses the error %s', (sigma) => {
    expect(() => predictedRunTimes(sigma)).toThrow(/INVALID_PLUGIN/);
  });
});

describe('ObservedRunTimes', () => {
  /** Tasks that end at a constant rate, at the quantiles of the exponential distribution. */
  const lives = Array.from({ length: 2_000 }, (_, i) => -7_200 * Math.log((i + 0.5) / 2_000));

  test('finds the rate at which tasks end', () => {
    const model = new ObservedRunTimes();
    for (const life of lives) {
      model.ran('batch', 0, life);
      model.ended('batch', life);
    }
    const survival = survivalOf(model, 'batch', 0);
    AHEAD_S.slice(0, 10).forEach((aheadS, i) =>
      expect(survival[i]).toBeCloseTo(Math.exp(-aheadS / 7_200), 1),
    );
  });

  test('is not misled by tasks that still run, and learns the same piece by piece', () => {
    const whole = new ObservedRunTimes();
    const pieces = new ObservedRunTimes();
    for (const life of lives) {
      const seenS = Math.min(life, 5_000);
      whole.ran('batch', 0, seenS);
      pieces.ran('batch', 0, seenS / 3);
      pieces.ran('batch', seenS / 3, seenS);
      if (life > 5_000) continue;
      whole.ended('batch', life);
      pieces.ended('batch', life);
    }
    expect(survivalOf(whole, 'batch', 0)[4]).toBeCloseTo(Math.exp(-AHEAD_S[4] / 7_200), 1);
    survivalOf(pieces, 'batch', 0).forEach((share, i) =>
      expect(share).toBeCloseTo(survivalOf(whole, 'batch', 0)[i], 9),
    );
  });

  test('kinds differ, and an unknown one is like all together', () => {
    const model = new ObservedRunTimes();
    for (let i = 0; i < 500; i++) {
      for (const [kind, life] of [
        ['short', 300],
        ['long', 90_000],
      ] as const) {
        model.ran(kind, 0, life);
        model.ended(kind, life);
      }
    }
    const [short, unknown, long] = ['short', 'new', 'long'].map((kind) => meanRemainingS(model, kind, 0));
    expect(short).toBeLessThan(unknown);
    expect(unknown).toBeLessThan(long);
  });
});

describe('ExpectedExit', () => {
  test('is 0 for an empty agent, the mean of one group, and more with each further one', () => {
    const model = heavyTailedRunTimes();
    const exit = new ExpectedExit(model);
    expect(exit.occupiedS).toBe(0);
    exit.add(undefined, 600);
    const one = exit.occupiedS;
    expect(one).toBeCloseTo(meanRemainingS(model, undefined, 600), 6);
    exit.add(undefined, 0);
    expect(exit.occupiedS).toBeGreaterThan(one);
    exit.clear();
    expect(exit.occupiedS).toBe(0);
  });
});
