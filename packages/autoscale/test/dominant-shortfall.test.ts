/** Shortfall by the dominant resource, in exact units. */
import { type ResourceDefinition, type TaskSpec } from '@stowage/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dominantShortfall, type FailedTask, type PoolRoom } from '../src/index.ts';
import { tasksOf } from './cluster.ts';

function failed(tasks: readonly TaskSpec[], pools?: readonly string[]): FailedTask[] {
  return tasks.map((task) => ({
    task,
    kind: 'all-agents-full',
    waitingSinceMs: 0,
    ...(pools === undefined ? {} : { pools }),
  }));
}

function agentsFor(tasks: readonly FailedTask[], pools: readonly PoolRoom[]): [string, number, number][] {
  return dominantShortfall()
    .shortfall(tasks, pools)
    .map(({ pool, agents, tasks: ids }) => [pool, agents, ids.length]);
}

const BIG = { resources: { cpu: 16, memory: 32_000 } };

describe('dominantShortfall', () => {
  test('divides sums by what an agent has; the scarcest resource decides', () => {
    const tasks = failed(tasksOf(10, { resources: { cpu: 2, memory: 8000 } }));
    expect(agentsFor(tasks, [{ pool: 'p', room: 99, template: BIG }])).toEqual([['p', 3, 10]]);
  });

  test('ten times a tenth of a core is one core', () => {
    const tasks = failed(tasksOf(10, { resources: { cpu: 0.1 } }));
    expect(agentsFor(tasks, [{ pool: 'p', room: 9, template: { resources: { cpu: 1 } } }])).toEqual([
      ['p', 1, 10],
    ]);
  });

  test('a task that asks for nothing still needs an agent', () => {
    const tasks = failed(tasksOf(3, { resources: {} }));
    expect(agentsFor(tasks, [{ pool: 'p', room: 9, template: BIG }])).toEqual([['p', 1, 3]]);
  });

  test('tasks go to the first pool that they may grow, fit on and find room in', () => {
    const pools: PoolRoom[] = [
      { pool: 'small', room: 9, template: { resources: { cpu: 4, memory: 8000 } } },
      { pool: 'tight', room: 1, template: BIG },
      { pool: 'large', room: 9, template: BIG },
    ];
    const tasks = [
      ...failed(tasksOf(4, { resources: { cpu: 8 } }, 'eight')),
      ...failed(tasksOf(2, { resources: { cpu: 2 } }, 'two')),
      ...failed(tasksOf(1, { resources: { cpu: 2 } }, 'bound'), ['large']),
      ...failed(tasksOf(1, { resources: { cpu: 99 } }, 'giant')),
      ...failed(tasksOf(1, { resources: { gpu: 1 } }, 'gpu')),
    ];
    expect(agentsFor(tasks, pools)).toEqual([
      ['small', 1, 2],
      ['tight', 1, 2],
      ['large', 2, 3],
    ]);
  });

  test('slots count as slots times units', () => {
    const resources: ResourceDefinition[] = [{ name: 'gpu', kind: 'set', unitsPerWhole: 1000 }];
    const template = { resources: { gpu: { slots: 4, unitsPerSlot: 1 } } };
    const evaluator = dominantShortfall(resources);
    const count = (...demands: object[]): number | undefined =>
      evaluator.shortfall(failed(demands.map((gpu, i) => ({ id: `task-${i}`, resources: { gpu } }))), [
        { pool: 'p', room: 99, template },
      ])[0]?.agents;
    expect(count({ units: 0.5 }, { units: 0.5 }, {}, { slots: 2 })).toBe(1);
    expect(count({ units: 0.5 }, {}, { slots: 3 })).toBe(2);
    expect(count({ slots: 5 })).toBeUndefined();
    expect(count({ units: 2 })).toBeUndefined();
  });

  test('counts what may be booked where scalars are overcommitted, by the resource or the agent', () => {
    const tasks = failed(tasksOf(12, { resources: { cpu: 1 } }));
    const ask = (resources: ResourceDefinition[], overcommit?: Record<string, number>): number => {
      const template = { resources: { cpu: 2 }, ...(overcommit === undefined ? {} : { overcommit }) };
      return dominantShortfall(resources).shortfall(tasks, [{ pool: 'p', room: 99, template }])[0].agents;
    };
    expect(ask([{ name: 'cpu' }])).toBe(6);
    expect(ask([{ name: 'cpu', overcommit: 1.5 }])).toBe(4);
    expect(ask([{ name: 'cpu', overcommit: 1.5 }], { cpu: 3 })).toBe(2);
  });

  test('refuses amounts and resources that are none', () => {
    const ask = (resources: object): (() => unknown) => {
      const tasks = failed([{ id: 't', resources } as TaskSpec]);
      return () => agentsFor(tasks, [{ pool: 'p', room: 9, template: BIG }]);
    };
    expect(ask({ cpu: -1 })).toThrow('INVALID_AUTOSCALE_INPUT');
    expect(ask({ cpu: {} })).toThrow('INVALID_AUTOSCALE_INPUT');
    expect(ask({ magic: 1 })).toThrow('UNKNOWN_RESOURCE');
    expect(() => dominantShortfall([{ name: '' }])).toThrow('INVALID_SCHEMA');
  });

  test('of one pool with room, it is the ceiling of the greatest quotient', () => {
    const milli = fc.integer({ min: 0, max: 4000 });
    fc.assert(
      fc.property(fc.array(fc.tuple(milli, milli), { minLength: 1, maxLength: 30 }), (demands) => {
        const tasks = failed(
          demands.map(([cpu, gpu], i) => ({ id: `${i}`, resources: { cpu: cpu / 1000, gpu: gpu / 1000 } })),
        );
        const sum = (which: 0 | 1): number => demands.reduce((total, demand) => total + demand[which], 0);
        const agents = Math.max(1, Math.ceil(sum(0) / 8000), Math.ceil(sum(1) / 4000));
        const template = { resources: { cpu: 8, gpu: 4 } };
        expect(agentsFor(tasks, [{ pool: 'p', room: Infinity, template }])).toEqual([
          ['p', agents, demands.length],
        ]);
      }),
      { numRuns: 300 },
    );
  });
});
