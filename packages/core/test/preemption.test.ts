/**
 * Who has to leave for a task of higher priority, case by case; against brute force it is compared in
 * `packages/testing/test/preemption.property.test.ts`.
 */
import { describe, expect, test } from 'vitest';
import { constraint, type HardConstraint, PlacementEngine, type TaskRequirements } from '../src/index.ts';
import { codeOf } from './refusals.ts';

const RESOURCES = [
  { name: 'cpu' },
  { name: 'memory' },
  { name: 'gpu', kind: 'set' },
  { name: 'interface', kind: 'set', rebindAfterMs: 1000 },
] as const;

function engineWith(...agents: Parameters<PlacementEngine['addAgent']>[0][]): PlacementEngine {
  const engine = new PlacementEngine({ resources: RESOURCES });
  for (const agent of agents) engine.addAgent(agent);
  return engine;
}

/** Places a task on a row and returns its handle. */
function put(engine: PlacementEngine, row: number, requirements: TaskRequirements): number {
  const handle = engine.placeOn(engine.defineClass(requirements), row);
  expect(handle).toBeGreaterThanOrEqual(0);
  return handle;
}

/** Row and victims of the plan for a task, of a high priority unless it says so; a plan changes nothing. */
function planFor(
  engine: PlacementEngine,
  requirements: TaskRequirements,
  options: Parameters<PlacementEngine['planPreemption']>[1] = {},
) {
  const classId = engine.defineClass({ priority: 100, ...requirements });
  const before = bytesOf(engine);
  const plan = engine.planPreemption(classId, options);
  expect(bytesOf(engine)).toEqual(before);
  expect(engine.verify()).toEqual([]);
  return plan && [plan.row, plan.victims.map(({ handle }) => handle), plan.exact];
}

const bytesOf = (owner: { snapshot(): ArrayBuffer }): Uint8Array => new Uint8Array(owner.snapshot());

const claims: HardConstraint = {
  name: 'alone',
  dependsOn: 'agent',
  claimsAgent: true,
  bind: ({ taskCount }) => ({ test: (row) => (taskCount[row] > 0 ? 1 : 0) }),
};
const cpu = (amount: number, priority = 0): TaskRequirements => ({ resources: { cpu: amount }, priority });

