/** The what-if: what it finds, what it prefers, and that nothing of it stays. */
import { attributeEquals, exclusiveHost, uniqueHost } from '@stowage/constraints';
import { constraint, Scheduler, type TaskSpec } from '@stowage/core';
import { sameBytes } from '@stowage/testing';
import { describe, expect, test } from 'vitest';
import {
  exactShortfall,
  type ExactShortfall,
  type FailedTask,
  type PoolTemplate,
  whatIfShortfall,
} from '../src/index.ts';
import { tasksOf } from './cluster.ts';

function pool(name: string, cpu: number, room = Infinity, zone = name): PoolTemplate {
  return { pool: name, room, template: { resources: { cpu }, attributes: { zone } } };
}

/** Asks, and requires that the scheduler is the same afterwards. */
function ask(
  scheduler: Scheduler,
  pools: readonly PoolTemplate[],
  tasks: readonly TaskSpec[],
): ExactShortfall {
  const before = scheduler.snapshot();
  const result = exactShortfall(scheduler, pools, tasks);
  expect(sameBytes(scheduler.snapshot(), before)).toBe(true);
  expect(scheduler.verify()).toEqual([]);
  return result;
}

function sizes({ pools }: ExactShortfall): Record<string, number> {
  return Object.fromEntries(pools.map(({ pool: name, agents }) => [name, agents]));
}

function clusterOf(cpus: readonly number[]): Scheduler {
  const scheduler = new Scheduler();
  cpus.forEach((cpu, i) => scheduler.addAgent({ id: `real-${i}`, resources: { cpu } }));
  return scheduler;
}

