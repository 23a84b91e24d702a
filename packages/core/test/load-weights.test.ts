import { binPacking } from '@stowage/fitness';
import { describe, expect, test } from 'vitest';
import { loadWeights, PlacementEngine } from '../src/index.ts';

function engineWith(totals: readonly (readonly [cpu: number, memory: number])[]): PlacementEngine {
  const engine = new PlacementEngine({
    resources: [{ name: 'cpu' }, { name: 'memory' }],
    fitness: binPacking('cpu', 'memory'),
  });
  for (const [cpu, memory] of totals) engine.addAgent({ resources: { cpu, memory } });
  return engine;
}

describe('load weights', () => {
  test('are the least common multiple of the totals divided by each total', () => {
    const { cluster } = engineWith([
      [4, 6],
      [10, 6],
      [4, 6],
    ]);
    const { weights, scale, exact } = loadWeights(cluster, [0, 1]);
    expect({ weights: [...weights], scale, exact }).toEqual({
      weights: [15, 10, 6, 10],
      scale: 60,
      exact: true,
    });
  });

  test('are zero where an agent has nothing of a resource', () => {
    expect([...loadWeights(engineWith([[4, 0]]).cluster, [0, 1]).weights]).toEqual([1, 0]);
  });

  test('fall back to the finest weights that fit, and say so, when the multiple does not', () => {
    const engine = engineWith([
      [2147483647, 2147483629],
      [2147483647, 2147483629],
    ]);
    const scale = Math.floor(Number.MAX_SAFE_INTEGER / 2);
    const { weights, ...rest } = loadWeights(engine.cluster, [0, 1]);
    expect([...weights]).toEqual([2147483647, 2147483629].map((total) => Math.floor(scale / total)));
    const fullLoads = Float64Array.of(2147483647 * weights[0] + 2147483629 * weights[1]);
    expect(rest).toEqual({ scale, exact: false, fullLoads });
    const ask = engine.defineClass({ resources: { cpu: 2147483647, memory: 2147483629 } });
    expect(engine.agentOf(engine.place(ask))).toBe(0);
    expect(engine.explainPlan(ask).notes).toHaveLength(1);
  });

  test('forget the type of a removed agent', () => {
    const engine = engineWith([
      [4, 6],
      [7, 11],
    ]);
    engine.removeAgent(1);
    expect(loadWeights(engine.cluster, [0, 1]).scale).toBe(12);
  });

  test('tell thirds from floating point: 1/3 + 2/3 ties with 1/1 and the lower row wins', () => {
    const engine = engineWith([
      [3, 3],
      [5, 5],
    ]);
    const asks = [
      engine.defineClass({ resources: { cpu: 1, memory: 2 } }),
      engine.defineClass({ resources: { cpu: 2, memory: 1 } }),
    ];
    expect(asks.map((ask) => engine.agentOf(engine.place(ask)))).toEqual([0, 0]);
  });
});