describe('the plan', () => {
  test('has no victims where the task fits', () => {
    const engine = engineWith({ resources: { cpu: 1 } }, { resources: { cpu: 4 } });
    put(engine, 1, cpu(1));
    expect(planFor(engine, cpu(3, 100))).toEqual([1, [], true]);
  });

  test('never takes tasks of the same or a higher priority', () => {
    const engine = engineWith({ resources: { cpu: 4 } });
    put(engine, 0, cpu(2, 5));
    put(engine, 0, cpu(2, 6));
    expect(planFor(engine, cpu(1, 5))).toBeUndefined();
    const [, lower] = engine.tasksOn(0);
    expect(planFor(engine, cpu(1, 7), { mayEvict: (handle) => handle === lower })).toEqual([
      0,
      [lower],
      true,
    ]);
  });

  test('is undefined when no evictions help, also without agents', () => {
    expect(planFor(engineWith(), cpu(1))).toBeUndefined();
    const engine = engineWith({ resources: { cpu: 4 } });
    put(engine, 0, cpu(4));
    expect(planFor(engine, cpu(5, 100))).toBeUndefined();
  });

  test('prefers a lower highest priority to fewer victims', () => {
    const engine = engineWith({ resources: { cpu: 4 } }, { resources: { cpu: 4 } });
    put(engine, 0, cpu(4, 2));
    const low = [1, 1].map((priority) => put(engine, 1, cpu(2, priority)));
    expect(planFor(engine, cpu(4, 100))).toEqual([1, [...low].reverse(), true]);
  });

  test('prefers fewer victims to a smaller sum', () => {
    const engine = engineWith({ resources: { cpu: 4 } }, { resources: { cpu: 4 } });
    const one = put(engine, 0, cpu(4, 5));
    put(engine, 1, cpu(2, -50));
    put(engine, 1, cpu(2, 5));
    expect(planFor(engine, cpu(4, 100))).toEqual([0, [one], true]);
  });

  test('prefers a smaller sum to a lower row', () => {
    const engine = engineWith({ resources: { cpu: 4 } }, { resources: { cpu: 4 } });
    for (const priority of [3, 5]) put(engine, 0, cpu(2, priority));
    const victims = [2, 5].map((priority) => put(engine, 1, cpu(2, priority)));
    expect(planFor(engine, cpu(4, 100))).toEqual([1, victims, true]);
  });

  test('prefers the lowest row, also when a higher one looked cheaper at first', () => {
    const engine = engineWith({ resources: { cpu: 4 } }, { resources: { cpu: 5 } });
    const victims = [3, 5].map((priority) => put(engine, 0, cpu(2, priority)));
    for (const priority of [3, 5]) put(engine, 1, cpu(2, priority));
    put(engine, 1, cpu(1, 1));
    expect(planFor(engine, cpu(4, 100))).toEqual([0, victims, true]);
  });

  test('prefers the tasks placed last', () => {
    const engine = engineWith({ resources: { cpu: 8 } });
    const handles = [1, 2, 3, 4].map(() => put(engine, 0, cpu(2)));
    expect(planFor(engine, cpu(3, 100))).toEqual([0, [handles[3], handles[2]], true]);
    engine.release(handles[1]);
    const youngest = put(engine, 0, cpu(2));
    expect(planFor(engine, cpu(3, 100))).toEqual([0, [youngest, handles[3]], true]);
  });

  test('has no victim too many where resources are met by different tasks', () => {
    const engine = engineWith({ resources: { cpu: 8, memory: 8 } });
    put(engine, 0, { resources: { cpu: 4, memory: 1 } });
    const both = put(engine, 0, { resources: { cpu: 3, memory: 3 } });
    put(engine, 0, { resources: { cpu: 1, memory: 4 } });
    expect(planFor(engine, { resources: { cpu: 2, memory: 2 } })).toEqual([0, [both], true]);
  });

  test('looks at one agent only when it is told so', () => {
    const engine = engineWith({ resources: { cpu: 4 } }, { resources: { cpu: 4 } });
    put(engine, 0, cpu(4, 0));
    const other = put(engine, 1, cpu(4, 1));
    expect(planFor(engine, cpu(4, 100), { row: 1 })).toEqual([1, [other], true]);
  });

  test('passes over agents that drain or whose attributes and taints do not do', () => {
    const inZone = (zone: string) => ({ resources: { cpu: 4 }, attributes: { zone } });
    const engine = engineWith(inZone('a'), inZone('b'), inZone('a'), inZone('a'));
    const handles = [0, 1, 2, 3].map((row) => put(engine, row, cpu(4)));
    engine.drainAgent(0);
    engine.updateAgent(2, { ...inZone('a'), taints: [{ key: 'dedicated', effect: 'NoSchedule' }] });
    const zone = constraint('zone a', (_, agent) => agent.attribute('zone') === 'a' || 'no', 'attributes');
    expect(planFor(engine, { ...cpu(4), priority: 9, constraints: [zone] })).toEqual([3, [handles[3]], true]);
  });

  test('respects what opportunistic tasks may use', () => {
    const engine = engineWith({ resources: { cpu: 8 } });
    const reserved = engine.reserve(engine.defineClass(cpu(8, 100)), 0);
    const borrowers = [6, 2].map((amount) =>
      put(engine, 0, { resources: {}, opportunistic: { cpu: amount } }),
    );
    expect(planFor(engine, { resources: {}, opportunistic: { cpu: 2 } })).toEqual([0, [borrowers[1]], true]);
    expect(planFor(engine, { resources: {}, opportunistic: { cpu: 4 } })).toEqual([0, [borrowers[0]], true]);
    expect(engine.hasTask(reserved)).toBe(true);
  });
});

