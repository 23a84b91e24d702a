/**
 * A cycle over the state of a queue. Offers go by tier, then by `TierTurns`, then by the order of the bucket.
 *
 * Where cycles end early: every eighth offer goes to the bucket that was asked longest ago, whatever its tier and
 * share, and in a bucket tasks that were tried go behind those that were not. Where they do not: a task that failed
 * while the resources were free, and for which its bucket lost its turn to others, goes behind those of its bucket
 * that ask for less. docs/queues.md has the bounds and why they hold.
 */
import { show } from '@stowage/core';
import type { Bucket, TaskRecord } from './bucket.ts';
import { time } from './checks.ts';
import { fail } from './errors.ts';
import type { CycleReport, QueueCycle, RefusedTask } from './queue-cycle.ts';
import type { QueuedTask } from './queued-task.ts';
import type { QueueState } from './queue-state.ts';
import { TierTurns, waitingBuckets } from './tier-turns.ts';

/** Offers by share between two offers by age. */
const OFFERS_BY_SHARE = 7;

/** What happened to a bucket in the cycle. */
interface Attempts<T extends QueuedTask> {
  /** Offered and failed, or refused, in this order. */
  readonly tried: TaskRecord<T>[];
  /** The first that failed before anything of the tier was placed. */
  tooLarge: TaskRecord<T> | undefined;
  placed: number;
}

export class OpenCycle<T extends QueuedTask> implements QueueCycle<T> {
  readonly nowMs: number;
  readonly #state: QueueState<T>;
  readonly #attempts = new Map<Bucket<T>, Attempts<T>>();
  readonly #placedInTier: number[];
  readonly #refused: RefusedTask<T>[] = [];
  /** Waiting buckets, the one asked longest ago first, as of a stamp; those asked since are behind all of them. */
  #byAge: readonly Bucket<T>[] = [];
  #byAgeStamp = 0;
  #nextByAge = 0;
  #nextTier = 0;
  #turns: TierTurns<T> | undefined;
  #inHand: TaskRecord<T> | undefined;
  #placed = 0;
  #failed = 0;
  #report: CycleReport<T> | undefined;

  constructor(state: QueueState<T>, nowMs: number) {
    this.nowMs = nowMs;
    this.#state = state;
    this.#placedInTier = state.tiers.map(() => 0);
    state.advance(nowMs);
    state.inCycle = true;
    state.hasChanged = false;
  }

