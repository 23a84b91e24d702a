/**
 * Plans of the engine against brute force, on small random clusters under all bundled constraints.
 */
import { PlacementEngine, type ResourceDefinition, StowageError } from '@stowage/core';
import {
  agentShapeArbitrary,
  enginePolicies,
  engineRequirements,
  referencePolicies,
  referencePreemption,
  referenceRequirements,
  ReferenceScheduler,
  requirementsArbitrary,
  resourcesArbitrary,
  sameBytes,
  type ScenarioClass,
} from '@stowage/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bundledPolicies } from './policy-pairs.ts';

const CASES = 4000;
const MOST_TASKS_PER_AGENT = 6;

const constraints = fc.oneof(
  { weight: 6, arbitrary: fc.constant([]) },
  { weight: 3, arbitrary: fc.tuple(bundledPolicies.constraint) },
  { weight: 1, arbitrary: fc.tuple(bundledPolicies.constraint, bundledPolicies.constraint) },
);

const placedClass = (resources: readonly ResourceDefinition[]): fc.Arbitrary<ScenarioClass> =>
  fc
    .record({
      bare: requirementsArbitrary(resources),
      priority: fc.integer({ min: -2, max: 2 }),
      constraints,
    })
    .map(({ bare, ...others }) => ({ ...bare, ...others, softConstraints: [], fitness: undefined }));

/** Asks for much, and seldom for what evictions cannot give. */
const newcomerClass = (resources: readonly ResourceDefinition[]): fc.Arbitrary<ScenarioClass> =>
  fc
    .record({
      one: placedClass(resources),
      units: fc.array(fc.constantFrom(0, 1, 2, 3, 4, 6), { minLength: 4, maxLength: 4 }),
      priority: fc.integer({ min: 1, max: 3 }),
      isPlain: fc.boolean(),
    })
    .map(({ one: { opportunistic = {}, ...one }, units, priority, isPlain }) => {
      const scalars = resources.filter(({ kind }) => kind !== 'set');
      const much = scalars.map(({ name, unitsPerWhole = 1 }, i) => [name, units[i] / unitsPerWhole]);
      return {
        ...one,
        resources: { ...one.resources, ...Object.fromEntries(much) },
        opportunistic: isPlain ? {} : opportunistic,
        constraints: isPlain ? [] : one.constraints,
        priority,
      };
    });

/** Mostly acts that fill the cluster. */
const act = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom('place', 'placeOn', 'placeOn', 'reserve', 'adopt', 'adopt') },
  { weight: 1, arbitrary: fc.constantFrom('start', 'release', 'drain', 'begin', 'time') },
);
const step = fc.record({ taskClass: fc.nat(5), row: fc.nat(4), act });

/** Clusters where slots are all that tasks ask for give more cases in which only slots are missing. */
const resourcesAndDemands = fc.tuple(resourcesArbitrary(), fc.boolean()).map(([resources, areSlotsOnly]) => {
  const sets = resources.filter(({ kind }) => kind === 'set');
  return { resources, demanded: areSlotsOnly && sets.length > 0 ? sets : resources };
});

const clusterArbitrary = resourcesAndDemands.chain(({ resources, demanded }) =>
  fc.record({
    resources: fc.constant(resources),
    agents: fc.array(agentShapeArbitrary(resources), { minLength: 1, maxLength: 5, size: 'max' }),
    classes: fc.array(placedClass(demanded), {
      minLength: 1,
      maxLength: 5,
      size: 'max',
    }),
    newcomer: newcomerClass(demanded),
    systemConstraints: fc
      .oneof(
        { weight: 5, arbitrary: fc.constant([]) },
        { weight: 1, arbitrary: fc.tuple(bundledPolicies.constraint) },
      )
      .map((pairs) =>
        pairs.filter(({ plugin }) => plugin.claimsAgent !== true && plugin.repels === undefined),
      ),
    steps: fc.array(step, { minLength: 20, maxLength: 60, size: 'max' }),
    protectedTasks: fc.option(fc.nat(6), { nil: undefined }),
    row: fc.option(fc.nat(4), { freq: 4, nil: undefined }),
    maxTests: fc.constantFrom(1, 3, 10),
  }),
);

type Cluster = typeof clusterArbitrary extends fc.Arbitrary<infer T> ? T : never;

