import { PlacementEngine } from '@stowage/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fragmentationGradient, FragmentationMeasure, type TypicalTask } from '../src/index.ts';
import {
  type AgentState,
  clusterArbitrary,
  demandArbitrary,
  type GpuDemand,
  gpuEngine,
  place,
  requirements,
  scoresOf,
  stateOf,
  typical,
} from './gpu-cluster.ts';

/** The definition, task by task. */
function fragmentation({ cpu, left, model }: Omit<AgentState, 'row'>, tasks: readonly TypicalTask[]): number {
  const free = left.reduce((sum, milli) => sum + milli, 0);
  return tasks.reduce((sum, task) => {
    const fitting = left.filter((milli) => milli >= task.units);
    const runs =
      task.slots > 0 &&
      (task.models.length === 0 || task.models.includes(model)) &&
      cpu >= task.cpu &&
      fitting.length >= task.slots;
    return sum + task.frequency * (runs ? free - fitting.reduce((usable, milli) => usable + milli, 0) : free);
  }, 0);
}

/** By how much fragmentation shrinks with a task placed in the best way. */
function gradient(agent: AgentState, [cpu, gpus, milli]: GpuDemand, tasks: readonly TypicalTask[]): number {
  const before = fragmentation(agent, tasks);
  const after = (taken: readonly number[]): number =>
    fragmentation(
      {
        ...agent,
        cpu: agent.cpu - cpu,
        left: agent.left.map((free, gpu) => free - (taken.includes(gpu) ? milli : 0)),
      },
      tasks,
    );
  const fitting = [...agent.left.keys()].filter((gpu) => agent.left[gpu] >= milli);
  if (gpus === 1 && milli < 1000) return Math.max(...fitting.map((gpu) => before - after([gpu])));
  return before - after(fitting.slice(0, gpus));
}

/** The truncated score; next to a whole number the last bit of the sums decides, see the header of fragmentation.ts. */
function publishedScores(shrinks: number): number[] {
  const exact = 100 / (1 + Math.exp(-shrinks / 1000));
  return [Math.floor(exact - 1e-9), Math.floor(exact + 1e-9)];
}

const typicalArbitrary: fc.Arbitrary<TypicalTask[]> = fc
  .array(fc.tuple(demandArbitrary, fc.integer({ min: 1, max: 50 }), fc.subarray(['G2', 'T4', 'X'])), {
    minLength: 1,
    maxLength: 8,
  })
  .map((entries) => {
    const total = entries.reduce((sum, [, weight]) => sum + weight, 0);
    return entries.map(([[cpu, slots, units], weight, models]) =>
      typical(cpu, slots, slots === 0 ? 0 : units, weight / total, models),
    );
  });

describe('FragmentationMeasure', () => {
  test('example', () => {
    const engine = gpuEngine([[10_000, 2, 'T4']]);
    place(engine, [2_000, 1, 700]);
    const measure = (...tasks: TypicalTask[]): number =>
      new FragmentationMeasure(engine.cluster, tasks).of(0);
    // Free: 8 cores, GPUs with 300 and 1000 milli.
    expect(measure(typical(1_000, 0, 0, 1))).toBe(1300);
    expect(measure(typical(1_000, 1, 200, 1))).toBe(0);
    expect(measure(typical(1_000, 1, 500, 1))).toBe(300);
    expect(measure(typical(9_000, 1, 500, 1))).toBe(1300);
    expect(measure(typical(1_000, 2, 1000, 1))).toBe(1300);
    expect(measure(typical(1_000, 1, 500, 1, ['P100']))).toBe(1300);
    expect(measure(typical(1_000, 1, 500, 1, ['P100', 'T4']))).toBe(300);
    expect(measure(typical(1_000, 1, 500, 0.75), typical(1_000, 2, 1000, 0.25))).toBe(
      0.75 * 300 + 0.25 * 1300,
    );
  });

  test('is the definition', () => {
    fc.assert(
      fc.property(clusterArbitrary, typicalArbitrary, (engine, tasks) => {
        const measure = new FragmentationMeasure(engine.cluster, tasks);
        for (let row = 0; row < engine.rowCount; row++) {
          expect(measure.of(row)).toBeCloseTo(fragmentation(stateOf(engine, row), tasks), 6);
        }
      }),
    );
  });

  test('looks ahead to what placing a task leads to', () => {
    const engine = gpuEngine([[10_000, 2, 'T4']]);
    const measure = new FragmentationMeasure(engine.cluster, [typical(3_000, 1, 500, 1)]);
    const ahead = measure.after(0, 8_000, 0b10, 600);
    expect(ahead).toBe(1400);
    expect(measure.of(0)).toBe(0);
    place(engine, [8_000, 1, 600]);
    expect(measure.of(0)).toBe(ahead);
  });

  test.each([
    [[], 'sum to 0'],
    [[typical(0, 1, 500, 0.5)], 'sum to 0.5'],
    [[typical(0, 1, 0, 1)], 'entry 0'],
    [[typical(0, 0, 500, 1)], 'entry 0'],
    [[typical(0, 33, 500, 1)], 'entry 0'],
    [[typical(-1, 1, 500, 1)], 'entry 0'],
    [[typical(0.5, 1, 500, 1)], 'entry 0'],
    [[typical(0, 1, 500, NaN)], 'entry 0'],
  ])('refuses typical tasks %#', (tasks, message) => {
    expect(() => fragmentationGradient(tasks)).toThrow(new RegExp(`INVALID_PLUGIN.*${message}`));
  });
});

