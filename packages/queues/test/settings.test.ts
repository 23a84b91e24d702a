/** Capacities, guarantees, limits and weights. */
import { ResourceSchema } from '@stowage/core';
import { describe, expect, it } from 'vitest';
import { type BucketSettings, TieredQueue } from '../src/index.ts';
import { codeOf, enqueue, launch, run, tally } from './helpers.ts';

describe('what is offered', () => {
  it('follows the rule resource by resource: own guarantee, or what the tier has to spare', () => {
    const queue = new TieredQueue({ tiers: 1 });
    queue.setTier(0, {
      capacity: { cpu: 10, memory: 100 },
      buckets: { A: { guarantee: { cpu: 4 } }, B: { guarantee: { cpu: 6, memory: 50 } } },
    });
    // All cpu is guaranteed, so A lives on its own cpu and on the 50 of memory that nobody was promised.
    enqueue(queue, 'A', 3, { cpu: 2, memory: 25 });
    enqueue(queue, 'C', 1, { cpu: 1 });
    expect(run(queue)).toMatchObject({
      placedIds: ['A1', 'A2'],
      refusals: ['C1: NO_GUARANTEED_CAPACITY', 'A3: NO_GUARANTEED_CAPACITY'],
    });
  });

  it('refuses with the numbers of the moment, and goes on with smaller tasks', () => {
    const queue = new TieredQueue({ tiers: 2 });
    queue.setTier(1, {
      capacity: { cpu: 10 },
      buckets: { batch: { guarantee: { cpu: 2 }, limit: { cpu: 7.5 } } },
    });
    launch(queue, 'others', 1, { cpu: 3 }, 1);
    for (const [id, cpu] of [
      ['first', 6],
      ['second', 2],
      ['third', 1.5],
    ] as const)
      queue.enqueue({ id, tier: 1, bucket: 'batch', resources: { cpu } }, 0);
    launch(queue, 'batch', 1, { cpu: 0.5 }, 1);
    const { placedIds, refused } = run(queue);
    expect(placedIds).toEqual(['second', 'third']);
    expect(refused.map(({ task, refusal }) => [task.id, refusal.resource, refusal.reason])).toEqual([
      [
        'first',
        'cpu',
        'NO_GUARANTEED_CAPACITY: bucket "batch" of tier 1 has no guaranteed capacity left for 6 cores of cpu: ' +
          '0.5 cores of cpu are in use, 2 cores of cpu are guaranteed, ' +
          'and the tier has 5 cores of cpu to spare of 10 cores of cpu.',
      ],
    ]);
    queue.enqueue({ id: 'fourth', tier: 1, bucket: 'batch', resources: { cpu: 4 } }, 0);
    expect(run(queue).refused.find(({ task }) => task.id === 'fourth')?.refusal.reason).toBe(
      'ABOVE_LIMIT: bucket "batch" of tier 1 may use 7.5 cores of cpu; 4 cores of cpu are in use and the task asks for 4 cores of cpu.',
    );
  });

  it('looks only at resources that the task asks for', () => {
    const queue = new TieredQueue({ tiers: 1 });
    launch(queue, 'A', 1, { memory: 100 });
    queue.setTier(0, { capacity: { cpu: 4, memory: 50 }, buckets: { A: { limit: { memory: 50 } } } });
    enqueue(queue, 'A', 1, { cpu: 1 });
    enqueue(queue, 'B', 1, {});
    expect(run(queue).placed).toBe(2);
  });

  it('is everything in a tier without settings, whatever other tiers have', () => {
    const queue = new TieredQueue({ tiers: 2 });
    enqueue(queue, 'A', 5, { cpu: 1000 }, { tier: 1 });
    queue.setTier(0, { capacity: { cpu: 1 }, buckets: { A: { guarantee: { cpu: 1 } } } });
    expect(run(queue, () => false)).toMatchObject({ failed: 5, refused: [] });
    queue.setTier(0, undefined);
    expect(run(queue, () => false)).toMatchObject({ failed: 5, refused: [] });
  });

  it('is bounded by the sum of the guarantees where a tier has no capacity of its own', () => {
    const queue = new TieredQueue({ tiers: 1 });
    queue.setTier(0, { buckets: { A: { guarantee: { cpu: 2 } }, B: { guarantee: { cpu: 1 } } } });
    for (const bucket of ['A', 'B', 'C']) enqueue(queue, bucket, 4);
    expect(tally(run(queue).placedBuckets)).toEqual({ A: 2, B: 1 });
    expect(queue.status(0).capacity).toEqual({ cpu: 3 });
  });

  it('changes with the settings from the next cycle on; what runs keeps running and counts', () => {
    const queue = new TieredQueue({ tiers: 1 });
    queue.setTier(0, {
      capacity: { cpu: 10 },
      buckets: { A: { guarantee: { cpu: 6 } }, B: { guarantee: { cpu: 4 } } },
    });
    enqueue(queue, 'A', 7);
    expect(run(queue).placed).toBe(6);
    queue.setBucket(0, 'A', undefined);
    expect(queue.status(0)).toMatchObject({ used: { cpu: 6 }, reserved: { cpu: 10 } });
    expect(run(queue).refusals).toEqual(['A7: NO_GUARANTEED_CAPACITY']);
    queue.setCapacity(0, { cpu: 4 });
    expect(run(queue).refusals).toEqual(['A7: NO_GUARANTEED_CAPACITY']);
    queue.setCapacity(0, { cpu: 11 });
    expect(run(queue).placedIds).toEqual(['A7']);
    for (let i = 1; i <= 7; i++) queue.remove(`A${i}`);
    expect(queue.status(0)).toMatchObject({ used: {}, reserved: { cpu: 4 } });
    expect(queue.verify()).toEqual([]);
  });

  it('counts exactly where decimals would not: ten times 0.1', () => {
    const queue = new TieredQueue({ tiers: 1 });
    queue.setTier(0, { buckets: { A: { limit: { cpu: 1 } } } });
    enqueue(queue, 'A', 11, { cpu: 0.1 });
    expect(run(queue).placed).toBe(10);
    expect(queue.status(0).used).toEqual({ cpu: 1 });
    for (let i = 1; i <= 10; i++) queue.remove(`A${i}`);
    expect(queue.status(0).used).toEqual({});
  });

  it('may be more than one agent has: capacities of whole units up to 2^51', () => {
    const queue = new TieredQueue({ tiers: 1, schema: new ResourceSchema([{ name: 'memory' }]) });
    queue.setCapacity(0, { memory: 2 ** 51 });
    launch(queue, 'A', 3, { memory: 2 ** 31 - 1 });
    expect(queue.status(0)).toMatchObject({
      used: { memory: 3 * (2 ** 31 - 1) },
      capacity: { memory: 2 ** 51 },
    });
    expect(codeOf(() => queue.setCapacity(0, { memory: 2 ** 51 + 1 }))).toBe('QUANTITY_OVERFLOW');
  });
});

