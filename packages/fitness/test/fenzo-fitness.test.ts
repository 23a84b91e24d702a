import {
  type FitnessCalculator,
  fitness,
  PlacementEngine,
  Scheduler,
  type TaskRequirements,
} from '@stowage/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  binPacking,
  cpuMemBinPacker,
  cpuMemNetworkBinPacker,
  cpuMemNetworkSpreader,
  cpuMemSpreader,
  cpuSpreader,
  defaultFitness,
  fenzoFitness,
  type FenzoFitnessOptions,
  fenzoSetFitness,
  fenzoSlots,
  memorySpreader,
  networkSpreader,
  spreading,
} from '../src/index.ts';
import { decimalsOf, scoresOf } from './scores.ts';

const RESOURCES = [
  { name: 'cpu', unitsPerWhole: 1000 },
  { name: 'memory' },
  { name: 'network' },
  { name: 'eni', kind: 'set' as const },
  { name: 'gpu', kind: 'set' as const },
];

/** One agent of 4 cpu, 100 MiB and 10 Mbps, with interfaces of some addresses each. */
function engineWith(...interfaces: { slots: number; unitsPerSlot: number }[]): PlacementEngine {
  const engine = new PlacementEngine({ resources: RESOURCES });
  for (const eni of interfaces) engine.addAgent({ resources: { cpu: 4, memory: 100, network: 10, eni } });
  return engine;
}

function put(engine: PlacementEngine, requirements: TaskRequirements): void {
  expect(engine.place(engine.defineClass(requirements))).toBeGreaterThanOrEqual(0);
}

const constant = (value: number): FitnessCalculator => ({
  ...fitness('constant', () => value, 'attributes'),
  range: [0, 100],
});

describe("Fenzo's calculators", () => {
  test('packers score used/total and their mean, spreaders the rest to 1', () => {
    const engine = engineWith({ slots: 1, unitsPerSlot: 1 });
    put(engine, { resources: { cpu: 1, memory: 20 } });
    const task = { resources: { cpu: 1, memory: 30, network: 2 } };
    expect(decimalsOf(engine, binPacking('cpu'), task)).toEqual([0.5]);
    expect(decimalsOf(engine, cpuMemBinPacker(), task)).toEqual([(0.5 + 0.5) / 2]);
    expect(decimalsOf(engine, cpuMemNetworkBinPacker(), task)[0]).toBeCloseTo((0.5 + 0.5 + 0.2) / 3, 12);
    for (const [spreader, packed] of [
      [cpuSpreader(), 0.5],
      [memorySpreader(), 0.5],
      [networkSpreader(), 0.2],
      [cpuMemSpreader(), 0.5],
      [cpuMemNetworkSpreader(), 0.4],
    ] as const) {
      const { scores } = scoresOf(engine, spreader, task);
      const { scores: full } = scoresOf(engine, spreader, { resources: { cpu: 3, memory: 80, network: 10 } });
      expect(scores[0]! / full[0]!).toBeCloseTo(packed, 12);
    }
  });

  test('a spreader fills an agent, and a packer takes a task that asks for nothing', () => {
    const scheduler = new Scheduler({ fitness: cpuSpreader() });
    scheduler.addAgent({ id: 'a', resources: { cpu: 4 } });
    expect(scheduler.schedule([{ id: 'all', resources: { cpu: 4 } }]).placements).toHaveLength(1);
    scheduler.release('all');
    scheduler.useFitness(binPacking('cpu'));
    expect(scheduler.schedule([{ id: 'none', resources: {} }]).placements).toHaveLength(1);
  });

  test('the default scores 1.0 everywhere', () => {
    expect(decimalsOf(engineWith({ slots: 0, unitsPerSlot: 1 }), defaultFitness())).toEqual([1]);
  });
});