describe('fragmentationGradient', () => {
  test('example: a share goes where its remainder stays usable', () => {
    const engine = gpuEngine([
      [64_000, 2, 'T4'],
      [64_000, 1, 'T4'],
    ]);
    place(engine, [1_000, 1, 500]);
    const policy = fragmentationGradient([typical(1_000, 1, 500, 1)]);
    // Row 0: 500 and 1000 free, all usable. 400 on the first GPU leaves 100 lost: ⌊100 σ(−0.1)⌋ = 47; on the
    // second it leaves 600, nothing lost: ⌊100 σ(0)⌋ = 50. Row 1: 600 left, nothing lost.
    expect([...scoresOf(engine, policy, [1_000, 1, 400]).values()]).toEqual([50, 50]);
    const task = engine.place(engine.defineClass({ ...requirements([1_000, 1, 400]), fitness: policy }));
    expect(engine.agentOf(task)).toBe(0);
    expect(stateOf(engine, 0).left).toEqual([500, 600]);
  });

  test('whole slots are the lowest idle ones', () => {
    const engine = gpuEngine([[64_000, 4, 'T4']]);
    place(engine, [1_000, 1, 500]);
    const policy = fragmentationGradient([typical(1_000, 1, 500, 1)]);
    const task = engine.place(engine.defineClass({ ...requirements([1_000, 2, 1000]), fitness: policy }));
    expect(engine.slotsOf(task, 'gpu')).toBe(0b0110);
  });

  test('leaves the slots of other sets to best fit', () => {
    const engine = new PlacementEngine({
      resources: [{ name: 'cpu' }, { name: 'gpu', kind: 'set' }, { name: 'nic', kind: 'set' }],
      fitness: fragmentationGradient([typical(1, 1, 500, 1)]),
    });
    const slots = { slots: 2, unitsPerSlot: 1000 };
    engine.addAgent({ resources: { cpu: 10, gpu: slots, nic: slots } });
    const place = (nic: number): number =>
      engine.slotsOf(
        engine.place(engine.defineClass({ resources: { gpu: { units: 1 }, nic: { units: nic } } })),
        'nic',
      );
    expect([place(600), place(700), place(300), place(300)]).toEqual([0b01, 0b10, 0b10, 0b01]);
  });

  test('is the published score', () => {
    fc.assert(
      fc.property(clusterArbitrary, typicalArbitrary, demandArbitrary, (engine, tasks, demand) => {
        for (const [row, score] of scoresOf(engine, fragmentationGradient(tasks), demand)) {
          const shrinks = gradient(stateOf(engine, row), demand, tasks);
          expect(publishedScores(shrinks)).toContain(score);
        }
      }),
    );
  });

  test('takes a slot that has the score of the agent', () => {
    fc.assert(
      fc.property(
        clusterArbitrary,
        typicalArbitrary,
        fc.integer({ min: 1, max: 999 }),
        (engine, tasks, milli) => {
          const demand: GpuDemand = [1_000, 1, milli];
          const policy = fragmentationGradient(tasks);
          const classId = engine.defineClass({ ...requirements(demand), fitness: policy });
          const row = engine.find(classId);
          fc.pre(row >= 0);
          const score = scoresOf(engine, policy, demand).get(row);
          const before = fragmentation(stateOf(engine, row), tasks);
          engine.place(classId);
          const shrinks = before - fragmentation(stateOf(engine, row), tasks);
          expect(publishedScores(shrinks)).toContain(score);
        },
      ),
    );
  });

  test('the names of resources and attribute are parameters', () => {
    const engine = new PlacementEngine({ resources: [{ name: 'cores' }, { name: 'cards', kind: 'set' }] });
    engine.addAgent({
      resources: { cores: 10, cards: { slots: 2, unitsPerSlot: 10 } },
      attributes: { kind: 'a' },
    });
    const measure = new FragmentationMeasure(engine.cluster, [typical(1, 1, 4, 1, ['b'])], {
      cpu: 'cores',
      gpu: 'cards',
      model: 'kind',
    });
    expect(measure.of(0)).toBe(20);
  });
});