describe('settings that contradict each other', () => {
  const queue = new TieredQueue({ tiers: 2 });
  queue.setTier(0, {
    capacity: { cpu: 10 },
    buckets: { A: { guarantee: { cpu: 6 }, limit: { cpu: 8 }, weight: 2 } },
  });
  launch(queue, 'A', 1, { cpu: 1 });
  const before = JSON.stringify([queue.status(0), queue.status(1)]);
  const bucket = (settings: BucketSettings) => () => queue.setBucket(0, 'B', settings);

  it.each<[code: string, what: string, act: () => void]>([
    ['GUARANTEES_ABOVE_CAPACITY', 'one guarantee too many', bucket({ guarantee: { cpu: 4.001 } })],
    ['GUARANTEES_ABOVE_CAPACITY', 'less capacity', () => queue.setCapacity(0, { cpu: 5 })],
    [
      'GUARANTEES_ABOVE_CAPACITY',
      'a whole tier',
      () => queue.setTier(1, { capacity: { cpu: 1 }, buckets: { A: { guarantee: { cpu: 2 } } } }),
    ],
    ['GUARANTEE_ABOVE_LIMIT', 'limit below guarantee', bucket({ guarantee: { cpu: 2 }, limit: { cpu: 1 } })],
    ['INVALID_WEIGHT', 'zero', bucket({ weight: 0 })],
    ['INVALID_WEIGHT', 'negative', bucket({ weight: -1 })],
    ['INVALID_WEIGHT', 'NaN', bucket({ weight: NaN })],
    ['INVALID_WEIGHT', 'infinite', bucket({ weight: Infinity })],
    ['INVALID_WEIGHT', 'too fine', bucket({ weight: 1 / 3 })],
    ['INVALID_WEIGHT', 'text', bucket({ weight: '1' as unknown as number })],
    ['INVALID_WEIGHT', 'null', bucket({ weight: null as unknown as number })],
  ])('%s: %s; the old settings stay in force', (code, _what, act) => {
    expect(codeOf(act)).toBe(code);
    expect(JSON.stringify([queue.status(0), queue.status(1)])).toBe(before);
    expect(queue.verify()).toEqual([]);
  });
});

describe('weights', () => {
  const weights = (buckets: Record<string, BucketSettings>, capacity?: Record<string, number>): unknown => {
    const queue = new TieredQueue({ tiers: 1 });
    queue.setTier(0, { ...(capacity && { capacity }), buckets });
    enqueue(queue, 'unset', 1);
    return Object.fromEntries(queue.status(0).buckets.map(({ name, weight }) => [name, weight]));
  };

  it('are 1 where nothing is set', () => {
    expect(weights({})).toEqual({ unset: 1 });
    expect(weights({ A: { weight: 5 } })).toEqual({ A: 5, unset: 1 });
  });

  it('come from the dominant share of the guarantee; without one, a bucket weighs as the least of those', () => {
    const buckets = {
      A: { guarantee: { cpu: 5, memory: 10 } },
      B: { guarantee: { cpu: 1, memory: 20 } },
      C: { guarantee: { cpu: 1 }, weight: 3 },
      D: { limit: { cpu: 9 } },
    };
    expect(weights(buckets, { cpu: 20, memory: 100 })).toEqual({
      A: 0.25,
      B: 0.2,
      C: 3,
      D: 0.05,
      unset: 0.05,
    });
  });

  it('do not depend on guarantees of resources that the capacity does not bound', () => {
    expect(weights({ A: { guarantee: { disk: 5 } } }, { cpu: 10 })).toEqual({ A: 1, unset: 1 });
  });
});
