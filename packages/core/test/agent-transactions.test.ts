/**
 * Agents that come, change and go inside a transaction: a rollback takes it back to the byte.
 */
import { uniqueAttribute } from '@stowage/constraints';
import { binPacking } from '@stowage/fitness';
import { beforeEach, describe, expect, test } from 'vitest';
import { Scheduler } from '../src/index.ts';

let scheduler: Scheduler;

beforeEach(() => {
  scheduler = new Scheduler({
    resources: [{ name: 'cpu' }, { name: 'nic', kind: 'set' }],
    agentCapacity: 2,
    fitness: binPacking('cpu'),
  });
  for (const id of ['a', 'b']) {
    const resources = { cpu: 4, nic: { slots: 2, unitsPerSlot: 2 } };
    scheduler.addAgent({ id, resources, attributes: { zone: id } });
  }
  scheduler.reportAgent('a', { lent: { cpu: 1 }, signals: { heat: 2 }, cached: { image: ['x'] } });
  scheduler.schedule([
    { id: 't', job: 'j', resources: { cpu: 3, nic: { units: 1, label: 'red' } } },
    { id: 'gone', resources: { nic: { slots: 2, label: 'blue' } }, agent: 'b' },
  ]);
  scheduler.release('gone');
});

const shape = { resources: { cpu: 8, nic: { slots: 2, unitsPerSlot: 2 } } };

describe('is taken back', () => {
  test.each<[string, () => void]>([
    ['a new agent', () => scheduler.addAgent({ id: 'c', ...shape, attributes: { zone: 'c' } })],
    ['a drained agent', () => scheduler.drainAgent('a')],
    ['a new size', () => scheduler.resizeAgent('a', { cpu: 3 })],
    [
      'other attributes and taints',
      () => scheduler.updateAgent({ id: 'a', ...shape, taints: [{ key: 'k', effect: 'NoExecute' }] }),
    ],
    [
      'other slots',
      () => scheduler.updateAgent({ id: 'b', resources: { nic: { slots: 9, unitsPerSlot: 1 } } }),
    ],
    [
      'a report',
      () =>
        scheduler.reportAgent('a', {
          lent: {},
          signals: { heat: -1, other: 1 },
          cached: { image: [], other: ['y'] },
        }),
    ],
    ['a removed agent with the labels of its slots', () => scheduler.removeAgent('b')],
    [
      'an agent removed and another on its row',
      () => {
        scheduler.removeAgent('b');
        scheduler.addAgent({ id: 'c', resources: { cpu: 1 } });
        scheduler.schedule([{ id: 'u', resources: { cpu: 1 } }]);
      },
    ],
    [
      'an agent with tasks moved away from it',
      () => {
        scheduler.release('t');
        scheduler.removeAgent('a');
        scheduler.schedule([{ id: 't', resources: { cpu: 3 } }]);
      },
    ],
    [
      'agents beyond the room there was',
      () => {
        for (let i = 0; i < 5; i++) scheduler.addAgent({ id: `c${i}`, ...shape });
      },
    ],
  ])('%s', (_, act) => {
    const before = new Uint8Array(scheduler.snapshot());
    scheduler.whatIf(() => {
      act();
      expect(scheduler.verify()).toEqual([]);
    });
    expect(scheduler.verify()).toEqual([]);
    expect(new Uint8Array(scheduler.snapshot())).toEqual(before);
    expect(scheduler.agents()).toEqual(['a', 'b']);
  });
});

test('a drained agent that comes back is drained', () => {
  scheduler.drainAgent('b');
  const before = new Uint8Array(scheduler.snapshot());
  scheduler.whatIf(() => scheduler.removeAgent('b'));
  expect(scheduler.engine.isDraining(1)).toBe(true);
  expect(new Uint8Array(scheduler.snapshot())).toEqual(before);
});

test('what is committed stays, inner rollbacks do not', () => {
  scheduler.begin();
  scheduler.addAgent({ id: 'c', ...shape });
  scheduler.begin();
  scheduler.removeAgent('c');
  scheduler.resizeAgent('a', { cpu: 9 });
  scheduler.rollback();
  scheduler.drainAgent('b');
  scheduler.commit();
  expect(scheduler.agents()).toEqual(['a', 'b', 'c']);
  expect(scheduler.engine.isDraining(1)).toBe(true);
  expect(scheduler.engine.cluster.total('cpu')[0]).toBe(4);
});

test('a what-if of scaling up tells where tasks would go', () => {
  const tasks = [5, 6].map((cpu) => ({ id: `u${cpu}`, resources: { cpu } }));
  const placed = scheduler.whatIf(() => {
    for (const id of ['c', 'd']) scheduler.addAgent({ id, ...shape });
    return scheduler.schedule(tasks).placements.map(({ agent }) => agent);
  });
  expect(placed).toEqual(['c', 'd']);
  expect(scheduler.schedule(tasks).placements).toEqual([]);
});

test('a failed gang takes nothing back but itself', () => {
  scheduler.begin();
  scheduler.addAgent({ id: 'c', ...shape });
  scheduler.schedule([{ id: 'u', resources: { cpu: 99 } }], { allOrNothing: true });
  scheduler.commit();
  expect(scheduler.hasAgent('c')).toBe(true);
});

test('counts per attribute value follow the agents there and back', () => {
  const apart = { job: 'j', resources: {}, constraints: [uniqueAttribute('zone')] };
  const feasible = () => ['a', 'b'].map((agent) => scheduler.explain({ ...apart, agent }).feasible);
  expect(feasible()).toEqual([0, 1]);
  scheduler.whatIf(() => {
    scheduler.updateAgent({ id: 'a', ...shape, attributes: { zone: 'b' } });
    expect(feasible()).toEqual([0, 0]);
    expect(scheduler.verify()).toEqual([]);
  });
  expect(feasible()).toEqual([0, 1]);
});

test('a class that is kept up to date sees agents come and go', () => {
  const task = (id: string) => ({ id, resources: { cpu: 1 } });
  const agentOf = (id: string) => scheduler.schedule([task(id)]).placements[0]?.agent;
  expect([agentOf('u'), agentOf('v'), agentOf('w')]).toEqual(['a', 'b', 'b']);
  scheduler.whatIf(() => {
    scheduler.drainAgent('b');
    expect(agentOf('x')).toBeUndefined();
    scheduler.addAgent({ id: 'c', ...shape });
    expect(agentOf('y')).toBe('c');
  });
  expect(agentOf('z')).toBe('b');
});
