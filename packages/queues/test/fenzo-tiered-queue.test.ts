/** What Fenzo's tests of its tiered queue assert, one test each. Where this queue differs, the title says so. */
import { describe, expect, it } from 'vitest';
import { TieredQueue } from '../src/index.ts';
import { cluster, enqueue, launch, placeOn, run, tally } from './helpers.ts';

const guarantees = (weights: Record<string, number>) =>
  Object.fromEntries(
    Object.entries(weights).map(([name, weight]) => [name, { guarantee: { cpu: 10 * weight } }]),
  );

describe('TieredQueueTest', () => {
  it('TieredQueueTest.testAddingTasks: a cycle drains all tiers, in their order', () => {
    const queue = new TieredQueue({ tiers: 3 });
    enqueue(queue, 'E', 1, { cpu: 1, memory: 100 }, { tier: 2 });
    enqueue(queue, 'A', 2, { cpu: 1, memory: 100 });
    enqueue(queue, 'B', 1, { cpu: 1, memory: 100 });
    enqueue(queue, 'C', 2, { cpu: 1, memory: 100 }, { tier: 1 });
    enqueue(queue, 'D', 1, { cpu: 1, memory: 100 }, { tier: 1 });
    const { offered, complete } = run(queue);
    expect(offered).toEqual(['A1', 'B1', 'A2', 'C1', 'D1', 'C2', 'E1']);
    expect(complete).toBe(true);
  });

  it('TieredQueueTest.testAddRunningTasks: running tasks count, and all queued ones are offered', () => {
    const queue = new TieredQueue({ tiers: 3 });
    for (const [bucket, running] of [
      ['A', 2],
      ['B', 4],
      ['C', 3],
    ] as const) {
      launch(queue, bucket, running, { cpu: 2, memory: 2000 });
      enqueue(queue, bucket, 4, { cpu: 2, memory: 2000 });
    }
    const { offered } = run(queue);
    expect(tally(offered.map((id) => id[0]))).toEqual({ A: 4, B: 4, C: 4 });
    expect(offered.slice(0, 3)).toEqual(['A1', 'A2', 'C1']);
    expect(queue.status(0).buckets.map(({ used }) => used.cpu)).toEqual([12, 16, 14]);
  });

  it('TieredQueueTest.testTierSlas: weights 1:2:1 on 40 slots give 10, 20, 10', () => {
    const queue = new TieredQueue({ tiers: 2 });
    queue.setTier(0, { buckets: guarantees({ A: 1, B: 2, C: 1 }) });
    for (const bucket of ['A', 'B', 'C']) enqueue(queue, bucket, 25);
    expect(tally(run(queue, placeOn(cluster(10))).placedBuckets)).toEqual({ A: 10, B: 20, C: 10 });
  });

  it('TieredQueueTest.testTierSlas2: then 1:1:2 on twice the capacity gives 10, 0, 30 more', () => {
    const queue = new TieredQueue({ tiers: 2 });
    const scheduler = cluster(10);
    queue.setTier(0, { buckets: guarantees({ A: 1, B: 2, C: 1 }) });
    for (const bucket of ['A', 'B', 'C']) enqueue(queue, bucket, 25);
    run(queue, placeOn(scheduler));
    queue.setTier(0, {
      capacity: { cpu: 80 },
      buckets: {
        A: { guarantee: { cpu: 20 } },
        B: { guarantee: { cpu: 20 } },
        C: { guarantee: { cpu: 40 } },
      },
    });
    for (let i = 11; i <= 20; i++) scheduler.addAgent({ id: `host-${i}`, resources: { cpu: 4 } });
    for (const bucket of ['A', 'B', 'C']) enqueue(queue, bucket, 25);
    expect(tally(run(queue, placeOn(scheduler)).placedBuckets)).toEqual({ A: 10, C: 30 });
    expect(queue.status(0).buckets.map(({ used }) => used.cpu)).toEqual([20, 20, 40]);
  });

  it('TieredQueueTest.testTierSlasWithPreviouslyRunningTasks: 5 of A and 3 of C run, so 5, 20, 7 follow', () => {
    const queue = new TieredQueue({ tiers: 2 });
    queue.setTier(0, { buckets: guarantees({ A: 1, B: 2, C: 1 }) });
    launch(queue, 'A', 5);
    launch(queue, 'C', 3);
    for (const bucket of ['A', 'B', 'C']) enqueue(queue, bucket, 25);
    expect(tally(run(queue, placeOn(cluster(8))).placedBuckets)).toEqual({ A: 5, B: 20, C: 7 });
  });

  it('TieredQueueTest.testTierSlasWithOneBucketWithNoTasks: capacity 280, 40 slots give A 20, B 0, C 20', () => {
    const queue = new TieredQueue({ tiers: 2 });
    queue.setTier(0, { capacity: { cpu: 280 }, buckets: guarantees({ A: 1, B: 2, C: 1 }) });
    for (const bucket of ['A', 'C']) enqueue(queue, bucket, 25);
    expect(tally(run(queue, placeOn(cluster(10))).placedBuckets)).toEqual({ A: 20, C: 20 });
  });
});