describe('slots', () => {
  const gpus = { resources: { cpu: 64, gpu: { slots: 2, unitsPerSlot: 4 } } };

  test('are freed of as many units as are missing', () => {
    const engine = engineWith({ resources: { gpu: { slots: 1, unitsPerSlot: 4 } } });
    const two = put(engine, 0, { resources: { gpu: { units: 2 } } });
    put(engine, 0, { resources: { gpu: { units: 1 } } });
    expect(planFor(engine, { resources: { gpu: { units: 3 } } })).toEqual([0, [two], true]);
  });

  test('with another label are freed of all their holders', () => {
    const engine = engineWith(gpus);
    const red = { resources: { gpu: { units: 1, label: 'red' } } };
    const four = [1, 2, 3, 4].map(() => put(engine, 0, red));
    const three = [1, 2, 3].map(() => put(engine, 0, red));
    expect(four.map((handle) => engine.slotsOf(handle, 'gpu'))).toEqual([1, 1, 1, 1]);
    const blue = { resources: { gpu: { units: 1, label: 'blue' } } };
    expect(planFor(engine, blue)).toEqual([0, [...three].reverse(), true]);
    expect(planFor(engine, blue, { mayEvict: (handle) => handle !== three[0] })).toEqual([
      0,
      [...four].reverse(),
      true,
    ]);
  });

  test('do not come free of a label that outlasts its holders', () => {
    const nic = { resources: { interface: { slots: 1, unitsPerSlot: 4 } } };
    const held = (label?: string) => ({ resources: { interface: { units: 1, ...(label && { label }) } } });
    const labelled = engineWith(nic);
    put(labelled, 0, held('red'));
    expect(planFor(labelled, held('blue'))).toBeUndefined();
    const plain = engineWith(nic);
    const holder = put(plain, 0, held());
    expect(planFor(plain, held('blue'))).toEqual([0, [holder], true]);
  });

  test('make a difference between tasks of one class', () => {
    const engine = engineWith({ resources: { gpu: { slots: 2, unitsPerSlot: 2 } } });
    const half = { resources: { gpu: { units: 1 } } };
    const classId = engine.defineClass(half);
    put(engine, 0, { ...half, priority: 100 });
    const alone = engine.adopt(classId, 0, { gpu: 0b10 });
    engine.adopt(classId, 0, { gpu: 0b01 });
    const pleased = constraint('pleased', () => true);
    expect(planFor(engine, { resources: { gpu: {} } })).toEqual([0, [alone], true]);
    expect(planFor(engine, { resources: { gpu: {} }, constraints: [pleased] })).toEqual([0, [alone], true]);
  });

  test('of several sets are freed together', () => {
    const engine = engineWith({
      resources: { gpu: { slots: 1, unitsPerSlot: 1 }, interface: { slots: 1, unitsPerSlot: 1 } },
    });
    const gpu = put(engine, 0, { resources: { gpu: {} } });
    const nic = put(engine, 0, { resources: { interface: {} } });
    expect(planFor(engine, { resources: { gpu: {}, interface: {} } })).toEqual([0, [nic, gpu], true]);
  });
});

