/** Who is asked next, and that nobody is forgotten. */
import { describe, expect, it } from 'vitest';
import { type QueuedTask, TieredQueue } from '../src/index.ts';
import { enqueue, launch, run, tally } from './helpers.ts';

const never = (): boolean => false;

/** Repeatable numbers from 0 to 1. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

describe('order inside a tier', () => {
  it('follows the weighted share after every placement', () => {
    const queue = new TieredQueue({ tiers: 1 });
    queue.setTier(0, { capacity: { cpu: 100 }, buckets: { heavy: { weight: 3 } } });
    for (const bucket of ['heavy', 'light']) enqueue(queue, bucket, 8);
    expect(run(queue).placedBuckets.slice(0, 8).join(' ')).toBe(
      'heavy light heavy heavy heavy light heavy heavy',
    );
  });

  it('follows names where shares are equal, in whatever order buckets and tasks came', () => {
    const names = ['delta', 'alpha', 'charlie', 'bravo'];
    for (let turn = 0; turn < names.length; turn++) {
      const queue = new TieredQueue({ tiers: 1 });
      queue.setCapacity(0, { cpu: 10 });
      for (let i = 0; i < names.length; i++) enqueue(queue, names[(turn + i) % names.length], 1);
      expect(run(queue).placedBuckets).toEqual(['alpha', 'bravo', 'charlie', 'delta']);
    }
  });

  it('relates shares to the present use while there is no capacity', () => {
    const queue = new TieredQueue({ tiers: 1 });
    launch(queue, 'cpu', 1, { cpu: 8 });
    launch(queue, 'memory', 1, { memory: 1000 });
    launch(queue, 'others', 1, { cpu: 2, memory: 9000 });
    const shares = queue.status(0).buckets.map(({ name, dominantShare }) => [name, dominantShare]);
    expect(shares).toEqual([
      ['cpu', 0.8],
      ['memory', 0.1],
      ['others', 0.9],
    ]);
    for (const bucket of ['cpu', 'memory', 'others']) enqueue(queue, bucket, 1, { cpu: 0.001 });
    expect(run(queue).placedBuckets).toEqual(['memory', 'cpu', 'others']);
  });

  it('takes the use anew each time that it has doubled, so an empty tier is shared out evenly', () => {
    const queue = new TieredQueue({ tiers: 1 });
    enqueue(queue, 'cpu', 30, { cpu: 4, memory: 1 });
    enqueue(queue, 'memory', 30, { cpu: 1, memory: 4 });
    const { placedBuckets } = run(queue);
    for (let first = 2; first <= 60; first++) {
      const { cpu, memory } = tally(placedBuckets.slice(0, first));
      expect(Math.abs(cpu - memory), `after ${first}`).toBeLessThanOrEqual(2);
    }
  });

  it('is by arrival inside a bucket, past tasks that are not ready', () => {
    const queue = new TieredQueue({ tiers: 1 });
    enqueue(queue, 'A', 4);
    queue.setReadyAt('A2', 10);
    expect(run(queue, never, { nowMs: 5 }).offered).toEqual(['A1', 'A3', 'A4']);
    expect(run(queue, never, { nowMs: 10 }).offered).toEqual(['A1', 'A2', 'A3', 'A4']);
  });

  it('is that of arrival in every cycle, whatever failed, as long as cycles are complete and nobody is placed', () => {
    const queue = new TieredQueue({ tiers: 1 });
    const ids = enqueue(queue, 'A', 5);
    for (let cycle = 0; cycle < 5; cycle++) expect(run(queue, never).offered).toEqual(ids);
  });
});

describe('a bucket whose tasks fail', () => {
  it('is asked again when every other waiting bucket has had a turn', () => {
    const queue = new TieredQueue({ tiers: 1 });
    queue.setCapacity(0, { cpu: 100 });
    launch(queue, 'B', 1, { cpu: 2 });
    launch(queue, 'C', 1, { cpu: 5 });
    enqueue(queue, 'A', 3, { cpu: 50 });
    enqueue(queue, 'B', 5);
    enqueue(queue, 'C', 2);
    const { offered } = run(queue, ({ bucket }) => bucket !== 'A');
    // B goes on by share until C is asked; A, which has the least share, waits for both.
    expect(offered).toEqual(['A1', 'B1', 'B2', 'B3', 'B4', 'C1', 'A2', 'B5', 'C2', 'A3']);
  });

  it('never gets two turns between two turns of another that waits, in one cycle or over many', () => {
    const random = numbers(7);
    for (let round = 0; round < 200; round++) {
      const queue = new TieredQueue({ tiers: 1 });
      const buckets = Array.from({ length: 2 + Math.floor(random() * 6) }, (_, i) => `b${i}`);
      for (const bucket of buckets) enqueue(queue, bucket, 1 + Math.floor(random() * 8));
      const batch = round % 2 === 0 ? Infinity : 1 + Math.floor(random() * 6);
      const waits = (bucket: string, tried: Set<string>): boolean =>
        queue.entries('queued').some(({ task }) => task.bucket === bucket && !tried.has(task.id));
      /** By bucket that failed: the others that waited then and were not asked since. */
      const owed = new Map<string, Set<string>>();
      for (let complete = false; !complete;) {
        const cycle = queue.cycle(0);
        const tried = new Set<string>();
        for (
          let task = cycle.next();
          task !== undefined;
          task = tried.size < batch ? cycle.next() : undefined
        ) {
          const { id, bucket } = task;
          tried.add(id);
          const still = [...(owed.get(bucket) ?? [])].filter((other) => waits(other, tried));
          expect(still, `round ${round}: ${bucket} before ${still.join()}`).toEqual([]);
          for (const others of owed.values()) others.delete(bucket);
          owed.delete(bucket);
          if (random() < 0.5) {
            cycle.placed(task);
          } else {
            cycle.failed(task);
            const waiting = buckets.filter((other) => other !== bucket && waits(other, tried));
            owed.set(bucket, new Set(waiting));
          }
        }
        ({ complete } = cycle.end());
      }
    }
  });

  it('does not keep a bucket that arrives in the middle of it all from its share', () => {
    const queue = new TieredQueue({ tiers: 1 });
    enqueue(queue, 'A', 1000);
    run(queue, never, { batch: 10 });
    enqueue(queue, 'B', 1);
    expect(run(queue, never, { batch: 2 }).offered).toContain('B1');
  });
});

