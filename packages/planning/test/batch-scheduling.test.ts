import { constraint, Scheduler, type TaskSpec } from '@stowage/core';
import { describe, expect, test } from 'vitest';
import { scheduleBatch } from '../src/batch/schedule-batch.ts';
import { fullest, onePerAgent } from './cluster.ts';

/** Agents of 10 cores and 100 MiB, a1, a2, …. */
function schedulerOf(agents: number): Scheduler {
  const scheduler = new Scheduler({ fitness: fullest });
  for (let i = 1; i <= agents; i++) scheduler.addAgent({ id: `a${i}`, resources: { cpu: 10, memory: 100 } });
  return scheduler;
}

function tasksOf(cpus: readonly number[], more: Partial<TaskSpec> = {}): TaskSpec[] {
  return cpus.map((cpu, i) => ({ id: `t${i + 1}`, resources: { cpu }, ...more }));
}

function agentsInUse(scheduler: Scheduler): number {
  return scheduler.agentStatuses().filter(({ taskCount }) => taskCount > 0).length;
}

// In this order, packing one by one takes four agents: 4 + 4, then 3 + 3 + 3, then 6, then 7 at last.
const AWKWARD = [4, 4, 3, 3, 3, 6, 7];

describe('scheduleBatch', () => {
  test('needs fewer agents than one task after the other', () => {
    const one = schedulerOf(5);
    one.schedule(tasksOf(AWKWARD));
    expect(agentsInUse(one)).toBe(4);

    const all = schedulerOf(5);
    const { placements, failures } = scheduleBatch(all, tasksOf(AWKWARD));
    expect(failures).toEqual([]);
    expect(placements.map(({ task }) => task)).toEqual(['t1', 't2', 't3', 't4', 't5', 't6', 't7']);
    expect(agentsInUse(all)).toBe(3);
    for (const { task, agent } of placements) expect(all.agentOf(task)).toBe(agent);
    expect(all.verify()).toEqual([]);
  });

  test('places more than one task after the other, where room is short', () => {
    const scheduler = schedulerOf(3);
    expect(scheduleBatch(scheduler, tasksOf(AWKWARD)).failures).toEqual([]);
    expect(schedulerOf(3).schedule(tasksOf(AWKWARD)).failures).toHaveLength(1);
  });

  test('fills agents in use before it opens others', () => {
    const scheduler = schedulerOf(3);
    scheduler.schedule([{ id: 'old', resources: { cpu: 2 }, agent: 'a3' }]);
    scheduleBatch(scheduler, tasksOf([4, 4]));
    expect(scheduler.tasksOn('a3').sort()).toEqual(['old', 't1', 't2']);
  });

  test('keeps tasks where they are pinned, and off agents that take none', () => {
    const scheduler = schedulerOf(3);
    scheduler.drainAgent('a1');
    const pinned = { id: 'p', resources: { cpu: 8 }, agent: 'a2' };
    const { failures } = scheduleBatch(scheduler, [...tasksOf([5, 5]), pinned]);
    expect(failures).toEqual([]);
    expect(scheduler.agentOf('p')).toBe('a2');
    expect(scheduler.tasksOn('a3').sort()).toEqual(['t1', 't2']);
  });

  test('constraints, resource sets and taints hold', () => {
    const scheduler = new Scheduler({
      fitness: fullest,
      resources: [{ name: 'cpu' }, { name: 'gpu', kind: 'set', unitsPerWhole: 1000 }],
    });
    const gpu = { slots: 1, unitsPerSlot: 1 };
    scheduler.addAgent({ id: 'plain', resources: { cpu: 100 } });
    scheduler.addAgent({
      id: 'tainted',
      resources: { cpu: 100 },
      taints: [{ key: 'x', effect: 'NoSchedule' }],
    });
    for (const id of ['g1', 'g2']) scheduler.addAgent({ id, resources: { cpu: 4, gpu } });
    const { failures } = scheduleBatch(scheduler, [
      { id: 'gpu', resources: { cpu: 1, gpu: { slots: 1 } } },
      { id: 'half', resources: { cpu: 1, gpu: { units: 0.5 } } },
      { id: 'only gpu', resources: { gpu: { units: 0.5 } } },
      { id: 'u1', resources: { cpu: 1 }, job: 'u', constraints: [onePerAgent] },
      { id: 'u2', resources: { cpu: 1 }, job: 'u', constraints: [onePerAgent] },
    ]);
    expect(failures).toEqual([]);
    expect(scheduler.agentOf('u1')).not.toBe(scheduler.agentOf('u2'));
    expect(scheduler.tasksOn('tainted')).toEqual([]);
    expect(scheduler.verify()).toEqual([]);
  });

  test('plans with agents that have taints when all tasks tolerate some', () => {
    const scheduler = schedulerOf(1);
    const taints = [{ key: 'gpu', effect: 'NoSchedule' }] as const;
    for (const id of ['g1', 'g2', 'g3', 'g4']) scheduler.addAgent({ id, resources: { cpu: 10 }, taints });
    scheduler.drainAgent('a1');
    const { failures } = scheduleBatch(scheduler, tasksOf(AWKWARD, { tolerations: [{ key: 'gpu' }] }));
    expect(failures).toEqual([]);
    expect(agentsInUse(scheduler)).toBe(3);
  });

  test('takes the ordinary way where the plan places fewer', () => {
    // By resources alone both fit on one agent; the engine then has no agent left that takes the second.
    const scheduler = schedulerOf(2);
    const only = (id: string): TaskSpec['constraints'] => [
      constraint(`only ${id}`, (_, agent) => agent.attribute('id') === id || 'another agent', 'agent'),
    ];
    for (const id of ['a1', 'a2'])
      scheduler.updateAgent({ id, resources: { cpu: 10, memory: 100 }, attributes: { id } });
    const tasks = [
      { id: 'l1', resources: { cpu: 10 }, constraints: only('a2') },
      { id: 'l2', resources: { cpu: 5 } },
      { id: 'l3', resources: { cpu: 5 } },
    ];
    expect(scheduleBatch(scheduler, tasks).failures).toEqual([]);
    expect(scheduler.agentOf('l1')).toBe('a2');
  });

  test('reports what cannot be placed, with the reason', () => {
    const scheduler = schedulerOf(1);
    const { placements, failures } = scheduleBatch(scheduler, tasksOf([11, 4, 6]));
    expect(placements.map(({ task }) => task)).toEqual(['t2', 't3']);
    expect(failures.map(({ task }) => task)).toEqual(['t1']);
    expect(failures[0].reason).toContain('cpu');
  });

  test('a gang is placed whole or not at all', () => {
    const scheduler = schedulerOf(3);
    const options = { allOrNothing: true };
    expect(scheduleBatch(scheduler, tasksOf([...AWKWARD, 1]), options).failures).toHaveLength(8);
    expect(scheduler.engine.taskCount).toBe(0);
    expect(scheduleBatch(scheduler, tasksOf(AWKWARD), options).placements).toHaveLength(7);
  });

  test('reserves, when asked to', () => {
    const scheduler = schedulerOf(1);
    scheduleBatch(scheduler, tasksOf([1]), { reserve: true });
    expect(scheduler.stageOf('t1')).toBe('reserved');
  });

  test('can be undone by a transaction around it', () => {
    const scheduler = schedulerOf(3);
    scheduler.whatIf(() => scheduleBatch(scheduler, tasksOf(AWKWARD)));
    expect(scheduler.engine.taskCount).toBe(0);
    expect(scheduler.verify()).toEqual([]);
  });

  test('no tasks, no agents', () => {
    expect(scheduleBatch(schedulerOf(1), [])).toEqual({ placements: [], failures: [] });
    expect(scheduleBatch(new Scheduler(), tasksOf([1])).failures).toHaveLength(1);
  });
});

