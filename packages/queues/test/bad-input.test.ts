/** Every code of the package is provoked at least once, and each time the queue stays as it was. */
import { ResourceSchema, type StowageError } from '@stowage/core';
import { describe, expect, it } from 'vitest';
import { GroupLimits, QUEUE_ERRORS, type QueueCycle, TieredQueue } from '../src/index.ts';
import { codeOf } from './helpers.ts';

const invalid = <T>(value: unknown): T => value as T;
const task = { id: 'new', tier: 0, bucket: 'A', resources: { cpu: 1 } };
const other = { ...task, id: 'other' };

function busyQueue(): TieredQueue {
  const queue = new TieredQueue({ tiers: 2, maxTasks: 4 });
  queue.setTier(0, { capacity: { cpu: 8 }, buckets: { A: { guarantee: { cpu: 2 }, limit: { cpu: 4 } } } });
  queue.addLaunched({ id: 'runs', tier: 0, bucket: 'A', resources: { cpu: 1 } }, 0);
  queue.enqueue({ id: 'waits', tier: 0, bucket: 'A', resources: { cpu: 1 } }, 0);
  return queue;
}

function endedCycle(queue: TieredQueue): QueueCycle {
  const cycle = queue.cycle(0);
  cycle.end();
  return cycle;
}

/** Acts on an open cycle, with a task in hand unless told otherwise, and ends it. */
function inCycle(queue: TieredQueue, act: (cycle: QueueCycle) => unknown, offered = true): void {
  const cycle = queue.cycle(0);
  if (offered) cycle.next();
  try {
    act(cycle);
  } finally {
    cycle.end();
  }
}