/** The same history on both sides. */
function build({ resources, agents, classes, systemConstraints, steps }: Cluster) {
  const system = { constraints: systemConstraints, softConstraints: [], fitness: undefined };
  const engine = new PlacementEngine({ resources, agentCapacity: 2, ...enginePolicies(system) });
  const oracle = new ReferenceScheduler({ resources, ...referencePolicies(system) });
  for (const shape of agents) {
    engine.addAgent(shape);
    oracle.addAgent(shape);
  }
  const ids = classes.map((one) => engine.defineClass(engineRequirements(one)));
  const asked = classes.map(referenceRequirements);
  const handles = new Map<number, number>();
  const note = (handle: number, id: number | undefined) => {
    expect(handle >= 0, 'placed on one side only').toBe(id !== undefined);
    if (id !== undefined) handles.set(handle, id);
  };
  for (const { taskClass, row: anyRow, act } of steps) {
    const c = taskClass % classes.length;
    const row = anyRow % agents.length;
    const [oldest] = handles;
    const isFull = engine.tasksOn(row).length >= MOST_TASKS_PER_AGENT;
    if (act === 'place' && !isFull) note(engine.place(ids[c]), oracle.place(asked[c])?.id);
    if (act === 'placeOn' && !isFull) note(engine.placeOn(ids[c], row), oracle.placeOn(asked[c], row)?.id);
    if (act === 'reserve' && !isFull) note(engine.reserve(ids[c], row), oracle.reserve(asked[c], row)?.id);
    if (act === 'adopt' && !isFull) {
      const handle = orFull(() => engine.adopt(ids[c], row));
      note(handle ?? -1, orFull(() => oracle.adopt(asked[c], row))?.id);
    }
    if (act === 'start' && oldest !== undefined && engine.stageOf(oldest[0]) === 'assigned') {
      engine.start(oldest[0]);
      oracle.start(oldest[1]);
    }
    if (act === 'release' && oldest !== undefined) {
      engine.release(oldest[0]);
      oracle.release(oldest[1]);
      handles.delete(oldest[0]);
    }
    if (act === 'drain') {
      engine.drainAgent(row, taskClass === 0);
      oracle.drainAgent(row, taskClass === 0);
    }
    if (act === 'time' && engine.transactionDepth === 0) {
      const nowMs = engine.cluster.nowMs() + 5;
      engine.advanceTo(nowMs);
      oracle.advanceTo(nowMs);
    }
    if (act === 'begin' && taskClass === 0) engine.begin();
  }
  return { engine, oracle, handles };
}

function orFull<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch (error) {
    if (error instanceof StowageError && error.code === 'AGENT_FULL') return undefined;
    throw error;
  }
}

/** All that can be seen of the state, also inside a transaction. */
function visible(engine: PlacementEngine, depth: number): unknown {
  const rows = Array.from({ length: engine.rowCount }, (_, row) => [
    engine.usageOf(row),
    engine.tasksOn(row),
  ]);
  return [rows, engine.transactionDepth, engine.taskCount, depth, engine.verify()];
}

describe('preemption', () => {
  it(`plans what brute force finds, in ${CASES} random clusters`, () => {
    const seen = {
      withoutVictims: 0,
      none: 0,
      one: 0,
      several: 0,
      inTransaction: 0,
      inexact: 0,
      carriedOut: 0,
    };
    fc.assert(
      fc.property(clusterArbitrary, (cluster) => {
        const { engine, oracle, handles } = build(cluster);
        const { newcomer, protectedTasks, agents } = cluster;
        const row = cluster.row === undefined ? undefined : cluster.row % agents.length;
        const classId = engine.defineClass(engineRequirements(newcomer));
        const requirements = referenceRequirements(newcomer);
        const isEvictable = (id: number) => protectedTasks === undefined || id % 7 !== protectedTasks;
        const mayEvict = (handle: number) => isEvictable(handles.get(handle)!);
        const isOpen = engine.transactionDepth > 0;
        const before = isOpen ? undefined : engine.snapshot();
        const visibleBefore = visible(engine, engine.transactionDepth);

        const plan = engine.planPreemption(classId, { row, mayEvict });
        const expected = referencePreemption(oracle, requirements, {
          row,
          mayEvict: ({ id }) => isEvictable(id),
        });
        expect(
          plan && {
            ...plan,
            victims: plan.victims.map(({ handle, priority }) => [handles.get(handle), priority]),
          },
        ).toEqual(
          expected && {
            row: expected.row,
            victims: expected.victims.map(({ id, task }) => [id, task.priority]),
            exact: true,
          },
        );

        const hasty = engine.planPreemption(classId, { row, mayEvict, maxTests: cluster.maxTests });
        if (hasty?.exact === true) expect(hasty).toEqual(plan);
        if (before !== undefined) expect(sameBytes(engine.snapshot(), before)).toBe(true);
        expect(visible(engine, engine.transactionDepth)).toEqual(visibleBefore);

        if (isOpen) seen.inTransaction++;
        if (plan === undefined) seen.none++;
        else if (plan.victims.length === 0) seen.withoutVictims++;
        else if (plan.victims.length === 1) seen.one++;
        else seen.several++;
        if (hasty?.exact === false) {
          seen.inexact++;
          expect(
            hasty.victims.every(({ handle, priority }) => priority < newcomer.priority! && mayEvict(handle)),
          ).toBe(true);
        }
        for (const one of [plan, hasty]) {
          if (one === undefined) continue;
          engine.begin();
          const reservation = engine.preempt(classId, one);
          expect([engine.stageOf(reservation), engine.agentOf(reservation)]).toEqual(['reserved', one.row]);
          expect(one.victims.some(({ handle }) => engine.hasTask(handle))).toBe(false);
          expect(engine.verify()).toEqual([]);
          engine.rollback();
          seen.carriedOut++;
        }
        if (before !== undefined) expect(sameBytes(engine.snapshot(), before)).toBe(true);
      }),
      { numRuns: CASES },
    );
    for (const [event, count] of Object.entries(seen)) expect(count, event).toBeGreaterThan(CASES / 50);
  });
});
