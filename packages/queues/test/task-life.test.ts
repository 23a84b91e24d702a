/** Queued, launched, removed; what the queue shows of it. */
import { describe, expect, it } from 'vitest';
import { type QueuedTask, TieredQueue } from '../src/index.ts';
import { codeOf, enqueue, launch, run } from './helpers.ts';

describe('life of a task', () => {
  it('from the queue to an agent and away, with its times', () => {
    const queue = new TieredQueue({ tiers: 1 });
    enqueue(queue, 'A', 1, { cpu: 2 }, { nowMs: 1000 });
    expect(queue.get('A1')).toEqual({
      task: { id: 'A1', tier: 0, bucket: 'A', resources: { cpu: 2 } },
      state: 'queued',
      enqueuedAtMs: 1000,
      readyAtMs: -Infinity,
      launchedAtMs: undefined,
      failures: 0,
    });
    run(queue, () => false, { nowMs: 1500 });
    run(queue, () => true, { nowMs: 3000 });
    expect(queue.get('A1')).toMatchObject({
      state: 'launched',
      enqueuedAtMs: 1000,
      launchedAtMs: 3000,
      failures: 1,
    });
    expect(queue.status(0)).toMatchObject({ queued: 0, launched: 1, used: { cpu: 2 } });
    queue.remove('A1');
    expect(queue.get('A1')).toBeUndefined();
    expect(queue.size).toBe(0);
    expect(queue.status(0)).toEqual({
      queued: 0,
      launched: 0,
      used: {},
      capacity: undefined,
      reserved: {},
      buckets: [],
    });
  });

  it('hands back the very payload that came in', () => {
    interface Payload extends QueuedTask {
      readonly job: { readonly owner: string };
    }
    const queue = new TieredQueue<Payload>({ tiers: 1 });
    const task: Payload = { id: 't', tier: 0, bucket: 'A', resources: {}, job: { owner: 'me' } };
    queue.enqueue(task, 0);
    const cycle = queue.cycle(0);
    expect(cycle.next()).toBe(task);
    cycle.placed(task);
    cycle.end();
    expect(queue.entries('launched')[0].task).toBe(task);
    expect(queue.remove('t')).toBe(task);
  });

  it('removing a queued task leaves the use as it is', () => {
    const queue = new TieredQueue({ tiers: 1 });
    launch(queue, 'A', 1);
    enqueue(queue, 'A', 1);
    queue.remove('A1');
    expect(queue.status(0).used).toEqual({ cpu: 1 });
    expect(queue.verify()).toEqual([]);
  });

  it('a task whose launch failed is queued again behind those that wait, after a back-off if wanted', () => {
    const queue = new TieredQueue({ tiers: 1 });
    enqueue(queue, 'A', 3);
    run(queue, ({ id }) => id === 'A1');
    queue.requeue('A1');
    expect(queue.get('A1')).toMatchObject({ state: 'queued', launchedAtMs: undefined, enqueuedAtMs: 0 });
    expect(queue.status(0).used).toEqual({});
    expect(run(queue).offered).toEqual(['A2', 'A3', 'A1']);
    queue.requeue('A2', 50);
    expect(run(queue, undefined, { nowMs: 49 }).offered).toEqual([]);
    expect(run(queue, undefined, { nowMs: 50 }).offered).toEqual(['A2']);
  });

  it('a time to be ready can be moved to and fro, and the clock may be set back', () => {
    const queue = new TieredQueue({ tiers: 1 });
    enqueue(queue, 'A', 2);
    queue.setReadyAt('A1', 100);
    expect(run(queue, () => false, { nowMs: 100 }).offered).toEqual(['A1', 'A2']);
    expect(run(queue, () => false, { nowMs: 99 }).offered).toEqual(['A2']);
    queue.setReadyAt('A1', 0);
    expect(run(queue, () => false, { nowMs: 99 }).offered).toEqual(['A1', 'A2']);
  });

  it('an id is one task, in all tiers and buckets', () => {
    const queue = new TieredQueue({ tiers: 2 });
    enqueue(queue, 'A', 1);
    const same = { id: 'A1', tier: 1, bucket: 'B', resources: {} };
    expect(codeOf(() => queue.enqueue(same, 0))).toBe('DUPLICATE_QUEUED_TASK');
    expect(codeOf(() => queue.addLaunched(same, 0))).toBe('DUPLICATE_QUEUED_TASK');
    run(queue);
    expect(codeOf(() => queue.enqueue(same, 0))).toBe('DUPLICATE_QUEUED_TASK');
    queue.remove('A1');
    expect(codeOf(() => queue.enqueue(same, 0))).toBe('no error');
  });

  it('what is read of a task is read once', () => {
    const queue = new TieredQueue({ tiers: 2 });
    const task = { id: 't', tier: 0, bucket: 'A', resources: { cpu: 1 } };
    queue.enqueue(task, 0);
    Object.assign(task, { tier: 1, bucket: 'B' });
    task.resources.cpu = 100;
    run(queue);
    expect(queue.status(0).used).toEqual({ cpu: 1 });
    queue.remove('t');
    expect(queue.verify()).toEqual([]);
  });
});

describe('a cycle', () => {
  it('keeps the queue as it is until it ends', () => {
    const queue = new TieredQueue({ tiers: 1 });
    launch(queue, 'A', 1);
    enqueue(queue, 'A', 1);
    const cycle = queue.cycle(0);
    const changes = [
      () => queue.enqueue({ id: 'new', tier: 0, bucket: 'A', resources: {} }, 0),
      () => queue.addLaunched({ id: 'new', tier: 0, bucket: 'A', resources: {} }, 0),
      () => queue.remove('A1'),
      () => queue.requeue('A-run1'),
      () => queue.setReadyAt('A1', 0),
      () => queue.setTier(0, {}),
      () => queue.setCapacity(0, {}),
      () => queue.setBucket(0, 'A', {}),
      () => queue.cycle(0),
    ];
    expect(queue.inCycle).toBe(true);
    expect(changes.map(codeOf)).toEqual(changes.map(() => 'CYCLE_OPEN'));
    cycle.end();
    expect(queue.inCycle).toBe(false);
    expect(queue.size).toBe(2);
  });

  it('takes back an offer that is not answered before its end', () => {
    const queue = new TieredQueue({ tiers: 1 });
    enqueue(queue, 'A', 2);
    const cycle = queue.cycle(0);
    cycle.next();
    expect(cycle.end()).toEqual({ placed: 0, failed: 0, refused: [], complete: false });
    expect(run(queue).offered).toEqual(['A1', 'A2']);
    expect(queue.get('A1')?.failures).toBe(0);
  });

  it('says when nothing is left, and says it again', () => {
    const queue = new TieredQueue({ tiers: 1 });
    const cycle = queue.cycle(0);
    expect([cycle.next(), cycle.next()]).toEqual([undefined, undefined]);
    expect(cycle.end()).toBe(cycle.end());
    expect(cycle.end().complete).toBe(true);
  });

  it('reports the refused tasks of buckets that it did not ask', () => {
    const queue = new TieredQueue({ tiers: 1 });
    queue.setTier(0, { buckets: { A: { limit: { cpu: 0 } } } });
    enqueue(queue, 'A', 3);
    expect(run(queue).refusals).toEqual(['A1: ABOVE_LIMIT', 'A2: ABOVE_LIMIT', 'A3: ABOVE_LIMIT']);
  });
});