describe('fenzoSetFitness', () => {
  const sg1 = (units: number) => ({ resources: { eni: { units, label: 'sg1' } } });

  test('rates the first address of a group 0.1 and the second 0.6 on interfaces of 4, as published', () => {
    const engine = engineWith({ slots: 3, unitsPerSlot: 4 });
    expect(decimalsOf(engine, fenzoSetFitness(['eni']), sg1(1))[0]).toBeCloseTo(0.1, 12);
    put(engine, sg1(1));
    expect(decimalsOf(engine, fenzoSetFitness(['eni']), sg1(1))[0]).toBeCloseTo(0.6, 12);
    expect(decimalsOf(engine, fenzoSetFitness(['eni']), sg1(3))[0]).toBe(1);
    expect(decimalsOf(engine, fenzoSetFitness(['eni']), sg1(4))[0]).toBeCloseTo(0.1, 12);
  });

  test('takes the best slot of each set, and the mean over the sets that an agent has', () => {
    const engine = new PlacementEngine({ resources: RESOURCES });
    engine.addAgent({
      resources: { eni: { slots: 2, unitsPerSlot: 3 }, gpu: { slots: 1, unitsPerSlot: 4 } },
    });
    engine.addAgent({ resources: { eni: { slots: 2, unitsPerSlot: 3 } } });
    engine.addAgent({ resources: {} });
    const idle = { resources: {} };
    const rounded = (sets?: string[]) =>
      decimalsOf(engine, fenzoSetFitness(sets), idle).map((value) => Number(value!.toFixed(12)));
    expect(rounded()).toEqual([(0.125 + 0.1) / 2, 0.125, 0]);
    expect(rounded(['gpu'])).toEqual([0.1, 0, 0]);
    put(engine, { resources: { eni: { units: 1, label: 'a' } } });
    put(engine, { resources: { eni: { units: 2, label: 'b' } } });
    const wantsB = { resources: { eni: { units: 1, label: 'b' } } };
    expect(decimalsOf(engine, fenzoSetFitness(['eni']), wantsB)).toEqual([1, 0.125, undefined]);
  });

  test('a request for the label only, as of tasks without addresses, fills the slot of that name', () => {
    const engine = engineWith({ slots: 2, unitsPerSlot: 3 });
    const none = { resources: { eni: { units: 0, label: 'none' } } };
    expect(decimalsOf(engine, fenzoSetFitness(['eni']), none)).toEqual([0.125]);
    put(engine, none);
    expect(decimalsOf(engine, fenzoSetFitness(['eni']), none)).toEqual([0.25]);
  });

  test('whole slots need idle ones', () => {
    const engine = engineWith({ slots: 2, unitsPerSlot: 3 });
    put(engine, sg1(1));
    expect(
      decimalsOf(engine, fenzoSetFitness(['eni']), { resources: { eni: { slots: 1, label: 'sg1' } } }),
    ).toEqual([0.125]);
  });

  test.each([() => fenzoSetFitness('eni' as never), () => fenzoSetFitness(['eni', 'eni'])])(
    'refuses wrong parameters: %s',
    (make) => {
      expect(make).toThrow('INVALID_PLUGIN');
    },
  );
});

describe('fenzoSlots', () => {
  test('fills the fullest slot of the label first', () => {
    const engine = engineWith({ slots: 3, unitsPerSlot: 4 });
    const place = (units: number) => {
      const taskClass = engine.defineClass({
        resources: { eni: { units, label: 'sg1' } },
        fitness: { ...defaultFitness(), slotFitness: fenzoSlots() },
      });
      return Math.log2(engine.slotsOf(engine.place(taskClass), 'eni'));
    };
    expect([place(2), place(3), place(1), place(1), place(4)]).toEqual([0, 1, 1, 0, 2]);
  });
});