  next(): T | undefined {
    this.#requireOpen();
    if (this.#inHand !== undefined)
      fail('TASK_IN_HAND', `task ${show(this.#inHand.id)} was offered; answer with placed or failed first.`);
    const record = this.#offerByAge() ?? this.#offerByShare();
    if (record === undefined) return undefined;
    record.bucket.askedAt = this.#state.nextStamp();
    this.#turnsOf(record.bucket)?.asked(record.bucket);
    this.#inHand = record;
    return record.task;
  }

  placed(task: T): void {
    const record = this.#answer(task);
    const { bucket } = record;
    record.state = 'launched';
    record.launchedAtMs = this.nowMs;
    bucket.queued -= 1;
    bucket.launched += 1;
    bucket.parked = false;
    this.#state.tiers[bucket.tier].charge(bucket, record.units);
    this.#turnsOf(bucket)?.settle(bucket);
    this.#attemptsOf(bucket).placed += 1;
    this.#placedInTier[bucket.tier] += 1;
    this.#placed += 1;
  }

  failed(task: T, readyAtMs?: number): void {
    const readyAt = readyAtMs === undefined ? undefined : time(readyAtMs, 'readyAtMs');
    const record = this.#answer(task);
    const { bucket } = record;
    record.failures += 1;
    record.readyAtMs = readyAt ?? record.readyAtMs;
    bucket.parked = true;
    this.#turnsOf(bucket)?.settle(bucket);
    const attempts = this.#attemptsOf(bucket);
    attempts.tried.push(record);
    if (this.#placedInTier[bucket.tier] === 0) attempts.tooLarge ??= record;
    this.#failed += 1;
  }

  end(): CycleReport<T> {
    if (this.#report !== undefined) return this.#report;
    const state = this.#state;
    this.#inHand?.bucket.addReady(this.#inHand);
    this.#inHand = undefined;
    let complete = true;
    for (const { buckets } of state.tiers) {
      const isTierComplete = [...buckets.values()].every(isTriedThrough);
      // The next cycle begins with the least share again, whoever failed.
      if (isTierComplete) for (const bucket of buckets.values()) bucket.parked = false;
      complete &&= isTierComplete;
    }
    for (const [bucket, attempts] of this.#attempts) this.#putBack(bucket, attempts);
    state.isBehind = !complete;
    if (complete) state.offersByShare = 0;
    state.inCycle = false;
    this.#report = { placed: this.#placed, failed: this.#failed, refused: this.#refused, complete };
    return this.#report;
  }

  #offerByAge(): TaskRecord<T> | undefined {
    if (this.#state.offersByShare < OFFERS_BY_SHARE) return undefined;
    for (;;) {
      if (this.#nextByAge === this.#byAge.length) {
        this.#byAge = waitingBuckets(this.#state.tiers);
        this.#nextByAge = 0;
        this.#byAgeStamp = this.#state.stamp;
        if (this.#byAge.length === 0) return undefined;
      }
      const bucket = this.#byAge[this.#nextByAge++];
      const record = bucket.askedAt > this.#byAgeStamp ? undefined : this.#admissible(bucket);
      if (record !== undefined) {
        this.#state.offersByShare = 0;
        return record;
      }
    }
  }

  #offerByShare(): TaskRecord<T> | undefined {
    const { tiers } = this.#state;
    for (; this.#nextTier < tiers.length; this.#nextTier++) {
      this.#turns ??= new TierTurns(tiers[this.#nextTier]);
      for (let bucket = this.#turns.first(); bucket !== undefined; bucket = this.#turns.first()) {
        const record = this.#admissible(bucket);
        if (record === undefined) continue;
        if (this.#state.isBehind) this.#state.offersByShare += 1;
        return record;
      }
      this.#turns = undefined;
    }
    return undefined;
  }

  /** Takes the bucket's first task that may be launched now; those before it are refused. */
  #admissible(bucket: Bucket<T>): TaskRecord<T> | undefined {
    const tier = this.#state.tiers[bucket.tier];
    for (let record = bucket.ready.pop(); record !== undefined; record = bucket.ready.pop()) {
      const refusal = tier.refusal(bucket, record.units);
      if (refusal === undefined) return record;
      this.#attemptsOf(bucket).tried.push(record);
      this.#refused.push({ task: record.task, refusal });
    }
    this.#turnsOf(bucket)?.settle(bucket);
    return undefined;
  }

  /** Returns the tried tasks to their bucket, and decides which of them go behind others. */
  #putBack(bucket: Bucket<T>, { tried, tooLarge, placed }: Attempts<T>): void {
    if (!isTriedThrough(bucket)) {
      bucket.moveBack(tried);
    } else if (placed > 0) {
      bucket.resetTurns();
    } else if (tooLarge !== undefined && this.#placedInTier[bucket.tier] > 0) {
      bucket.moveBack(tried.filter(({ units }) => units.every((asked, r) => asked >= tooLarge.units[r])));
    }
    for (const record of tried) this.#state.wait(record);
  }

  #answer(task: T): TaskRecord<T> {
    this.#requireOpen();
    const record = this.#inHand;
    const id: unknown = (task as T | null | undefined)?.id;
    if (record === undefined || record.id !== id)
      return fail(
        'NO_TASK_IN_HAND',
        `task ${show(id)} was not offered last; answer what next returned, once.`,
      );
    this.#inHand = undefined;
    return record;
  }

  #attemptsOf(bucket: Bucket<T>): Attempts<T> {
    const known = this.#attempts.get(bucket);
    if (known !== undefined) return known;
    const attempts: Attempts<T> = { tried: [], tooLarge: undefined, placed: 0 };
    this.#attempts.set(bucket, attempts);
    return attempts;
  }

  /** The turns of the bucket's tier, while that tier is served. */
  #turnsOf(bucket: Bucket<T>): TierTurns<T> | undefined {
    return this.#turns?.tier.number === bucket.tier ? this.#turns : undefined;
  }

  #requireOpen(): void {
    if (this.#report !== undefined) fail('CYCLE_ENDED', 'this cycle has ended; open another with cycle.');
  }
}

function isTriedThrough<T extends QueuedTask>(bucket: Bucket<T>): boolean {
  return bucket.ready.size === 0;
}