describe('TierTest', () => {
  const tierTest = (capacity: number): TieredQueue => {
    const queue = new TieredQueue({ tiers: 1 });
    queue.setTier(0, {
      capacity: { cpu: capacity },
      buckets: {
        'bucket-0': { guarantee: { cpu: 2 } },
        'bucket-1': { guarantee: { cpu: 4 } },
        unused: { guarantee: { cpu: 4 } },
      },
    });
    return queue;
  };

  it('TierTest.testTaskAreLaunchedInCorrectOrder: capacity 10 = guarantees 2 + 4 + 4 (unused) launches exactly 2 + 4, then nothing', () => {
    const queue = tierTest(10);
    enqueue(queue, 'bucket-0', 5);
    enqueue(queue, 'bucket-1', 5);
    const { offered, refusals } = run(queue);
    expect(tally(offered.map((id) => id.slice(0, 8)))).toEqual({ 'bucket-0': 2, 'bucket-1': 4 });
    expect(refusals).toHaveLength(4);
    expect(run(queue).offered).toEqual([]);
  });

  it('TierTest.testTasksInQueueWithoutSlaConsumeRemainingCapacityOnly: a best-effort bucket gets only capacity - guarantees, 12 - 10 = 2', () => {
    const queue = tierTest(12);
    enqueue(queue, 'best effort', 10);
    expect(run(queue).placed).toBe(2);
    enqueue(queue, 'bucket-0', 5);
    expect(tally(run(queue).placedBuckets)).toEqual({ 'bucket-0': 2 });
  });

  it('TierTest.testRemovingQueueWithGuaranteesReleasesItsResources: removing a guarantee of 2 frees 2', () => {
    const queue = tierTest(10);
    enqueue(queue, 'best effort', 10);
    expect(run(queue).placed).toBe(0);
    queue.setBucket(0, 'bucket-0', undefined);
    expect(run(queue).placed).toBe(2);
  });
});

describe('QueueBucketTest', () => {
  it('QueueBucketTest.testBucketGuaranteesAffectEffectiveUsageComputation: effective usage is max(used, guarantee)', () => {
    const queue = new TieredQueue({ tiers: 1 });
    queue.setTier(0, { capacity: { cpu: 100 }, buckets: { b: { guarantee: { cpu: 2 } } } });
    const reserved = [0, 1, 2, 3].map((running) => {
      if (running > 0)
        queue.addLaunched({ id: `t${running}`, tier: 0, bucket: 'b', resources: { cpu: 1 } }, 0);
      return queue.status(0).reserved.cpu;
    });
    expect(reserved).toEqual([2, 2, 2, 3]);
  });

  it('QueueBucketTest.testDominantUsageShare: a share of 0.25 of the present use becomes 0.125 of a capacity twice as large', () => {
    const queue = new TieredQueue({ tiers: 1 });
    launch(queue, 'others', 3);
    launch(queue, 'b', 1);
    const share = (): number => queue.status(0).buckets.find(({ name }) => name === 'b')!.dominantShare;
    expect(share()).toBe(0.25);
    queue.setCapacity(0, { cpu: 8 });
    expect(share()).toBe(0.125);
  });
});

describe('SortedBucketsTest', () => {
  const queueWithUse = (): TieredQueue => {
    const queue = new TieredQueue({ tiers: 1 });
    queue.setCapacity(0, { cpu: 100, memory: 1000, network: 100 });
    for (const [bucket, size] of [
      ['A', 10],
      ['B', 20],
      ['C', 15],
      ['D', 10],
    ] as const) {
      launch(queue, bucket, 1, { cpu: size, memory: size * 10, network: size });
      enqueue(queue, bucket, 2, { cpu: 1 });
    }
    return queue;
  };

  it('SortedBucketsTest.testSorting: buckets come in ascending order of their share', () => {
    const queue = queueWithUse();
    const first = run(queue, () => false).offered.slice(0, 4);
    expect(first).toEqual(['A1', 'D1', 'C1', 'B1']);
  });

  it('SortedBucketsTest.testDominantResourceUsageRebalancing: the order stays consistent when tasks end and are launched again', () => {
    const queue = queueWithUse();
    for (let round = 0; round < 20; round++) {
      for (const bucket of ['A', 'B', 'C', 'D']) {
        queue.remove(`${bucket}-run1`);
        const size = 5 + ((round * 7 + bucket.charCodeAt(0) * 13) % 20);
        launch(queue, bucket, 1, { cpu: size, memory: size * 10, network: size });
      }
      const shares = new Map(queue.status(0).buckets.map(({ name, weightedShare }) => [name, weightedShare]));
      const order = run(queue, () => false, { batch: 4 }).offered.map((id) => shares.get(id[0])!);
      expect(order).toEqual([...order].sort((a, b) => a - b));
      run(queue, () => false);
    }
  });
});

describe('TieredQueueSlasTest', () => {
  it('TieredQueueSlasTest.testSlas: capacity 8 and guarantee 4 give a share of 0.5', () => {
    const queue = new TieredQueue({ tiers: 1 });
    const all = (size: number) => ({ cpu: size, memory: size, disk: size, network: size });
    queue.setTier(0, {
      capacity: all(8),
      buckets: { 'bucket-0': { guarantee: all(4) }, 'bucket-1': { guarantee: all(4) } },
    });
    const { capacity, buckets } = queue.status(0);
    expect(capacity).toEqual(all(8));
    expect(buckets.map(({ guarantee, weight }) => [guarantee, weight])).toEqual([
      [all(4), 0.5],
      [all(4), 0.5],
    ]);
  });
});