describe('exactShortfall', () => {
  test('fills the agents that are there before it opens others, and each of those before the next', () => {
    const scheduler = clusterOf([2]);
    const result = ask(scheduler, [pool('p', 4)], tasksOf(11, { resources: { cpu: 1 } }));
    expect(sizes(result)).toEqual({ p: 3 });
    expect(result.placed).toEqual(['task-0', 'task-1']);
    expect(result.pools[0].tasks).toHaveLength(9);
  });

  test('takes pools in the order given, and one that suits', () => {
    const scheduler = clusterOf([]);
    const tasks = tasksOf(6, { resources: { cpu: 4 } });
    expect(sizes(ask(scheduler, [pool('small', 2), pool('a', 4, 2), pool('b', 8)], tasks))).toEqual({
      a: 2,
      b: 2,
    });
    expect(sizes(ask(scheduler, [pool('b', 8), pool('a', 4, 2)], tasks))).toEqual({ b: 3 });
  });

  test('minds hard constraints: unique hosts need an agent each, an exclusive task one of its own', () => {
    const scheduler = clusterOf([8]);
    const spread = tasksOf(4, { job: 'j', resources: { cpu: 1 }, constraints: [uniqueHost()] });
    expect(sizes(ask(scheduler, [pool('p', 8)], spread))).toEqual({ p: 3 });
    const alone = tasksOf(2, { resources: { cpu: 1 }, constraints: [exclusiveHost()] });
    expect(
      sizes(ask(scheduler, [pool('p', 8)], [...alone, ...tasksOf(3, { resources: { cpu: 1 } }, 'x')])),
    ).toEqual({ p: 2 });
    const zoned = tasksOf(2, { resources: { cpu: 1 }, constraints: [attributeEquals('zone', 'b')] });
    expect(sizes(ask(scheduler, [pool('a', 8), pool('b', 8)], zoned))).toEqual({ b: 1 });
  });

  test('prefers agents that are there to opened ones, whatever their rows and the preferences of tasks', () => {
    const scheduler = new Scheduler();
    for (const id of ['gone', 'real']) scheduler.addAgent({ id, resources: { cpu: 2 } });
    scheduler.removeAgent('gone');
    const elsewhere = {
      name: 'rather not on the second row',
      dependsOn: 'anything' as const,
      range: [0, 1_048_576] as const,
      bind: () => ({
        scoreInto(rows: Int32Array, count: number, scores: Float64Array) {
          for (let i = 0; i < count; i++) scores[i] = rows[i] === 1 ? 0 : 1_048_576;
        },
      }),
    };
    const large = { id: 'large', resources: { cpu: 4 } };
    const small = { id: 'small', resources: { cpu: 2 } };
    expect(ask(scheduler, [pool('p', 8)], [large, small]).placed).toEqual(['small']);
    const picky = { ...small, softConstraints: [elsewhere], fitness: [elsewhere] };
    expect(ask(scheduler, [pool('p', 8)], [large, picky]).placed).toEqual(['small']);
  });

  test('tells what no pool can take', () => {
    const result = ask(
      clusterOf([1]),
      [pool('p', 4, 1)],
      [
        { id: 'too large', resources: { cpu: 5 } },
        { id: 'fits', resources: { cpu: 4 } },
        { id: 'no room', resources: { cpu: 3 } },
      ],
    );
    expect(result.unplaced).toEqual(['too large', 'no room']);
    expect(sizes(result)).toEqual({ p: 1 });
  });

  test('tries again with what was left over first, when small tasks took the room of large ones', () => {
    const tasks = [
      { id: 'small', resources: { cpu: 1 } },
      { id: 'large', resources: { cpu: 4 } },
    ];
    const result = ask(clusterOf([]), [pool('large', 4, 1), pool('small', 1, 1)], tasks);
    expect(result.unplaced).toEqual([]);
    expect(sizes(result)).toEqual({ large: 1, small: 1 });
  });

  test('grows for a task only pools that it may grow, but may use agents opened for others', () => {
    const scheduler = clusterOf([]);
    const failed = (id: string, cpu: number, pools?: string[]): FailedTask => ({
      task: { id, resources: { cpu } },
      kind: 'all-agents-full',
      waitingSinceMs: 0,
      ...(pools === undefined ? {} : { pools }),
    });
    const tasks = [failed('a', 2, ['q']), failed('b', 3), failed('c', 1, ['q'])];
    expect(whatIfShortfall(scheduler).shortfall(tasks, [pool('p', 4), pool('q', 2)])).toEqual([
      { pool: 'p', agents: 1, tasks: ['b', 'c'] },
      { pool: 'q', agents: 1, tasks: ['a'] },
    ]);
  });

  test('uses names that no agent has, and rows that are free', () => {
    const scheduler = new Scheduler();
    for (const id of ['gone', 'virtual-1', 'virtual-3']) scheduler.addAgent({ id, resources: { cpu: 1 } });
    scheduler.schedule([{ id: 'held', resources: { cpu: 1 } }]);
    scheduler.release('held');
    scheduler.removeAgent('gone');
    const result = ask(scheduler, [pool('p', 1)], tasksOf(5, { resources: { cpu: 1 } }));
    expect(result.placed).toEqual(['task-0', 'task-1']);
    expect(sizes(result)).toEqual({ p: 3 });
  });

  test('leaves an open transaction open, and what was placed in it', () => {
    const scheduler = clusterOf([1]);
    scheduler.begin();
    scheduler.schedule([{ id: 'mine', resources: { cpu: 1 } }]);
    expect(sizes(exactShortfall(scheduler, [pool('p', 1)], tasksOf(2, { resources: { cpu: 1 } })))).toEqual({
      p: 2,
    });
    expect(scheduler.agentOf('mine')).toBe('real-0');
    scheduler.rollback();
    expect(scheduler.agentOf('mine')).toBeUndefined();
  });

  test('rolls back when the scheduler refuses a task or a template', () => {
    const scheduler = clusterOf([1]);
    const before = scheduler.snapshot();
    const task = { id: 't', resources: { cpu: 2 } };
    const ask = (pools: PoolTemplate[], tasks: TaskSpec[]) => () => exactShortfall(scheduler, pools, tasks);
    expect(ask([pool('p', 2)], [{ id: 't', resources: { cpu: -1 } }])).toThrow('INVALID_QUANTITY');
    expect(ask([pool('p', 2)], [task, { id: 'u', resources: { magic: 1 } }])).toThrow('UNKNOWN_RESOURCE');
    expect(ask([{ pool: 'p', room: 1, template: { resources: { magic: 1 } } }], [task])).toThrow(
      'UNKNOWN_RESOURCE',
    );
    expect(sameBytes(scheduler.snapshot(), before)).toBe(true);
  });

  test('counts a task whose constraint fails as left over', () => {
    const broken = constraint('broken', () => {
      throw new Error('no');
    });
    const result = ask(
      clusterOf([1]),
      [pool('p', 1)],
      [
        { id: 'bad', resources: { cpu: 1 }, constraints: [broken] },
        { id: 'good', resources: { cpu: 1 } },
      ],
    );
    expect(result.unplaced).toEqual(['bad']);
    expect(result.placed).toEqual(['good']);
  });
});
