/**
 * Carrying a preemption plan out, by row and handle and by id.
 */
import { describe, expect, test } from 'vitest';
import { constraint, PlacementEngine, Scheduler, type TaskRequirements } from '../src/index.ts';
import { codeOf, invalid } from './refusals.ts';

const bytesOf = (owner: { snapshot(): ArrayBuffer }): Uint8Array => new Uint8Array(owner.snapshot());
const cpu = (amount: number, priority = 0): TaskRequirements => ({ resources: { cpu: amount }, priority });

/** An agent with two tasks, and a plan for one that needs the place of both. */
function preempted() {
  const engine = new PlacementEngine();
  engine.addAgent({ resources: { cpu: 4 } });
  const victims = [1, 2].map((priority) => engine.place(engine.defineClass(cpu(2, priority))));
  const classId = engine.defineClass(cpu(3, 5));
  return { engine, victims, classId, plan: engine.planPreemption(classId)! };
}

describe('carrying a plan out', () => {
  test('reserves what the victims had', () => {
    const { engine, victims, classId, plan } = preempted();
    const handle = engine.preempt(classId, plan);
    expect(victims.map((victim) => engine.hasTask(victim))).toEqual([false, false]);
    expect([engine.stageOf(handle), engine.usageOf(0)[0]]).toEqual(['reserved', 3000]);
    expect(engine.verify()).toEqual([]);
  });

  test('can be taken back', () => {
    const { engine, classId, plan } = preempted();
    const before = bytesOf(engine);
    engine.begin();
    engine.preempt(classId, plan);
    expect(engine.planPreemption(classId)).toBeUndefined();
    engine.rollback();
    expect(bytesOf(engine)).toEqual(before);
    expect(engine.planPreemption(classId)).toEqual(plan);
  });

  test.each<[string, (made: ReturnType<typeof preempted>) => unknown]>([
    ['a victim has gone', ({ engine, victims }) => engine.release(victims[0])],
    [
      'a victim has become important',
      ({ engine, plan }) => {
        const important = engine.preempt(engine.defineClass(cpu(4, 9)), plan);
        Object.assign(plan.victims[0], { handle: important });
      },
    ],
    ['a victim is named twice', ({ plan }) => (plan.victims as unknown[]).push(plan.victims[0])],
    [
      'the victims do not suffice any more',
      ({ engine }) =>
        engine.updateAgent(0, {
          resources: { cpu: 4 },
          taints: [{ key: 'broken', effect: 'NoSchedule' }],
        }),
    ],
    ['the agent has gone', ({ plan }) => Object.assign(plan, { row: 7 })],
    [
      'the victims are on another agent',
      ({ engine, plan }) => Object.assign(plan, { row: engine.addAgent({ resources: { cpu: 4 } }) }),
    ],
  ])('STALE_PLAN when %s; then nothing has changed', (_, overtake) => {
    const made = preempted();
    overtake(made);
    const before = bytesOf(made.engine);
    expect(codeOf(() => made.engine.preempt(made.classId, made.plan))).toBe('STALE_PLAN');
    expect(bytesOf(made.engine)).toEqual(before);
  });
});