const cases: [code: string, what: string, act: (queue: TieredQueue) => unknown][] = [
  ['INVALID_QUEUE_OPTION', 'no tiers', () => new TieredQueue({ tiers: 0 })],
  ['INVALID_QUEUE_OPTION', 'half a tier', () => new TieredQueue({ tiers: 1.5 })],
  ['INVALID_QUEUE_OPTION', 'no options', () => new TieredQueue(invalid(undefined))],
  [
    'INVALID_QUEUE_OPTION',
    'more tasks than can be summed',
    () => new TieredQueue({ tiers: 1, maxTasks: 2 ** 21 + 1 }),
  ],
  ['INVALID_QUEUE_OPTION', 'a list for a schema', () => new TieredQueue({ tiers: 1, schema: invalid([]) })],
  ['INVALID_QUEUE_OPTION', 'groups, a list for a schema', () => new GroupLimits({ schema: invalid([]) })],
  ['INVALID_SPEC', 'no task', (q) => q.enqueue(invalid(undefined), 0)],
  ['INVALID_SPEC', 'null for a task', (q) => q.addLaunched(invalid(null), 0)],
  ['INVALID_SPEC', 'empty id', (q) => q.enqueue({ ...task, id: '' }, 0)],
  ['INVALID_SPEC', 'bucket that is a number', (q) => q.enqueue({ ...task, bucket: invalid(1) }, 0)],
  ['INVALID_SPEC', 'no resources', (q) => q.enqueue({ ...task, resources: invalid(undefined) }, 0)],
  ['INVALID_SPEC', 'a map of resources', (q) => q.enqueue({ ...task, resources: invalid(new Map()) }, 0)],
  ['INVALID_SPEC', 'settings that are a list', (q) => q.setTier(0, invalid([]))],
  ['INVALID_SPEC', 'buckets that are a list', (q) => q.setTier(0, { buckets: invalid([]) })],
  ['INVALID_SPEC', 'null for a bucket', (q) => q.setTier(0, { buckets: { A: invalid(null) } })],
  ['INVALID_SPEC', 'null for a capacity', (q) => q.setCapacity(0, invalid(null))],
  ['INVALID_SPEC', 'bucket without a name', (q) => q.setBucket(0, '', {})],
  ['INVALID_SPEC', 'no bucket to remove', (q) => q.setBucket(0, invalid(undefined), undefined)],
  ['INVALID_SPEC', 'groups without limits', () => new GroupLimits({ limits: invalid([]) })],
  ['INVALID_SPEC', 'group without a name', () => new GroupLimits().admits('', {})],
  ['INVALID_SPEC', 'schema, no amounts', () => new ResourceSchema().scalarUnits(invalid(null), 'amounts')],
  ['INVALID_QUANTITY', 'negative', (q) => q.enqueue({ ...task, resources: { cpu: -1 } }, 0)],
  ['INVALID_QUANTITY', 'text', (q) => q.setCapacity(0, { cpu: invalid('8') })],
  ['INVALID_QUANTITY', 'NaN', (q) => q.setBucket(0, 'A', { limit: { cpu: NaN } })],
  ['INVALID_QUANTITY', 'infinite', (q) => q.setBucket(0, 'A', { limit: { cpu: Infinity } })],
  ['INVALID_QUANTITY', 'slots', (q) => q.enqueue({ ...task, resources: { gpu: invalid({ slots: 1 }) } }, 0)],
  ['FRACTIONAL_QUANTITY', 'of a core', (q) => q.enqueue({ ...task, resources: { cpu: 0.0001 } }, 0)],
  ['QUANTITY_OVERFLOW', 'task', (q) => q.enqueue({ ...task, resources: { memory: 2 ** 31 } }, 0)],
  ['QUANTITY_OVERFLOW', 'capacity', (q) => q.setCapacity(0, { memory: 2 ** 52 })],
  [
    'QUANTITY_OVERFLOW',
    'sum of guarantees',
    (q) => q.setTier(0, { buckets: { A: { guarantee: { disk: 2 ** 51 } }, B: { guarantee: { disk: 1 } } } }),
  ],
  [
    'QUANTITY_OVERFLOW',
    'use of a group',
    () => {
      const limits = new GroupLimits({ schema: new ResourceSchema([{ name: 'a' }]) });
      for (let i = 0; i <= 2 ** 20; i++) limits.take('g', { a: 2 ** 31 - 1 });
    },
  ],
  ['UNKNOWN_RESOURCE', 'task', (q) => q.enqueue({ ...task, resources: { cores: 1 } }, 0)],
  ['UNKNOWN_RESOURCE', 'limit', (q) => q.setBucket(0, 'A', { limit: { cores: 1 } })],
  ['UNKNOWN_TIER', 'task beyond the last', (q) => q.enqueue({ ...task, tier: 2 }, 0)],
  ['UNKNOWN_TIER', 'text', (q) => q.enqueue({ ...task, tier: invalid('0') }, 0)],
  ['UNKNOWN_TIER', 'settings', (q) => q.setTier(-1, {})],
  ['UNKNOWN_TIER', 'status', (q) => q.status(NaN)],
  ['INVALID_TIME', 'arrival', (q) => q.enqueue(task, NaN)],
  ['INVALID_TIME', 'ready', (q) => q.enqueue({ ...task, readyAtMs: Infinity }, 0)],
  ['INVALID_TIME', 'later', (q) => q.setReadyAt('waits', invalid(undefined))],
  ['INVALID_TIME', 'again', (q) => q.requeue('runs', NaN)],
  ['INVALID_TIME', 'cycle', (q) => q.cycle(invalid(undefined))],
  ['INVALID_TIME', 'back-off', (q) => inCycle(q, (cycle) => cycle.failed({ ...task, id: 'waits' }, NaN))],
  ['INVALID_WEIGHT', 'zero', (q) => q.setBucket(0, 'A', { weight: 0 })],
  ['GUARANTEES_ABOVE_CAPACITY', 'less capacity', (q) => q.setCapacity(0, { cpu: 1 })],
  [
    'GUARANTEE_ABOVE_LIMIT',
    'lower limit',
    (q) => q.setBucket(0, 'A', { guarantee: { cpu: 2 }, limit: { cpu: 1 } }),
  ],
  ['DUPLICATE_QUEUED_TASK', 'queued', (q) => q.enqueue({ ...task, id: 'waits' }, 0)],
  ['DUPLICATE_QUEUED_TASK', 'launched', (q) => q.enqueue({ ...task, id: 'runs', bucket: 'B' }, 0)],
  ['UNKNOWN_QUEUED_TASK', 'remove', (q) => q.remove('nobody')],
  ['UNKNOWN_QUEUED_TASK', 'set ready', (q) => q.setReadyAt(invalid(undefined), 0)],
  ['WRONG_TASK_STATE', 'requeue a queued one', (q) => q.requeue('waits')],
  ['WRONG_TASK_STATE', 'delay a launched one', (q) => q.setReadyAt('runs', 0)],
  ['CYCLE_OPEN', 'enqueue', (q) => inCycle(q, () => q.enqueue(task, 0))],
  ['CYCLE_OPEN', 'another cycle', (q) => inCycle(q, () => q.cycle(0))],
  ['CYCLE_ENDED', 'next', (q) => endedCycle(q).next()],
  ['CYCLE_ENDED', 'placed', (q) => endedCycle(q).placed(task)],
  ['CYCLE_ENDED', 'failed', (q) => endedCycle(q).failed(task)],
  ['TASK_IN_HAND', 'two offers', (q) => inCycle(q, (cycle) => cycle.next())],
  ['NO_TASK_IN_HAND', 'another task', (q) => inCycle(q, (cycle) => cycle.placed(other))],
  ['NO_TASK_IN_HAND', 'before an offer', (q) => inCycle(q, (cycle) => cycle.failed(other), false)],
  ['NO_TASK_IN_HAND', 'nothing', (q) => inCycle(q, (cycle) => cycle.placed(invalid(undefined)))],
  ['GROUP_USE_BELOW_ZERO', 'nothing was taken', () => new GroupLimits().release('g', { cpu: 1 })],
];

