import { PerformanceObserver } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';
import { balancedSoft, uniqueHost } from '@stowage/constraints';
import { binPacking } from '@stowage/fitness';
import { describe, expect, test } from 'vitest';
import {
  type AgentShape,
  PlacementEngine,
  type StructureChoice,
  type TaskRequirements,
} from '../src/index.ts';

const AGENTS = 200;
const CLASSES = 20;

/** What a case has of its own. */
interface Variant {
  readonly operations: number;
  readonly structure?: StructureChoice;
  readonly agent?: Partial<AgentShape>;
  readonly taskClass?: (index: number) => Partial<TaskRequirements>;
  /** How a task comes to its agent. Default: it is placed. */
  readonly place?: (engine: PlacementEngine, classId: number) => number;
}

const VARIANTS: Readonly<Record<string, Variant>> = {
  ordinary: { operations: 1_000_000 },
  'by class tree': { operations: 500_000, structure: 'class-tree' },
  'by ordered index': { operations: 500_000, structure: 'ordered-index' },
  'that are balanced over zones, by ordered index': {
    operations: 500_000,
    structure: 'ordered-index',
    taskClass: (i) => ({ job: `job-${i}`, softConstraints: [balancedSoft('zone')] }),
  },
  'under labels of slots, by union': {
    operations: 500_000,
    structure: 'ordered-index',
    taskClass: (i) => ({
      resources: { cpu: 1 + (i % 7), memory: 2048, gpu: { units: 0.25, label: `owner-${i % 3}` } },
    }),
  },
  'with opportunistic demands': {
    operations: 500_000,
    taskClass: (i) => (i % 2 === 0 ? { opportunistic: { cpu: 1, memory: 1024 } } : {}),
  },
  'through all stages': {
    operations: 500_000,
    place(engine, classId) {
      const handle = engine.reserve(classId);
      if (handle < 0) return handle;
      engine.confirm(handle);
      engine.start(handle);
      return handle;
    },
  },
  'in a tainted cluster': {
    operations: 500_000,
    agent: { taints: [{ key: 'dedicated', effect: 'NoSchedule' }] },
    taskClass: () => ({ tolerations: [{ key: 'dedicated' }] }),
  },
  'on agents without their job, by ordered index': {
    operations: 500_000,
    structure: 'ordered-index',
    taskClass: (i) => ({ job: `job-${i}`, constraints: [uniqueHost()] }),
  },
  'that repel others': {
    operations: 500_000,
    taskClass: (i) => ({
      job: `job-${i}`,
      ...(i === 1 && {
        constraints: [
          {
            name: 'repelling',
            dependsOn: 'attributes',
            repels: { selector: { matchLabels: { job: 'job-2' } } },
            bind: () => ({ test: () => 0 }),
          },
        ],
      }),
    }),
  },
};

/** Engine at about 75 % load, with the classes and the order of releases fixed beforehand. */
function steadyState({
  structure = 'cheapest',
  agent = {},
  taskClass = () => ({}),
  place = (engine, classId) => engine.place(classId),
}: Variant) {
  const engine = new PlacementEngine({
    resources: [
      { name: 'cpu', unitsPerWhole: 1000 },
      { name: 'memory' },
      { name: 'gpu', kind: 'set', unitsPerWhole: 1000 },
    ],
    fitness: binPacking('cpu', 'memory'),
    structure,
  });
  for (let i = 0; i < AGENTS; i++) {
    engine.addAgent({
      resources: { cpu: i % 2 === 0 ? 96 : 64, memory: 393216, gpu: { slots: 8, unitsPerSlot: 1 } },
      attributes: { zone: `zone-${i % 3}` },
      ...agent,
    });
  }
  const classes = Int32Array.from({ length: CLASSES }, (_, i) =>
    engine.defineClass({
      resources: {
        cpu: 1 + (i % 7),
        memory: 2048 * (1 + (i % 5)),
        ...(i % 4 === 0 ? { gpu: { units: 0.25 } } : {}),
      },
      ...taskClass(i),
    }),
  );
  const live = new Int32Array(1500);
  for (let i = 0; i < live.length; i++) live[i] = place(engine, classes[i % CLASSES]);
  let state = 12345;
  const victims = Uint16Array.from({ length: 4096 }, () => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return state % live.length;
  });
  return { engine, classes, live, victims, place };
}

