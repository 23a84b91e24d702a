import { PlacementEngine } from '@stowage/core';
import { checkFitness } from '@stowage/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
// Not through the index, as what is internal is not exported.
import { expectedFill } from '../src/expected-fill/expected-fill.ts';
import type { TypicalTask } from '../src/index.ts';
import { SEQUENCE_COUNT, SEQUENCE_LENGTH, taskSequences } from '../src/expected-fill/task-sequences.ts';
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

/** The tightest of the GPUs that fit, by number; undefined when there are not as many. */
function tightest(left: readonly number[], gpus: number, milli: number): number[] | undefined {
  const fitting = [...left.keys()].filter((gpu) => left[gpu] >= milli).sort((a, b) => left[a] - left[b]);
  return fitting.length < gpus ? undefined : fitting.slice(0, gpus);
}

/** The definition, task by task: units used, summed over all sequences. */
function used({ cpu, left, model }: Omit<AgentState, 'row'>, tasks: readonly TypicalTask[]): number {
  const allowed = tasks.filter(({ models }) => models.length === 0 || models.includes(model));
  const drawn = allowed.filter(({ slots }) => slots > 0);
  const { order } = taskSequences(allowed);
  let sum = 0;
  for (let sequence = 0; sequence < order.length / SEQUENCE_LENGTH; sequence++) {
    let cpuLeft = cpu;
    const free = [...left];
    for (const number of order.slice(sequence * SEQUENCE_LENGTH, (sequence + 1) * SEQUENCE_LENGTH)) {
      const task = drawn[number];
      const gpus = task.cpu <= cpuLeft ? tightest(free, task.slots, task.units) : undefined;
      if (gpus === undefined) continue;
      for (const gpu of gpus) free[gpu] -= task.units;
      cpuLeft -= task.cpu;
      sum += task.slots * task.units;
    }
  }
  return sum;
}

/** What others can use less, and the task uses itself, with certain GPUs taken. */
function gain(
  agent: AgentState,
  [cpu, gpus, milli]: GpuDemand,
  taken: readonly number[],
  tasks: readonly TypicalTask[],
): number {
  const left = agent.left.map((free, gpu) => free - (taken.includes(gpu) ? milli : 0));
  return (
    SEQUENCE_COUNT * gpus * milli + used({ ...agent, cpu: agent.cpu - cpu, left }, tasks) - used(agent, tasks)
  );
}

