import { binPacking } from '@stowage/fitness';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

/** Agents that a hundred tasks of four shapes get, and the structures that chose them. */
async function burst() {
  const { PlacementEngine } = await import('../src/index.ts');
  const engine = new PlacementEngine({ fitness: binPacking('cpu', 'memory') });
  for (let i = 0; i < 2000; i++) engine.addAgent({ resources: { cpu: 8 + (i % 3), memory: 1024 * 64 } });
  const classes = [1, 2, 3, 4].map((cpu) =>
    engine.defineClass({ resources: { cpu, memory: 1024 * (5 - cpu) } }),
  );
  const rows: number[] = [];
  for (let i = 0; i < 400; i++) rows.push(engine.agentOf(engine.place(classes[i % 4])));
  expect(engine.verify()).toEqual([]);
  return { rows, decisionsBy: engine.work.decisionsBy };
}

beforeEach(() => vi.resetModules());
afterEach(() => vi.unstubAllGlobals());

test('without WebAssembly other structures choose the same agents', async () => {
  const usual = await burst();
  expect(usual.decisionsBy['ordered-index']).toBeGreaterThan(0);
  vi.resetModules();
  vi.stubGlobal('WebAssembly', undefined);
  const { rows, decisionsBy } = await burst();
  expect(rows).toEqual(usual.rows);
  expect(decisionsBy['ordered-index']).toBe(0);
  expect(decisionsBy['class-tree']).toBeGreaterThan(0);
});

test('without memory for an index a scan answers, and the index is given up', async () => {
  const usual = await burst();
  vi.resetModules();
  let attempts = 0;
  const { Module, Instance } = (globalThis as unknown as { WebAssembly: Record<string, unknown> })
    .WebAssembly;
  vi.stubGlobal('WebAssembly', {
    Module,
    Instance,
    Memory: function () {
      attempts++;
      throw new RangeError('WebAssembly.Memory(): could not allocate memory');
    },
  });
  const { rows, decisionsBy } = await burst();
  expect(rows).toEqual(usual.rows);
  expect(attempts).toBe(1);
  expect(decisionsBy['ordered-index']).toBe(1);
});