describe('bad input', () => {
  test.each<[code: string, what: string, act: (made: ReturnType<typeof preempted>) => unknown]>([
    ['INVALID_SPEC', 'no options', ({ engine, classId }) => engine.planPreemption(classId, invalid(null))],
    [
      'INVALID_SPEC',
      'half a test',
      ({ engine, classId }) => engine.planPreemption(classId, { maxTests: 0.5 }),
    ],
    [
      'INVALID_SPEC',
      'mayEvict that is a text',
      ({ engine, classId }) => engine.planPreemption(classId, { mayEvict: invalid('all') }),
    ],
    ['INVALID_SPEC', 'no plan', ({ engine, classId }) => engine.preempt(classId, invalid(undefined))],
    [
      'INVALID_SPEC',
      'victims that are numbers',
      ({ engine, classId }) => engine.preempt(classId, invalid({ row: 0, victims: [7] })),
    ],
    [
      'UNKNOWN_AGENT',
      'a row without agent',
      ({ engine, classId }) => engine.planPreemption(classId, { row: 1 }),
    ],
    ['UNKNOWN_CLASS', 'a plan for no class', ({ engine }) => engine.planPreemption(99)],
    ['UNKNOWN_CLASS', 'no class to preempt for', ({ engine, plan }) => engine.preempt(99, plan)],
    [
      'CLASS_NOT_PLACEABLE',
      'class of a snapshot',
      ({ engine }) => PlacementEngine.restore(engine.snapshot()).engine.planPreemption(0),
    ],
  ])('%s: %s', (code, _, act) => {
    const made = preempted();
    const before = bytesOf(made.engine);
    expect(codeOf(() => act(made))).toBe(code);
    expect(bytesOf(made.engine)).toEqual(before);
  });

  test('a constraint that throws is named, and nothing has changed', () => {
    const { engine } = preempted();
    let calls = 0;
    const tired = constraint('tired', () => {
      if (++calls > 1) throw new Error('enough');
      return 'no';
    });
    const classId = engine.defineClass({ ...cpu(1, 5), constraints: [tired] });
    const before = bytesOf(engine);
    expect(codeOf(() => engine.planPreemption(classId))).toBe('PLUGIN_FAILED');
    expect([bytesOf(engine), engine.transactionDepth]).toEqual([before, 0]);
  });
});

describe('by id', () => {
  function busy(): Scheduler {
    const scheduler = new Scheduler();
    for (const id of ['a', 'b']) scheduler.addAgent({ id, resources: { cpu: 4 } });
    scheduler.schedule([
      { id: 'high', resources: { cpu: 4 }, priority: 50 },
      { id: 'low', resources: { cpu: 3 }, priority: 1 },
    ]);
    return scheduler;
  }
  const urgent = { id: 'urgent', resources: { cpu: 2 }, priority: 100 };

  test('a plan names agent and tasks, and holds for the agent a task is pinned to', () => {
    const scheduler = busy();
    const before = bytesOf(scheduler);
    const low = { task: 'low', priority: 1 };
    expect(scheduler.planPreemption(urgent)).toEqual({ agent: 'b', victims: [low], exact: true });
    const high = { task: 'high', priority: 50 };
    expect(scheduler.planPreemption({ ...urgent, agent: 'a' })?.victims).toEqual([high]);
    expect(scheduler.planPreemption(urgent, { mayEvict: (id) => id !== 'low' })?.victims).toEqual([high]);
    expect(scheduler.planPreemption(urgent, { mayEvict: () => false })).toBeUndefined();
    expect(bytesOf(scheduler)).toEqual(before);
  });

  test('preempt moves the ids, and a rollback moves them back', () => {
    const scheduler = busy();
    const plan = scheduler.planPreemption(urgent)!;
    scheduler.begin();
    expect(scheduler.preempt(urgent, plan)).toEqual({ task: 'urgent', agent: 'b', slots: {} });
    expect([scheduler.stageOf('urgent'), scheduler.stageOf('low')]).toEqual(['reserved', undefined]);
    expect(scheduler.verify()).toEqual([]);
    scheduler.rollback();
    expect([scheduler.stageOf('urgent'), scheduler.stageOf('low')]).toEqual([undefined, 'assigned']);
    expect(scheduler.verify()).toEqual([]);
    scheduler.preempt(urgent, plan);
    scheduler.confirm('urgent');
    expect(scheduler.stageOf('urgent')).toBe('assigned');
  });

  test('preempt refuses what has become stale, and ids in use', () => {
    const scheduler = busy();
    const plan = scheduler.planPreemption(urgent)!;
    expect(codeOf(() => scheduler.preempt({ ...urgent, id: 'high' }, plan))).toBe('DUPLICATE_TASK');
    expect(codeOf(() => scheduler.preempt({ ...urgent, agent: 'a' }, plan))).toBe('STALE_PLAN');
    expect(codeOf(() => scheduler.preempt(urgent, { ...plan, agent: 'c' }))).toBe('STALE_PLAN');
    scheduler.release('low');
    expect(codeOf(() => scheduler.preempt(urgent, plan))).toBe('STALE_PLAN');
    expect(scheduler.verify()).toEqual([]);
  });
});