/** Cycles with a batch limit until all tasks in `wanted` were offered. @returns how many offers that took */
function offersUntilAllTried(
  queue: TieredQueue,
  wanted: Set<string>,
  batch: number,
  place: (task: QueuedTask) => boolean,
  between: () => void = () => undefined,
): number {
  let offers = 0;
  for (let cycles = 0; wanted.size > 0 && cycles < 100_000; cycles++) {
    const { offered } = run(queue, place, { batch });
    offers += offered.length;
    for (const id of offered) wanted.delete(id);
    between();
  }
  expect([...wanted]).toEqual([]);
  return offers;
}

describe('with cycles that end after a few offers, every task is tried', () => {
  const BATCHES = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

  it.each(BATCHES)(
    '1000 buckets of 2 tasks that all fail, batch %i: each task in turn, and again',
    (batch) => {
      const queue = new TieredQueue({ tiers: 1 });
      const ids: string[] = [];
      for (let i = 0; i < 1000; i++) ids.push(...enqueueFast(queue, `b${i}`, 2));
      // 2000 offers without a single one wasted.
      for (let round = 0; round < 2; round++)
        expect(offersUntilAllTried(queue, new Set(ids), batch, never) - 2000).toBeLessThan(batch);
    },
  );

  it.each(BATCHES)('half of 100 buckets in a second tier, batch %i: it gets every eighth offer', (batch) => {
    const queue = new TieredQueue({ tiers: 2 });
    const ids: string[] = [];
    for (let i = 0; i < 100; i++) ids.push(...enqueueFast(queue, `b${i}`, 3, i % 2));
    for (let round = 0; round < 2; round++)
      expect(offersUntilAllTried(queue, new Set(ids), batch, never)).toBeLessThanOrEqual(8 * 100 * 3);
  });

  it.each(BATCHES)(
    'a stream of short tasks in buckets with less share and in a higher tier, batch %i',
    (batch) => {
      const queue = new TieredQueue({ tiers: 2 });
      launch(queue, 'busy', 1, { cpu: 100 });
      const patient = [...enqueueFast(queue, 'busy', 3), ...enqueueFast(queue, 'low', 3, 1)];
      let next = 0;
      const stream = (): void => {
        for (const { task } of queue.entries('launched')) if (task.bucket !== 'busy') queue.remove(task.id);
        for (const queued = queue.entries('queued').length; queue.size < queued + 2 * batch + 2; next++)
          queue.enqueue({ id: `s${next}`, tier: 0, bucket: `stream${next % 3}`, resources: { cpu: 1 } }, 0);
      };
      stream();
      const offers = offersUntilAllTried(
        queue,
        new Set(patient),
        batch,
        ({ bucket }) => /stream/.test(bucket),
        stream,
      );
      // 5 buckets, every 8th offer by age, 3 tasks: at most 8 · 5 · 3, and a batch until the queue knows it is behind.
      expect(offers).toBeLessThanOrEqual(120 + batch);
    },
  );

  it('a stream of arrivals in the same bucket does not hold up what failed before', () => {
    const queue = new TieredQueue({ tiers: 1 });
    const [first] = enqueueFast(queue, 'A', 1);
    run(queue, never, { batch: 1 });
    let next = 0;
    const arrive = (): void => {
      for (let i = 0; i < 3; i++) queue.enqueue({ id: `s${next++}`, tier: 0, bucket: 'A', resources: {} }, 0);
    };
    for (let i = 0; i < 3; i++) arrive();
    expect(offersUntilAllTried(queue, new Set([first]), 1, never, arrive)).toBeLessThanOrEqual(20);
  });
});

