import { describe, expect, test } from 'vitest';
import { randomFit } from '../src/index.ts';
import { gpuEngine, requirements } from './gpu-cluster.ts';

/** Rows and slots of many placements of a tiny share, each on the whole cluster. */
function draws(seed: number, count: number): { row: number; slot: number }[] {
  const engine = gpuEngine(Array.from({ length: 4 }, () => [1_000_000, 4, 'T4'] as const));
  const classId = engine.defineClass({ ...requirements([1, 1, 1]), fitness: randomFit(seed) });
  return Array.from({ length: count }, () => {
    const task = engine.place(classId);
    return { row: engine.agentOf(task), slot: Math.log2(engine.slotsOf(task, 'gpu')) };
  });
}

describe('randomFit', () => {
  test('is reproducible and depends on the seed', () => {
    expect(draws(7, 50)).toEqual(draws(7, 50));
    expect(draws(7, 50)).not.toEqual(draws(8, 50));
  });

  test('asking again without placing gives the same agent', () => {
    const engine = gpuEngine(Array.from({ length: 50 }, () => [10, 1, 'T4'] as const));
    const classId = engine.defineClass({ ...requirements([1, 1, 500]), fitness: randomFit(1) });
    expect(engine.find(classId)).toBe(engine.find(classId));
    expect(engine.agentOf(engine.place(classId))).not.toBe(engine.find(classId));
  });

  test('every agent and every slot is about equally likely', () => {
    const count = 3_200;
    const cells = new Map<string, number>();
    for (const { row, slot } of draws(42, count)) {
      cells.set(`${row} ${slot}`, (cells.get(`${row} ${slot}`) ?? 0) + 1);
    }
    const expected = count / 16;
    const chiSquare = [...cells.values()].reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0);
    expect(cells.size).toBe(16);
    // 15 degrees of freedom: above 37.7 once in a thousand seeds, and this seed is fixed.
    expect(chiSquare).toBeLessThan(37.7);
  });

  test.each([0.5, NaN, Infinity])('refuses the seed %s', (seed) => {
    expect(() => randomFit(seed)).toThrow(/INVALID_PLUGIN/);
  });
});
