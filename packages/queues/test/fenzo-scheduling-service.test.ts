/**
 * What Fenzo's TaskSchedulingServiceTest asserts, with the smallest service there is: a queue, a scheduler and the
 * loop of `run`. Where this queue differs, or leaves a thing to the service, the title says so.
 */
import { DEFAULT_RESOURCES, Scheduler } from '@stowage/core';
import { describe, expect, it } from 'vitest';
import { TieredQueue } from '../src/index.ts';
import { cluster, enqueue, launch, placeOn, run, type ServiceTask } from './helpers.ts';

describe('TaskSchedulingServiceTest', () => {
  it('TaskSchedulingServiceTest.testOneTaskAssignment: one task is placed and launched', () => {
    const queue = new TieredQueue<ServiceTask>({ tiers: 1 });
    const scheduler = cluster(1);
    enqueue(queue, 'A', 1);
    expect(run(queue, placeOn(scheduler)).placedIds).toEqual(['A1']);
    expect(queue.get('A1')?.state).toBe('launched');
    expect(scheduler.agentOf('A1')).toBe('host-1');
  });

  it('TaskSchedulingServiceTest.testOneTaskWithResourceSet: the payload carries a two-level demand (sg1)', () => {
    const scheduler = new Scheduler({
      resources: [...DEFAULT_RESOURCES, { name: 'interfaces', kind: 'set' }],
    });
    scheduler.addAgent({ id: 'host', resources: { cpu: 4, interfaces: { slots: 3, unitsPerSlot: 2 } } });
    const queue = new TieredQueue<ServiceTask>({ tiers: 1, schema: scheduler.engine.schema });
    const resources = { cpu: 1, interfaces: { units: 1, label: 'sg1' } };
    queue.enqueue({ id: 't', tier: 0, bucket: 'A', resources: { cpu: 1 }, spec: { resources } }, 0);
    const slots: unknown[] = [];
    run(queue, ({ id, spec }) => {
      const { placements } = scheduler.schedule([{ id, resources, ...spec }]);
      slots.push(placements[0].slots);
      return true;
    });
    expect(slots).toEqual([{ interfaces: [0] }]);
    expect(queue.status(0).used).toEqual({ cpu: 1 });
  });

  it('TaskSchedulingServiceTest.testMultipleTaskAssignments: cycle by cycle as capacity comes', () => {
    const queue = new TieredQueue<ServiceTask>({ tiers: 1 });
    const scheduler = cluster(1);
    enqueue(queue, 'A', 6);
    expect(run(queue, placeOn(scheduler)).placed).toBe(4);
    scheduler.addAgent({ id: 'host-2', resources: { cpu: 4 } });
    expect(run(queue, placeOn(scheduler)).placedIds).toEqual(['A5', 'A6']);
    expect(queue.entries('queued')).toEqual([]);
  });

  it('TaskSchedulingServiceTest.testOrderedAssignments: with 15, 6, 11 cores used, B, B, C, A follow', () => {
    const queue = new TieredQueue({ tiers: 1 });
    for (const [bucket, cpu] of [
      ['A', 15],
      ['B', 6],
      ['C', 11],
    ] as const)
      launch(queue, bucket, 1, { cpu });
    enqueue(queue, 'A', 1, { cpu: 3 });
    enqueue(queue, 'B', 2, { cpu: 3 });
    enqueue(queue, 'C', 1, { cpu: 3 });
    expect(run(queue).placedBuckets).toEqual(['B', 'B', 'C', 'A']);
  });

  it('TaskSchedulingServiceTest.testMultiTierAllocation: tier 0 takes all, tier 1 stays queued', () => {
    const queue = new TieredQueue<ServiceTask>({ tiers: 2 });
    enqueue(queue, 'flex', 1, { cpu: 4 }, { tier: 1 });
    enqueue(queue, 'critical', 1, { cpu: 4 });
    const { offered, placedIds } = run(queue, placeOn(cluster(1)));
    expect(offered).toEqual(['critical1', 'flex1']);
    expect(placedIds).toEqual(['critical1']);
    expect(queue.get('flex1')?.state).toBe('queued');
  });

  it('TaskSchedulingServiceTest.testMultiResAllocation: the dominant share orders, be it cpu or memory', () => {
    const queue = new TieredQueue({ tiers: 1 });
    queue.setCapacity(0, { cpu: 100, memory: 1000 });
    enqueue(queue, 'cpu', 4, { cpu: 20, memory: 20 });
    enqueue(queue, 'memory', 8, { cpu: 1, memory: 100 });
    expect(run(queue).placedBuckets.slice(0, 6)).toEqual([
      'cpu',
      'memory',
      'memory',
      'cpu',
      'memory',
      'memory',
    ]);
  });

  it('TaskSchedulingServiceTest.testRemoveFromQueue: a removed task neither waits nor counts', () => {
    const queue = new TieredQueue<ServiceTask>({ tiers: 1 });
    const scheduler = cluster(1);
    enqueue(queue, 'A', 1);
    run(queue, placeOn(scheduler));
    expect(queue.remove('A1').id).toBe('A1');
    scheduler.release('A1');
    expect(scheduler.tasksOn('host-1')).toEqual([]);
    expect(queue.status(0)).toMatchObject({ used: {}, buckets: [] });
  });

  it('TaskSchedulingServiceTest.testMaxSchedIterDelay: no timer here; the queue tells when a cycle is due', () => {
    const queue = new TieredQueue({ tiers: 1 });
    const due = (nowMs: number): unknown[] => [queue.hasNews(nowMs), queue.nextReadyAtMs()];
    expect(due(0)).toEqual([false, undefined]);
    enqueue(queue, 'A', 1);
    expect(due(0)).toEqual([true, undefined]);
    run(queue, () => false);
    expect(due(0)).toEqual([false, undefined]);
    queue.setReadyAt('A1', 5000);
    run(queue);
    expect([due(4999), due(5000)]).toEqual([
      [false, 5000],
      [true, 5000],
    ]);
    expect(run(queue, undefined, { nowMs: 5000 }).placedIds).toEqual(['A1']);
    expect(due(6000)).toEqual([false, undefined]);
    queue.remove('A1');
    expect(due(6000)).toEqual([true, undefined]);
  });

  it('TaskSchedulingServiceTest.testInitWithPrevRunningTasks: a running task counts before any cycle', () => {
    const queue = new TieredQueue({ tiers: 1 });
    queue.addLaunched({ id: 'old', tier: 0, bucket: 'A', resources: { cpu: 3 } }, 1000);
    expect(queue.get('old')).toMatchObject({ state: 'launched', launchedAtMs: 1000 });
    expect(queue.status(0).used).toEqual({ cpu: 3 });
    expect(run(queue).offered).toEqual([]);
  });

  it('TaskSchedulingServiceTest.testLargeTasksToInitInRunningState: a thousand running tasks of uneven size', () => {
    const queue = new TieredQueue({ tiers: 1 });
    for (let i = 0; i < 1000; i++) {
      const resources = { cpu: ((i * 37) % 64) + 0.25, memory: (i * 7919) % 262144, disk: (i * 31) % 9973 };
      queue.addLaunched({ id: `run-${i}`, tier: 0, bucket: `b${(i * i) % 53}`, resources }, 0);
    }
    const { buckets } = queue.status(0);
    for (const { name } of buckets) enqueue(queue, name, 1, { cpu: 0.001 });
    const byShare = [...buckets].sort((a, b) => a.weightedShare - b.weightedShare).map(({ name }) => name);
    expect(run(queue).placedBuckets).toEqual(byShare);
    expect(queue.verify()).toEqual([]);
  });

  it('TaskSchedulingServiceTest.testNotReadyTask: a task that is not ready is neither offered nor refused', () => {
    const queue = new TieredQueue({ tiers: 1 });
    queue.enqueue({ id: 'later', tier: 0, bucket: 'A', resources: { cpu: 1 }, readyAtMs: 1000 }, 0);
    expect(run(queue, undefined, { nowMs: 999 })).toMatchObject({
      offered: [],
      refusals: [],
      complete: true,
    });
    expect(run(queue, undefined, { nowMs: 1000 }).offered).toEqual(['later']);
  });

  it('TaskSchedulingServiceTest.testAssignableVMsEvaluator: one of ten agents takes tasks, so 4 of 5 fail', () => {
    const queue = new TieredQueue<ServiceTask>({ tiers: 1 });
    const scheduler = cluster(10);
    for (let i = 2; i <= 10; i++) scheduler.drainAgent(`host-${i}`);
    enqueue(queue, 'A', 5, { cpu: 4 });
    expect(run(queue, placeOn(scheduler))).toMatchObject({ placed: 1, failed: 4, complete: true });
    expect(scheduler.agents()).toHaveLength(10);
    expect(queue.entries('queued').map(({ failures }) => failures)).toEqual([1, 1, 1, 1]);
  });
});
