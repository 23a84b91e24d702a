import { describe, expect, test } from 'vitest';
import { ArrivalHistory } from '../src/expected-waste/arrival-history.ts';

describe('ArrivalHistory', () => {
  test('counts amounts of one resource', () => {
    const history = new ArrivalHistory(['cpu']);
    for (const cpu of [3, 5, 3, 0]) history.observe([cpu]);
    expect(history.count).toBe(4);
    expect([...history.amounts()]).toEqual([[3, 2], [5, 1], [0, 1]]); // prettier-ignore
  });

  test('keeps the latest 64 shapes', () => {
    const history = new ArrivalHistory(['cpu', 'memory']);
    for (let i = 0; i < 100; i++) history.observe([i, 1]);
    const cpus = history.recent().map(([cpu]) => cpu);
    expect(cpus.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 64 }, (_, i) => 36 + i));
    expect(history.amounts().size).toBe(0);
  });

  test('asks to learn from every arrival at first, then after an eighth more, at last after 32', () => {
    const history = new ArrivalHistory(['cpu']);
    const lessons = new Map<number, number>();
    for (let i = 0; i <= 400; i++) {
      lessons.set(i, history.nextLesson() - i);
      history.observe([1]);
    }
    expect([0, 7, 8, 80, 247, 248, 400].map((count) => lessons.get(count))).toEqual([
      1, 1, 2, 11, 31, 32, 32,
    ]);
  });

  test.each([[[]], [['cpu', 'cpu']]])('refuses the resources %j', (resources) => {
    expect(() => new ArrivalHistory(resources)).toThrow(/INVALID_PLUGIN/);
  });

  test.each([[[]], [[1, 2]], [[-1]], [[0.5]], [[NaN]]])('refuses the demand %j', (units) => {
    const history = new ArrivalHistory(['cpu']);
    expect(() => history.observe(units)).toThrow(/INVALID_PLUGIN.*is no demand for cpu/);
    expect(history.count).toBe(0);
  });
});