const stateOf = (queue: TieredQueue): string =>
  JSON.stringify([queue.entries(), queue.status(0), queue.status(1), queue.inCycle]);

describe('bad input', () => {
  it.each(cases)('%s: %s', (code, _what, act) => {
    const queue = busyQueue();
    const before = stateOf(queue);
    expect(codeOf(() => act(queue))).toBe(code);
    expect(stateOf(queue)).toBe(before);
    expect(queue.verify()).toEqual([]);
  });

  it('QUEUE_FULL: one task more than maxTasks', () => {
    const queue = busyQueue();
    queue.enqueue(task, 0);
    queue.enqueue(other, 0);
    expect(codeOf(() => queue.enqueue({ ...task, id: 'fifth' }, 0))).toBe('QUEUE_FULL');
    queue.remove('runs');
    queue.enqueue({ ...task, id: 'fifth' }, 0);
    expect(queue.size).toBe(4);
  });

  it('messages say what to do', () => {
    const queue = busyQueue();
    const message = (act: () => unknown): string => {
      try {
        act();
      } catch (error) {
        return (error as StowageError).message;
      }
      return '';
    };
    expect(message(() => queue.enqueue({ ...task, tier: 7 }, 0))).toBe(
      'UNKNOWN_TIER: there is no tier 7; use an integer from 0 to 1.',
    );
    expect(message(() => queue.setCapacity(0, { cpu: 1 }))).toBe(
      'GUARANTEES_ABOVE_CAPACITY: tier 0 guarantees 2 cores of cpu and has 1 cores of cpu; raise the capacity or lower the guarantees.',
    );
  });

  it('provokes every code of the table that is thrown', () => {
    const reported = ['NO_GUARANTEED_CAPACITY', 'ABOVE_LIMIT', 'GROUP_WITHOUT_LIMIT', 'ABOVE_GROUP_LIMIT'];
    const provoked = new Set([...cases.map(([code]) => code), 'QUEUE_FULL', ...reported]);
    expect(Object.keys(QUEUE_ERRORS).filter((code) => !provoked.has(code))).toEqual([]);
  });
});