describe('rules between tasks', () => {
  test('a task that claims its agent makes way as a whole, and needs an empty one', () => {
    const engine = engineWith({ resources: { cpu: 8 } }, { resources: { cpu: 8 } });
    const exclusive = put(engine, 0, { ...cpu(1, 3), constraints: [claims] });
    const others = [1, 2].map((priority) => put(engine, 1, cpu(4, priority)));
    expect(planFor(engine, cpu(1, 100))).toEqual([1, [others[0]], true]);
    expect(planFor(engine, cpu(1, 100), { row: 0 })).toEqual([0, [exclusive], true]);
    expect(planFor(engine, { ...cpu(1, 100), constraints: [claims] })).toEqual([1, others, true]);
  });

  test('tasks that repel the newcomer make way, unless they are on other agents', () => {
    const repelling = (attribute?: string): HardConstraint => ({
      name: 'keep away',
      dependsOn: 'attributes',
      repels: { selector: { matchLabels: { job: 'noisy' } }, attribute },
      bind: () => ({ test: () => 0 }),
    });
    const engine = engineWith(
      { resources: { cpu: 8 }, attributes: { zone: 'a' } },
      { resources: { cpu: 8 }, attributes: { zone: 'a' } },
    );
    const noisy = { ...cpu(1, 100), job: 'noisy' };
    put(engine, 0, cpu(1));
    const shy = [1, 2].map(() => put(engine, 0, { ...cpu(1), constraints: [repelling()] }));
    expect(planFor(engine, noisy, { row: 0 })).toEqual([0, [...shy].reverse(), true]);
    const zonal = put(engine, 1, { ...cpu(1), constraints: [repelling('zone')] });
    expect(planFor(engine, noisy)).toEqual([1, [zonal], true]);
    expect(planFor(engine, noisy, { row: 0 })).toBeUndefined();
  });

  test('a constraint that more departures can break or mend gets the set that suits it', () => {
    const even = constraint('an even number', (_, { taskCount }) => taskCount % 2 === 0 || 'odd', 'agent');
    const engine = engineWith({ resources: { cpu: 8 } });
    const handles = [1, 2, 3, 4].map((priority) => put(engine, 0, cpu(2, priority)));
    expect(planFor(engine, { ...cpu(2), priority: 9, constraints: [even] })).toEqual([
      0,
      handles.slice(0, 2),
      true,
    ]);
    engine.release(handles[1]);
    expect(planFor(engine, { ...cpu(1), priority: 9, constraints: [even] })).toEqual([0, [handles[0]], true]);
  });
});

describe('options', () => {
  test('mayEvict is asked once about every task of lower priority on agents that come into question', () => {
    const engine = engineWith({ resources: { cpu: 4 } }, { resources: { cpu: 4 } });
    const handles = [put(engine, 0, cpu(2, 1)), put(engine, 0, cpu(2, 1)), put(engine, 1, cpu(4, 100))];
    const asked: number[] = [];
    const mayEvict = (handle: number) => asked.push(handle) > 0 && handle !== handles[1];
    expect(planFor(engine, cpu(2, 100), { mayEvict })).toEqual([0, [handles[0]], true]);
    expect(asked).toEqual(handles.slice(0, 2));
  });

  test('a promise is no answer, and an answer that changes the engine is refused', () => {
    const engine = engineWith({ resources: { cpu: 4 } });
    const handle = put(engine, 0, cpu(4));
    const classId = engine.defineClass(cpu(4, 1));
    const plan = (mayEvict: unknown) => () =>
      engine.planPreemption(classId, { mayEvict: mayEvict as (handle: number) => boolean });
    expect(codeOf(plan(() => Promise.resolve(false)))).toBe('INVALID_SPEC');
    expect(codeOf(plan(() => engine.release(handle) === undefined))).toBe('REENTRANT_CALL');
  });

  test('a search that is cut short still gives victims that suffice, and says so', () => {
    const engine = engineWith({ resources: { cpu: 40, memory: 40 } });
    const amounts = Array.from({ length: 16 }, (_, i) => [1 + ((i * 7) % 4), 1 + ((i * 5) % 4)]);
    for (const [own, memory] of amounts) put(engine, 0, { resources: { cpu: own, memory } });
    const classId = engine.defineClass({ resources: { cpu: 20, memory: 23 }, priority: 1 });
    const exact = engine.planPreemption(classId)!;
    const hasty = engine.planPreemption(classId, { maxTests: 1 })!;
    expect([exact.exact, hasty.exact]).toEqual([true, false]);
    expect(hasty.victims.length).toBeGreaterThanOrEqual(exact.victims.length);
    expect(engine.stageOf(engine.preempt(classId, hasty))).toBe('reserved');
  });
});
