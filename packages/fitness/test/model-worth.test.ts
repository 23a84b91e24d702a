import { expect, test } from 'vitest';
import { modelWorth } from '../src/expected-fill/model-worth.ts';
import type { TypicalTask } from '../src/index.ts';

const typical = (frequency: number, models: string[], slots = 1): TypicalTask => ({
  cpu: 1,
  slots,
  units: slots === 0 ? 0 : 1000,
  frequency,
  models,
});

const worths = (tasks: readonly TypicalTask[], slots?: Record<string, number>): number[] =>
  ['a', 'b', undefined].map(modelWorth(tasks, slots));

test('all models are worth the same when nothing is known of them', () => {
  expect(worths([typical(1, ['a'])])).toEqual([1, 1, 1]);
  expect(worths([typical(1, ['a'])], {})).toEqual([1, 1, 1]);
});

test('all models are worth the same when no task is particular', () => {
  expect(worths([typical(0.5, []), typical(0.5, [], 0)], { a: 10, b: 20 })).toEqual([1, 1, 1]);
});

test('worth is the load, up to the mean', () => {
  // 0.6 of the demand spreads over 100 slots, 0.4 over the 80 of a.
  const [a, b, none] = worths([typical(0.6, []), typical(0.4, ['a'])], { a: 80, b: 20 });
  expect(a).toBe(1); // 0.6 + 0.4 · 100 / 80
  expect(b).toBeCloseTo(0.6, 12);
  expect(none).toBeCloseTo(0.6, 12);
});

test('demand counts by slots', () => {
  const [a, b] = worths([typical(0.5, ['a'], 1), typical(0.5, ['a', 'b'], 4)], { a: 50, b: 50 });
  expect(a).toBe(1);
  expect(b).toBeCloseTo(0.8, 12);
});

test('a model of which there is none has no price to go by', () => {
  expect(worths([typical(0.5, ['c']), typical(0.5, [])], { a: 1 })).toEqual([0.5, 0.5, 0.5]);
  expect(worths([typical(0.5, ['b']), typical(0.5, [])], { a: 1 })).toEqual([0.5, 1, 0.5]);
});

test('without tasks that ask for slots nothing is worth anything', () => {
  expect(worths([typical(1, [], 0)], { a: 1 })).toEqual([0, 0, 0]);
});
