import { PerformanceObserver } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';
import { binPacking } from '@stowage/fitness';
import { describe, expect, test } from 'vitest';
import { PlacementEngine } from '../src/index.ts';

const OPERATIONS = 1_000_000;
const AGENTS = 200;
const CLASSES = 20;

/** Engine at about 75 % load, with the classes and the order of releases fixed beforehand. */
function steadyState() {
  const engine = new PlacementEngine({
    resources: [
      { name: 'cpu', unitsPerWhole: 1000 },
      { name: 'memory' },
      { name: 'gpu', kind: 'set', unitsPerWhole: 1000 },
    ],
    fitness: binPacking('cpu', 'memory'),
  });
  for (let i = 0; i < AGENTS; i++) {
    engine.addAgent({
      resources: { cpu: i % 2 === 0 ? 96 : 64, memory: 393216, gpu: { slots: 8, unitsPerSlot: 1 } },
    });
  }
  const classes = Int32Array.from({ length: CLASSES }, (_, i) =>
    engine.defineClass({
      resources: {
        cpu: 1 + (i % 7),
        memory: 2048 * (1 + (i % 5)),
        ...(i % 4 === 0 ? { gpu: { units: 0.25 } } : {}),
      },
    }),
  );
  const live = new Int32Array(1500);
  for (let i = 0; i < live.length; i++) live[i] = engine.place(classes[i % CLASSES]);
  let state = 12345;
  const victims = Uint16Array.from({ length: 4096 }, () => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return state % live.length;
  });
  return { engine, classes, live, victims };
}

function churn(
  { engine, classes, live, victims }: ReturnType<typeof steadyState>,
  operations: number,
): number {
  let placed = 0;
  for (let i = 0; i < operations; i++) {
    const victim = victims[i & 4095];
    if (live[victim] >= 0) engine.release(live[victim]);
    live[victim] = engine.place(classes[i % CLASSES]);
    if (live[victim] >= 0) placed++;
  }
  return placed;
}

describe('row-number placements', () => {
  test('allocate less than one byte each over 10^6 placements', async () => {
    const collect = globalThis.gc;
    expect(collect, 'run with --expose-gc, as vitest.config.ts does').toBeTypeOf('function');
    const state = steadyState();
    churn(state, 100_000);
    collect!();
    await setTimeout(50);
    let collections = 0;
    const observer = new PerformanceObserver((list) => (collections += list.getEntries().length));
    observer.observe({ entryTypes: ['gc'] });
    const before = process.memoryUsage().heapUsed;
    const placed = churn(state, OPERATIONS);
    const bytes = process.memoryUsage().heapUsed - before;
    await setTimeout(50);
    observer.disconnect();
    console.log(`${placed} placements: ${bytes} bytes, ${collections} garbage collections`);
    expect(placed).toBeGreaterThan(OPERATIONS * 0.99);
    expect(collections).toBe(0);
    expect(bytes / placed).toBeLessThan(1);
    expect(state.engine.verify()).toEqual([]);
  });
});
