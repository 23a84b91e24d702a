/**
 * Small GPU clusters in the units of the published policies (milli-cores, milli-GPU), filled with random tasks,
 * and the scores that a policy gives there.
 */
import {
  type FitnessCalculator,
  PlacementEngine,
  type SlotDemand,
  type TaskRequirements,
} from '@stowage/core';
import fc from 'fast-check';
import type { TypicalTask } from '../src/index.ts';

/** A typical task by its fields. */
export const typical = (
  cpu: number,
  slots: number,
  units: number,
  frequency: number,
  models: string[] = [],
): TypicalTask => ({ cpu, slots, units, frequency, models });

/** A free agent: milli-cores, GPUs, model. */
export type GpuAgent = readonly [cpu: number, gpus: number, model: string];

/** What the naive formulas of the tests look at. */
export interface AgentState {
  readonly row: number;
  readonly cpu: number;
  /** Free milli of each GPU. */
  readonly left: readonly number[];
  readonly model: string;
}

/** A demand: milli-cores, GPUs, milli of each. */
export type GpuDemand = readonly [cpu: number, gpus: number, milli: number];

export function gpuEngine(agents: readonly GpuAgent[]): PlacementEngine {
  const engine = new PlacementEngine({ resources: [{ name: 'cpu' }, { name: 'gpu', kind: 'set' }] });
  for (const [cpu, gpus, model] of agents) {
    engine.addAgent({ resources: { cpu, gpu: { slots: gpus, unitsPerSlot: 1000 } }, attributes: { model } });
  }
  return engine;
}

export function requirements([cpu, gpus, milli]: GpuDemand): TaskRequirements {
  const gpu: SlotDemand = milli === 1000 ? { slots: gpus } : { slots: gpus, units: milli };
  return {
    resources: gpus === 0 ? { cpu } : { cpu, gpu },
    labels: gpus === 0 ? {} : { gpuKind: milli === 1000 ? `${gpus}-gpu` : 'share' },
  };
}

/** Places a task with the tightest slots on the lowest row that takes it. */
export function place(engine: PlacementEngine, demand: GpuDemand): number {
  return engine.place(engine.defineClass(requirements(demand)));
}

export function stateOf(engine: PlacementEngine, row: number): AgentState {
  const { cluster } = engine;
  const { unitsFree, slotCount, maxSlots } = cluster.slots('gpu');
  return {
    row,
    cpu: cluster.free('cpu')[row],
    left: [...unitsFree.subarray(row * maxSlots, row * maxSlots + slotCount[row])],
    model: engine.attributesOf(row)['model'],
  };
}

/** The score of every feasible row, by row. */
export function scoresOf(
  engine: PlacementEngine,
  policy: FitnessCalculator,
  demand: GpuDemand,
): ReadonlyMap<number, number> {
  const seen = new Map<number, number>();
  const spy: FitnessCalculator = {
    name: 'spy',
    bind(cluster, task) {
      const bound = policy.bind(cluster, task);
      return {
        prepare: () => bound.prepare?.(),
        scoreInto(rows, count, scores) {
          bound.scoreInto(rows, count, scores);
          for (let i = 0; i < count; i++) seen.set(rows[i], scores[i]);
        },
      };
    },
  };
  engine.find(engine.defineClass({ ...requirements(demand), fitness: spy }));
  return seen;
}

export const demandArbitrary: fc.Arbitrary<GpuDemand> = fc.oneof(
  fc.tuple(fc.integer({ min: 0, max: 40_000 }), fc.constant(0), fc.constant(0)),
  fc.tuple(fc.integer({ min: 0, max: 20_000 }), fc.constant(1), fc.integer({ min: 1, max: 999 })),
  fc.tuple(fc.integer({ min: 0, max: 60_000 }), fc.constantFrom(1, 2, 4, 8), fc.constant(1000)),
);

const agentArbitrary: fc.Arbitrary<GpuAgent> = fc.tuple(
  fc.integer({ min: 8, max: 128 }).map((cores) => cores * 1000),
  fc.constantFrom(1, 2, 4, 8),
  fc.constantFrom('G2', 'T4', 'P100'),
);

/** A partly filled cluster. */
export const clusterArbitrary: fc.Arbitrary<PlacementEngine> = fc
  .tuple(
    fc.array(agentArbitrary, { minLength: 1, maxLength: 5 }),
    fc.array(demandArbitrary, { maxLength: 25, size: 'max' }),
  )
  .map(([agents, tasks]) => {
    const engine = gpuEngine(agents);
    for (const task of tasks) place(engine, task);
    return engine;
  });