/** As `enqueue`, for many: does not look at what is there. */
function enqueueFast(queue: TieredQueue, bucket: string, count: number, tier = 0): string[] {
  const ids = Array.from({ length: count }, (_, i) => `${bucket}-${i}`);
  for (const id of ids) queue.enqueue({ id, tier, bucket, resources: { cpu: 1 } }, 0);
  return ids;
}

describe('with complete cycles', () => {
  it('a bucket whose first task never fits gets its other tasks placed, though others take what is free', () => {
    const queue = new TieredQueue({ tiers: 1 });
    launch(queue, 'Y', 5);
    queue.enqueue({ id: 'huge', tier: 0, bucket: 'Z', resources: { cpu: 1000 } }, 0);
    enqueue(queue, 'Y', 20);
    queue.enqueue({ id: 'small', tier: 0, bucket: 'Z', resources: { cpu: 1 } }, 0);
    const placed: string[] = [];
    for (let cycle = 0; cycle < 3; cycle++) {
      let free = 1;
      const { placedIds } = run(queue, ({ resources }) => {
        const fits = resources.cpu <= free;
        if (fits) free -= resources.cpu;
        return fits;
      });
      placed.push(...placedIds);
    }
    expect(placed).toEqual(['Y1', 'small', 'Y2']);
  });

  it('a task whose launch always fails does not hold up those behind it', () => {
    const queue = new TieredQueue({ tiers: 1 });
    enqueue(queue, 'A', 3);
    const placed: string[] = [];
    for (let cycle = 0; cycle < 4; cycle++) {
      const { placedIds } = run(queue, undefined, { batch: 1 });
      placed.push(...placedIds);
      if (placedIds.includes('A1')) queue.requeue('A1');
    }
    expect(placed).toEqual(['A1', 'A2', 'A3', 'A1']);
  });

  it('a back-off given with the failure takes the task out of the way until then', () => {
    const queue = new TieredQueue({ tiers: 1 });
    enqueue(queue, 'A', 2);
    const cycle = queue.cycle(0);
    cycle.failed(cycle.next()!, 100);
    cycle.failed(cycle.next()!);
    cycle.end();
    expect(run(queue, never, { nowMs: 99 }).offered).toEqual(['A2']);
    expect(run(queue, never, { nowMs: 100 }).offered).toEqual(['A1', 'A2']);
    expect(queue.get('A1')).toMatchObject({ failures: 2, readyAtMs: 100 });
  });
});