function churn(
  { engine, classes, live, victims, place }: ReturnType<typeof steadyState>,
  operations: number,
): number {
  let placed = 0;
  for (let i = 0; i < operations; i++) {
    const victim = victims[i & 4095];
    if (live[victim] >= 0) engine.release(live[victim]);
    live[victim] = place(engine, classes[i % classes.length]);
    if (live[victim] >= 0) placed++;
  }
  return placed;
}

/** Bytes and garbage collections of a churn. */
async function measure(state: ReturnType<typeof steadyState>, operations: number) {
  globalThis.gc!();
  await setTimeout(50);
  let collections = 0;
  const observer = new PerformanceObserver((list) => (collections += list.getEntries().length));
  observer.observe({ entryTypes: ['gc'] });
  const before = process.memoryUsage().heapUsed;
  const placed = churn(state, operations);
  const bytes = process.memoryUsage().heapUsed - before;
  await setTimeout(50);
  observer.disconnect();
  return { placed, bytes, collections };
}

function allocates({ placed, bytes, collections }: Awaited<ReturnType<typeof measure>>): boolean {
  return collections > 0 || bytes >= placed;
}

/** Rounds in which it may turn out: code that the compiler has just thrown away boxes numbers until it is compiled anew. */
const ROUNDS = 3;

/** So that the classes of all rounds are defined beforehand. */
const FIRST_SEEN_OPERATIONS = 100_000;

/** The engine, and classes that differ from each other, of which none has been asked for. */
function manyClasses() {
  const state = steadyState({ operations: 0, structure: 'cheapest' });
  const fresh = Int32Array.from({ length: (1 + ROUNDS) * FIRST_SEEN_OPERATIONS }, (_, i) =>
    state.engine.defineClass({
      resources: { cpu: (1000 + (i % 7000)) / 1000, memory: 2048 + Math.floor(i / 7000) },
    }),
  );
  return { ...state, fresh };
}

describe('row-number placements', () => {
  test.each(Object.entries(VARIANTS))(
    '%s: allocate less than one byte each, over half a million or more',
    async (name, variant) => {
      expect(globalThis.gc, 'run with --expose-gc, as vitest.config.ts does').toBeTypeOf('function');
      const state = steadyState(variant);
      churn(state, 100_000);
      let found = await measure(state, variant.operations);
      for (let round = 1; round < ROUNDS && allocates(found); round++)
        found = await measure(state, variant.operations);
      const { placed, bytes, collections } = found;
      console.log(`${name}: ${placed} placements, ${bytes} bytes, ${collections} garbage collections`);
      expect(placed).toBeGreaterThan(variant.operations * 0.99);
      expect(collections).toBe(0);
      expect(bytes / placed).toBeLessThan(1);
      expect(state.engine.verify()).toEqual([]);
    },
  );

  test('of classes that were never asked for before: allocate less than one byte each', async () => {
    const { fresh, ...state } = manyClasses();
    const ofFresh = (round: number) => ({
      ...state,
      classes: fresh.subarray(round * FIRST_SEEN_OPERATIONS, (round + 1) * FIRST_SEEN_OPERATIONS),
    });
    churn(ofFresh(0), FIRST_SEEN_OPERATIONS);
    let found = await measure(ofFresh(1), FIRST_SEEN_OPERATIONS);
    for (let round = 2; round <= ROUNDS && allocates(found); round++)
      found = await measure(ofFresh(round), FIRST_SEEN_OPERATIONS);
    const { placed, bytes, collections } = found;
    console.log(
      `first-seen classes: ${placed} placements, ${bytes} bytes, ${collections} garbage collections`,
    );
    expect(collections).toBe(0);
    expect(bytes / placed).toBeLessThan(1);
    expect(state.engine.work.decisionsBy['ordered-index']).toBeGreaterThan(FIRST_SEEN_OPERATIONS);
  });
});