describe('fenzoFitness', () => {
  test('mixes 15 : 50 : 35, an agent without sets at 0 and no soft constraints at 1', () => {
    const bare = engineWith({ slots: 0, unitsPerSlot: 1 });
    const task = { resources: { cpu: 1 } };
    expect(decimalsOf(bare, fenzoFitness({ fitness: binPacking('cpu') }), task)[0]).toBeCloseTo(0.5875, 12);
    expect(decimalsOf(bare, fenzoFitness(), task)[0]).toBeCloseTo(0.85, 12);
    const engine = engineWith({ slots: 3, unitsPerSlot: 4 });
    put(engine, { resources: { eni: { units: 1, label: 'sg1' } } });
    const policy = fenzoFitness({
      fitness: binPacking('cpu'),
      softConstraints: [constant(100), constant(0), constant(25)],
      sets: ['eni'],
    });
    const expected = (15 * 0.6 + (50 * (1 + 0 + 0.25)) / 3 + 35 * 0.25) / 100;
    const asking = { resources: { cpu: 1, eni: { units: 1, label: 'sg1' } } };
    expect(decimalsOf(engine, policy, asking)[0]).toBeCloseTo(expected, 11);
  });

  test('takes other weights, among them none', () => {
    const engine = engineWith({ slots: 0, unitsPerSlot: 1 });
    const policy = (weights: FenzoFitnessOptions['weights']) =>
      fenzoFitness({
        fitness: constant(40),
        softConstraints: [constant(10), constant(30)],
        weights: weights ?? {},
      });
    expect(decimalsOf(engine, policy({ sets: 0, softConstraints: 1, fitness: 3 }))[0]).toBeCloseTo(0.35, 12);
    expect(decimalsOf(engine, policy({ sets: 0, softConstraints: 0.7, fitness: 0 }))[0]).toBeCloseTo(0.2, 12);
    expect(decimalsOf(engine, policy({ sets: 1, softConstraints: 0, fitness: 1 }))[0]).toBeCloseTo(0.2, 12);
  });

  test('rounds to the nearest, so that thirds and halves of equal sum tie', () => {
    const sixths = (...scores: number[]): FitnessCalculator => ({
      ...fitness('sixths', (_, { row }) => scores[row], 'attributes'),
      range: [0, 6],
    });
    const engine = engineWith({ slots: 0, unitsPerSlot: 1 }, { slots: 0, unitsPerSlot: 1 });
    const { scores } = scoresOf(engine, fenzoFitness({ softConstraints: [sixths(3, 2), sixths(3, 4)] }));
    expect(scores[0]).toBe(scores[1]);
  });

  test('leaves slots to its fitness, else to Fenzo', () => {
    const slotFitness = { name: 'own', bind: () => ({ score: () => 0 }) };
    expect(fenzoFitness({ fitness: { ...constant(1), slotFitness } }).slotFitness).toBe(slotFitness);
    expect(fenzoFitness().slotFitness?.name).toBe("Fenzo's slots");
  });

  test('orders agents as doubles do wherever those differ by more than 10^-9', () => {
    const total = fc.integer({ min: 1, max: 100_000 });
    const agent = fc.record({ cpu: total, memory: total, usedCpu: fc.nat(100), usedMemory: fc.nat(100) });
    fc.assert(
      fc.property(
        fc.array(agent, { minLength: 2, maxLength: 6 }),
        fc.array(fc.nat(100), { minLength: 6, maxLength: 6 }),
        (agents, soft) => {
          const engine = new PlacementEngine({ resources: [{ name: 'cpu' }, { name: 'memory' }] });
          const used: [number, number][] = [];
          for (const { cpu, memory, usedCpu, usedMemory } of agents) {
            const row = engine.addAgent({ resources: { cpu, memory } });
            used[row] = [Math.floor((cpu * usedCpu) / 100), Math.floor((memory * usedMemory) / 100)];
            engine.placeOn(
              engine.defineClass({ resources: { cpu: used[row][0], memory: used[row][1] } }),
              row,
            );
          }
          const preference: FitnessCalculator = {
            ...fitness('preference', (_, { row }) => soft[row], 'attributes'),
            range: [0, 100],
          };
          const { scores, greatest } = scoresOf(
            engine,
            fenzoFitness({ fitness: cpuMemBinPacker(), softConstraints: [preference] }),
          );
          agents.forEach(({ cpu, memory }, row) => {
            const packed = (used[row][0] / cpu + used[row][1] / memory) / 2;
            const fenzo = (0 * 15.0 + (soft[row] / 100) * 50.0 + packed * 35.0) / 100.0;
            // Half of 10^-9 on each side: greater differences keep their order.
            expect(Math.abs(scores[row]! / greatest - fenzo)).toBeLessThan(5e-10);
          });
        },
      ),
      { numRuns: 300 },
    );
  });

  test.each([
    () => fenzoFitness({ fitness: spreading }),
    () => fenzoFitness({ softConstraints: {} as never }),
    () => fenzoFitness({ softConstraints: [null as never] }),
    () => fenzoFitness({ weights: { sets: -1 } }),
    () => fenzoFitness({ weights: { sets: 0, softConstraints: 0, fitness: 0 } }),
    () => fenzoFitness({ sets: ['eni', 'eni'] }),
  ])('refuses wrong parameters: %s', (make) => {
    expect(make).toThrow('INVALID_PLUGIN');
  });

  test('reports an unknown set when a class is first placed', () => {
    expect(() =>
      decimalsOf(engineWith({ slots: 1, unitsPerSlot: 1 }), fenzoFitness({ sets: ['nic'] })),
    ).toThrow('UNKNOWN_RESOURCE');
  });
});