describe('bad input changes nothing', () => {
  test.each<[string, unknown, object, string]>([
    ['no array', 7, {}, 'INVALID_SPEC'],
    ['a task that is none', [...tasksOf([1]), null], {}, 'INVALID_SPEC'],
    ['an id twice', [...tasksOf([1]), ...tasksOf([1])], {}, 'DUPLICATE_TASK'],
    [
      'an unknown resource',
      [...tasksOf([1]), { id: 'x', resources: { nothing: 1 } }],
      {},
      'UNKNOWN_RESOURCE',
    ],
    ['a wrong budget', tasksOf([1]), { maxSteps: -1 }, 'INVALID_PLANNING_OPTION'],
  ])('%s', (_, tasks, options, code) => {
    const scheduler = schedulerOf(2);
    const before = scheduler.snapshot();
    expect(() => scheduleBatch(scheduler, tasks as TaskSpec[], options)).toThrow(
      expect.objectContaining({ code }) as Error,
    );
    expect(scheduler.engine.transactionDepth).toBe(0);
    expect(scheduler.snapshot()).toEqual(before);
  });
});

test('classes of tasks that are gone are forgotten, call after call', () => {
  const scheduler = schedulerOf(2);
  let greatest = 0;
  for (let call = 0; call < 6_000; call++) {
    scheduleBatch(scheduler, [{ id: 't', job: `job-${call}`, resources: { cpu: 1 } }], { maxSteps: 0 });
    const [handle] = scheduler.engine.tasksOn();
    greatest = Math.max(greatest, scheduler.engine.classOf(handle));
    scheduler.release('t');
  }
  expect(greatest).toBeLessThan(5_000);
});
