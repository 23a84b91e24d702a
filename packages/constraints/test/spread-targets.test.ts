import { SOFT_SCALE } from '@stowage/core';
import { expect, test } from 'vitest';
import { spreadTargetsSoft } from '../src/index.ts';
import { softScores } from './soft-scores.ts';
import { engineIn, put } from './topology.ts';

/** How many of so many tasks each row gets. */
function shared(zones: (string | undefined)[], shares: Record<string, number>, tasks: number): number[] {
  const engine = engineIn(...zones);
  const taskClass = engine.defineClass({
    resources: {},
    job: 'web',
    softConstraints: [spreadTargetsSoft('zone', shares)],
  });
  const counts = zones.map(() => 0);
  for (let i = 0; i < tasks; i++) counts[engine.agentOf(engine.place(taskClass))]++;
  return counts;
}

test('reaches its targets', () => {
  expect(shared(['a', 'b', 'c'], { a: 70, b: 20, c: 10 }, 10)).toEqual([7, 2, 1]);
  expect(shared(['a', 'b', 'c'], { a: 70, b: 20, c: 10 }, 1000)).toEqual([700, 200, 100]);
  expect(shared(['a', 'b'], { a: 50, b: 50 }, 9)).toEqual([5, 4]);
});

test('stays close to them on the way', () => {
  expect(shared(['a', 'b'], { a: 75, b: 25 }, 2)).toEqual([2, 0]);
  expect(shared(['a', 'b'], { a: 75, b: 25 }, 4)).toEqual([3, 1]);
});

test('values that are not named have what is missing to 100, each of them', () => {
  expect(shared(['a', 'b', 'c'], { a: 50 }, 6)).toEqual([2, 2, 2]);
  expect(shared(['a', 'b'], { a: 80 }, 10)).toEqual([8, 2]);
});

test('a share of 0 and a missing attribute come last', () => {
  expect(shared(['a', 'b', undefined], { a: 0, b: 100 }, 5)).toEqual([0, 5, 0]);
  expect(shared([undefined, 'a'], { b: 100 }, 2)).toEqual([2, 0]);
});

test('rates every value against the one that lags most', () => {
  const engine = engineIn('a', 'b', 'c', 'd', undefined);
  put(engine, 0, 'web', 3);
  put(engine, 1, 'web');
  // Shares over tasks with the one to place: 60 / 4 = 15, 20 / 2 = 10, 10 / 1 and 10 / 1.
  const scores = softScores(engine, spreadTargetsSoft('zone', { a: 60, b: 20, c: 10 }), {
    resources: {},
    job: 'web',
  });
  expect(scores).toEqual([SOFT_SCALE, 699050, 699050, 699050, 0]);
});

test('a value without agents claims nothing', () => {
  const engine = engineIn('a', 'b', 'c');
  engine.removeAgent(2);
  put(engine, 0, 'web');
  const scores = softScores(engine, spreadTargetsSoft('zone', { a: 10, b: 2, c: 88 }), {
    resources: {},
    job: 'web',
  });
  expect(scores).toEqual([SOFT_SCALE, 419430]);
});

test('counts by a selector too', () => {
  const engine = engineIn('a', 'b');
  put(engine, 0, 'web');
  const selector = { matchLabels: { job: 'web' } };
  const policy = spreadTargetsSoft('zone', { a: 50, b: 50 }, { selector });
  expect(policy.name).toBe('spread over zone of tasks with job=web: 50 % a, 50 % b (soft)');
  expect(softScores(engine, policy, { resources: {}, job: 'other' })).toEqual([SOFT_SCALE / 2, SOFT_SCALE]);
});

test('equal shares are one policy in any order', () => {
  expect(spreadTargetsSoft('zone', { a: 1, b: 2 }).key).toBe(spreadTargetsSoft('zone', { b: 2, a: 1 }).key);
});

test.each([
  () => spreadTargetsSoft('', { a: 1 }),
  () => spreadTargetsSoft('zone', {}),
  () => spreadTargetsSoft('zone', [100] as unknown as Record<string, number>),
  () => spreadTargetsSoft('zone', null as unknown as Record<string, number>),
  () => spreadTargetsSoft('zone', { a: 101 }),
  () => spreadTargetsSoft('zone', { a: -1 }),
  () => spreadTargetsSoft('zone', { a: 0.5 }),
  () => spreadTargetsSoft('zone', { a: NaN }),
  () => spreadTargetsSoft('zone', { a: 60, b: 41 }),
  () => spreadTargetsSoft('zone', { a: 1 }, { label: '' }),
])('refuses wrong parameters: %s', (make) => {
  expect(make).toThrow('INVALID_PLUGIN');
});
