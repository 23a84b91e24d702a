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

test('without memory for an index or trees other structures answer, and the index is given up', async () => {
  const usual = await burst();
  vi.resetModules();
  let attempts = 0;
  vi.stubGlobal('WebAssembly', {
    Module: platform.Module,
    Instance: platform.Instance,
    Memory: function () {
      attempts++;
      throw new RangeError('WebAssembly.Memory(): could not allocate memory');
    },
  });
  const { rows, decisionsBy } = await burst();
  expect(rows).toEqual(usual.rows);
  // For the columns, for more of them, and for the index.
  expect(attempts).toBe(3);
  expect(decisionsBy['ordered-index']).toBe(1);
  expect(decisionsBy['class-tree']).toBeGreaterThan(0);
});

test('class trees beyond the memory that there is choose the same agents by the same work', async () => {
  const usual = await treesWithin(Infinity);
  expect(usual.memories).toBe(2);
  expect(usual.work.decisionsBy['class-tree']).toBe(1400);
  for (const limit of [1, 0]) {
    const { rows, memories, work } = await treesWithin(limit);
    expect(rows).toEqual(usual.rows);
    expect(memories).toBe(limit + 1);
    expect(work).toEqual(usual.work);
  }
});

const { WebAssembly: platform } = globalThis as unknown as {
  WebAssembly: { Module: unknown; Instance: unknown; Memory: new (size: unknown) => object };
};

/** Churn of 140 classes, each with a tree, where there can be so many memories; and how many were asked for. */
async function treesWithin(limit: number) {
  vi.resetModules();
  let memories = 0;
  vi.stubGlobal('WebAssembly', {
    Module: platform.Module,
    Instance: platform.Instance,
    Memory: function (size: unknown) {
      if (++memories > limit) throw new RangeError('WebAssembly.Memory(): could not allocate memory');
      return new platform.Memory(size);
    },
  });
  const { PlacementEngine } = await import('../src/index.ts');
  const engine = new PlacementEngine({ fitness: binPacking('cpu', 'memory'), structure: 'class-tree' });
  for (let i = 0; i < 300; i++) engine.addAgent({ resources: { cpu: 8 + (i % 3), memory: 1024 * 64 } });
  const classes = Array.from({ length: 140 }, (_, i) =>
    engine.defineClass({ resources: { cpu: 1 + (i % 5), memory: 1024 * (1 + (i % 8)) } }),
  );
  const rows: number[] = [];
  const placed: number[] = [];
  for (let i = 0; i < 1400; i++) {
    const handle = engine.place(classes[i % 140]);
    rows.push(engine.agentOf(handle));
    placed.push(handle);
    if (i >= 300) engine.release(placed[i - 300]);
  }
  expect(engine.verify()).toEqual([]);
  return { rows, memories, work: engine.work };
}