function scoreOf(agent: AgentState, demand: GpuDemand, tasks: readonly TypicalTask[]): number {
  const [, gpus, milli] = demand;
  const choices =
    gpus === 1 && milli < 1000
      ? [...agent.left.keys()].filter((gpu) => agent.left[gpu] >= milli).map((gpu) => [gpu])
      : [tightest(agent.left, gpus, milli)!];
  const best = Math.max(...choices.map((taken) => gain(agent, demand, taken, tasks)));
  return Math.round(best / 1000) + 0;
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

describe('expectedFill', () => {
  test('example: a task with much CPU goes where GPUs do not wait for CPU', () => {
    const engine = gpuEngine([
      [16_000, 2, 'P100'],
      [64_000, 2, 'P100'],
    ]);
    // Row 0: one GPU taken leaves 4 of the 16 cores and nothing for the other. Row 1: nothing is lost.
    const scores = scoresOf(engine, expectedFill([typical(8_000, 1, 1000, 1)]), [12_000, 1, 1000]);
    expect([...scores.values()]).toEqual([-8, 0]);
  });

  test('example: sees which remainders add up', () => {
    const engine = gpuEngine([
      [64_000, 1, 'T4'],
      [64_000, 1, 'T4'],
    ]);
    place(engine, [1_000, 1, 400]);
    const scores = scoresOf(engine, expectedFill([typical(1_000, 1, 300, 1)]), [1_000, 1, 400]);
    // Row 0: two of 300 would fill the 600 that are free; 200 stay after the task, none fits: 400 - 600. Row 1: 600 of
    // 1000 stay, two instead of three fit: 400 - 300, as 100 were lost anyway.
    expect([...scores.values()]).toEqual([Math.round((-200 * 8) / 1000), Math.round((100 * 8) / 1000)]);
  });

  test('a task without GPUs goes where only CPU is left', () => {
    const engine = gpuEngine([
      [16_000, 2, 'T4'],
      [16_000, 2, 'T4'],
    ]);
    place(engine, [0, 2, 1000]);
    const task = engine.place(
      engine.defineClass({
        ...requirements([12_000, 0, 0]),
        fitness: expectedFill([typical(6_000, 1, 1000, 1)]),
      }),
    );
    expect(engine.agentOf(task)).toBe(0);
  });

  test('is the definition', () => {
    fc.assert(
      fc.property(clusterArbitrary, typicalArbitrary, demandArbitrary, (engine, tasks, demand) => {
        for (const [row, score] of scoresOf(engine, expectedFill(tasks), demand)) {
          expect(score).toBe(scoreOf(stateOf(engine, row), demand, tasks));
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
          const policy = expectedFill(tasks);
          const classId = engine.defineClass({ ...requirements(demand), fitness: policy });
          const row = engine.find(classId);
          fc.pre(row >= 0);
          const score = scoresOf(engine, policy, demand).get(row);
          const before = used(stateOf(engine, row), tasks);
          engine.place(classId);
          const lost = before - used(stateOf(engine, row), tasks);
          expect(score).toBe(Math.round((SEQUENCE_COUNT * milli - lost) / 1000) + 0);
        },
      ),
    );
  });

  test('leaves the slots of other sets to best fit', () => {
    const engine = new PlacementEngine({
      resources: [{ name: 'cpu' }, { name: 'gpu', kind: 'set' }, { name: 'nic', kind: 'set' }],
      fitness: expectedFill([typical(1, 1, 500, 1)]),
    });
    const slots = { slots: 2, unitsPerSlot: 1000 };
    engine.addAgent({ resources: { cpu: 10, gpu: slots, nic: slots } });
    const nicOf = (nic: number): number =>
      engine.slotsOf(
        engine.place(engine.defineClass({ resources: { gpu: { units: 1 }, nic: { units: nic } } })),
        'nic',
      );
    expect([nicOf(600), nicOf(700), nicOf(300), nicOf(300)]).toEqual([0b01, 0b10, 0b10, 0b01]);
  });

  test('the names of resources and attribute are parameters, and slots may have any size', () => {
    const engine = new PlacementEngine({ resources: [{ name: 'cores' }, { name: 'cards', kind: 'set' }] });
    for (const kind of ['a', 'b']) {
      engine.addAgent({
        resources: { cores: 10, cards: { slots: 2, unitsPerSlot: 10 } },
        attributes: { kind },
      });
    }
    const fitness = expectedFill([typical(4, 1, 10, 1, ['b'])], {
      cpu: 'cores',
      gpu: 'cards',
      model: 'kind',
    });
    const classId = engine.defineClass({ resources: { cores: 4 }, fitness });
    // Only cards of b are worth anything; 6 cores left feed one of its two.
    expect(engine.find(classId)).toBe(0);
  });

  test('a task that may run anywhere spares the model that will be scarce', () => {
    const engine = gpuEngine([
      [64_000, 2, 'T4'],
      [64_000, 2, 'G2'],
    ]);
    const tasks = [typical(1_000, 1, 1000, 0.5, ['T4']), typical(1_000, 1, 1000, 0.5)];
    const scores = (slotsByModel?: Record<string, number>): number[] => [
      ...scoresOf(engine, expectedFill(tasks, { slotsByModel }), [1_000, 1, 1000]).values(),
    ];
    expect(scores()).toEqual([0, 0]);
    // Half of the demand is for the half of the slots that are T4: T4 sees 1.5 times the mean load, G2 half of it.
    expect(scores({ T4: 2, G2: 2 })).toEqual([0, 4]);
  });

  test('without tasks that ask for slots all agents are equal', () => {
    const engine = gpuEngine([
      [9_000, 0, 'T4'],
      [9_000, 2, 'T4'],
    ]);
    const scores = scoresOf(engine, expectedFill([typical(1_000, 0, 0, 1)]), [1_000, 0, 0]);
    expect([...scores.values()]).toEqual([0, 0]);
  });

  test.each([
    [[], 'sum to 0'],
    [[typical(0, 1, 0, 1)], 'entry 0'],
  ])('refuses typical tasks %#', (tasks, message) => {
    expect(() => expectedFill(tasks)).toThrow(new RegExp(`INVALID_PLUGIN.*${message}`));
  });

  test('keeps the promises of the plug-in contract', () => {
    checkFitness(expectedFill([typical(500, 1, 1, 0.5, ['a']), typical(1000, 2, 2, 0.5)], { model: 'zone' }));
  });
});
