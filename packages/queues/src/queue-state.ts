/**
 * What a queue and its open cycle share: the records of all tasks, the tiers, and the tasks that are not ready yet.
 * A queued task is in exactly one place: the ready tasks of its bucket, the delayed tasks, or the open cycle that
 * has taken it.
 */
import { type ResourceSchema, show } from '@stowage/core';
import type { TaskRecord } from './bucket.ts';
import { fail } from './errors.ts';
import { IndexedHeap } from './indexed-heap.ts';
import type { QueuedTask } from './queued-task.ts';
import { Tier } from './tier.ts';

export class QueueState<T extends QueuedTask> {
  readonly schema: ResourceSchema;
  readonly tiers: readonly Tier<T>[];
  readonly records: Map<string, TaskRecord<T>> = new Map();
  readonly delayed: IndexedHeap<TaskRecord<T>> = new IndexedHeap(
    (a, b) => a.readyAtMs - b.readyAtMs || a.sequence - b.sequence,
  );
  /** Whether a cycle is open. */
  inCycle = false;
  /** The last cycle ended before every ready task was tried. */
  isBehind = false;
  /** Offers by share since the last one by age, while the queue is behind. */
  offersByShare = 0;
  /** Something changed that could make the next cycle differ from the last one. */
  hasChanged = false;
  #stamp = 0;
  /** Tasks that are ready at this time are in their buckets, the others are in `delayed`. */
  #readyMs = -Infinity;

  constructor(schema: ResourceSchema, tiers: number) {
    this.schema = schema;
    this.tiers = Array.from({ length: tiers }, (_, number) => new Tier<T>(schema, number));
  }

  /** A number greater than all before: order of arrival of tasks, and of offers to buckets. */
  nextStamp(): number {
    return ++this.#stamp;
  }

  /** The greatest stamp given out. */
  get stamp(): number {
    return this.#stamp;
  }

  /** @throws StowageError UNKNOWN_TIER */
  tier(number: number): Tier<T> {
    const tier = Number.isInteger(number) ? this.tiers[number] : undefined;
    if (tier !== undefined) return tier;
    return fail(
      'UNKNOWN_TIER',
      `there is no tier ${show(number)}; use an integer from 0 to ${this.tiers.length - 1}.`,
    );
  }

  /** Puts a queued task that is nowhere into its bucket, or among the delayed ones. */
  wait(record: TaskRecord<T>): void {
    if (record.readyAtMs <= this.#readyMs) record.bucket.addReady(record);
    else this.delayed.push(record);
  }

  /** Takes a queued task from where it waits. */
  unwait(record: TaskRecord<T>): void {
    const { ready } = record.bucket;
    (ready.has(record) ? ready : this.delayed).remove(record);
  }

  /** Makes tasks ready whose time has come. O(those · log), O(tasks · log) when the clock was set back. */
  advance(nowMs: number): void {
    const clockWentBack = nowMs < this.#readyMs;
    this.#readyMs = nowMs;
    if (clockWentBack) {
      for (const record of this.records.values()) {
        if (record.state !== 'queued' || record.readyAtMs <= nowMs || this.delayed.has(record)) continue;
        this.unwait(record);
        this.delayed.push(record);
      }
    }
    for (let first = this.delayed.peek(); first !== undefined; first = this.delayed.peek()) {
      if (first.readyAtMs > nowMs) break;
      this.delayed.remove(first);
      first.bucket.addReady(first);
    }
  }
}
