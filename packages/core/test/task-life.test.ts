/**
 * The life of a task: reserved, assigned, running, released; or adopted as running.
 */
import { exclusiveHost } from '@stowage/constraints';
import { beforeEach, describe, expect, test } from 'vitest';
import { constraint, PlacementEngine, Scheduler } from '../src/index.ts';

const resources = { cpu: 1 };
let scheduler: Scheduler;

beforeEach(() => {
  scheduler = new Scheduler();
  for (const id of ['a', 'b']) scheduler.addAgent({ id, resources: { cpu: 2 } });
});

describe('stages', () => {
  test('a placed task is assigned until it is known to run', () => {
    scheduler.schedule([{ id: 't', resources }]);
    expect(scheduler.stageOf('t')).toBe('assigned');
    scheduler.start('t');
    expect(scheduler.stageOf('t')).toBe('running');
    scheduler.start('t');
    expect(scheduler.stageOf('t')).toBe('running');
    scheduler.release('t');
    expect(scheduler.stageOf('t')).toBeUndefined();
  });

  test('a reservation holds its place and becomes a task when it is confirmed', () => {
    const [held] = scheduler.schedule([{ id: 't', resources: { cpu: 2 } }], { reserve: true }).placements;
    expect([held.agent, scheduler.stageOf('t')]).toEqual(['a', 'reserved']);
    expect(scheduler.schedule([{ id: 'u', resources: { cpu: 2 } }]).placements[0].agent).toBe('b');
    expect(scheduler.usageOn('a').cpu).toBe(2);
    scheduler.confirm('t');
    expect(scheduler.stageOf('t')).toBe('assigned');
    expect(() => scheduler.confirm('t')).toThrow('INVALID_STAGE');
  });

  test('a gang is reserved as a whole or not at all', () => {
    const gang = (cpu: number) => ['t', 'u', 'v'].map((id) => ({ id, resources: { cpu } }));
    const options = { reserve: true, allOrNothing: true };
    expect(scheduler.schedule(gang(2), options).placements).toEqual([]);
    expect(scheduler.schedule(gang(1), options).placements.map(({ agent }) => agent)).toEqual([
      'a',
      'a',
      'b',
    ]);
    expect(['t', 'u', 'v'].map((id) => scheduler.stageOf(id))).toEqual(Array(3).fill('reserved'));
  });

  test('tasks that are assigned count as starting, others do not', () => {
    const { engine } = scheduler;
    const starting = () => engine.cluster.startingCount[0];
    const id = engine.defineClass({ resources });
    const [held, placed] = [engine.reserve(id), engine.place(id)];
    expect(starting()).toBe(1);
    engine.confirm(held);
    expect(starting()).toBe(2);
    engine.start(placed);
    engine.release(held);
    expect(starting()).toBe(0);
  });

  test('a rollback takes back every step, and releases come back in their stage', () => {
    const { engine } = scheduler;
    const id = engine.defineClass({ resources });
    const handles = [engine.reserve(id), engine.place(id), engine.reserve(id)];
    const before = new Uint8Array(engine.snapshot());
    engine.begin();
    engine.confirm(handles[0]);
    engine.start(handles[0]);
    engine.start(handles[1]);
    handles.forEach((handle) => engine.release(handle));
    engine.rollback();
    expect(handles.map((handle) => engine.stageOf(handle))).toEqual(['reserved', 'assigned', 'reserved']);
    expect(new Uint8Array(engine.snapshot())).toEqual(before);
    expect(engine.verify()).toEqual([]);
  });
});

describe('adoption', () => {
  test('books a running task where it runs, whatever constraints, draining and exclusive neighbours say', () => {
    scheduler.adopt({ id: 'alone', resources, constraints: [exclusiveHost()] }, 'b');
    scheduler.drainAgent('b');
    const never = constraint('never', () => 'no');
    expect(scheduler.adopt({ id: 't', resources, constraints: [never] }, 'b')).toEqual({
      task: 't',
      agent: 'b',
      slots: {},
    });
    expect(scheduler.stageOf('t')).toBe('running');
    expect(scheduler.tasksOn('b')).toEqual(['alone', 't']);
    expect(scheduler.verify()).toEqual([]);
  });

  test('an agent that holds exclusive tasks opens when the last of them has left', () => {
    const exclusive = { resources, constraints: [exclusiveHost()] };
    for (const id of ['t', 'u']) scheduler.adopt({ id, ...exclusive }, 'a');
    const pinned = { id: 'v', resources, agent: 'a' };
    scheduler.release('t');
    expect(scheduler.schedule([pinned]).placements).toEqual([]);
    scheduler.release('u');
    expect(scheduler.schedule([pinned]).placements).toHaveLength(1);
  });

  test('takes the slots that the task holds, or the tightest', () => {
    const gpus = new Scheduler({ resources: [{ name: 'gpu', kind: 'set' }] });
    gpus.addAgent({ id: 'a', resources: { gpu: { slots: 32, unitsPerSlot: 4 } } });
    const adopt = (id: string, units: number, slots?: number[]) =>
      gpus.adopt({ id, resources: { gpu: { units } } }, 'a', slots && { gpu: slots }).slots.gpu;
    expect(adopt('t', 3, [31])).toEqual([31]);
    expect(adopt('u', 1)).toEqual([31]);
    expect(adopt('v', 1)).toEqual([0]);
    expect(() => adopt('w', 1, [31])).toThrow('AGENT_FULL');
    expect(gpus.verify()).toEqual([]);
  });

  test('refuses what the agent has not got', () => {
    scheduler.schedule([{ id: 't', resources: { cpu: 1.5 }, agent: 'a' }]);
    expect(() => scheduler.adopt({ id: 'u', resources }, 'a')).toThrow(
      'AGENT_FULL: agent 0 lacks 500 units of cpu',
    );
  });

  test('does not look at what opportunistic tasks may use, as long as it can be counted', () => {
    const engine = new PlacementEngine({ resources: [{ name: 'memory' }] });
    engine.addAgent({ resources: { memory: 1 } });
    const huge = engine.defineClass({ resources: {}, opportunistic: { memory: 2 ** 31 - 1 } });
    const first = engine.adopt(huge, 0);
    expect(() => engine.adopt(huge, 0)).toThrow('AGENT_FULL');
    expect(engine.evictions().map(({ handle }) => handle)).toEqual([first]);
    engine.reportAgent(0, { lent: { memory: 2 ** 31 - 2 } });
    expect(engine.evictions()).toEqual([]);
    engine.reportAgent(0, { lent: {} });
    expect(engine.verify()).toEqual([]);
  });

  test('works for classes of a snapshot, which cannot be placed', () => {
    scheduler.schedule([{ id: 't', resources }]);
    const { engine } = PlacementEngine.restore(scheduler.engine.snapshot());
    expect(() => engine.place(0)).toThrow('CLASS_NOT_PLACEABLE');
    expect(engine.agentOf(engine.adopt(0, 1))).toBe(1);
  });
});
