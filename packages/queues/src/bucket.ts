/**
 * The tasks of one capacity group in one tier, and what its launched tasks use.
 *
 * Ready tasks are ordered by turn, then arrival. As a rule all have the same turn, so the order is that of arrival. A
 * task that goes back gets a turn beyond all in use, an arrival the last one in use: whatever arrives or fails, no
 * other task is ahead of the same task twice.
 */
import { type HeapItem, IndexedHeap } from './indexed-heap.ts';
import type { QueuedTask, TaskState } from './queued-task.ts';
import { dominantRatio, NO_SHARE, type Share, shareOf } from './ratio.ts';
import type { BucketRules } from './settings.ts';

/** The queue's record of a task. */
export interface TaskRecord<T extends QueuedTask> extends HeapItem {
  readonly task: T;
  readonly id: string;
  readonly units: Float64Array;
  readonly bucket: Bucket<T>;
  /** Order of arrival. */
  readonly sequence: number;
  readonly enqueuedAtMs: number;
  state: TaskState;
  readyAtMs: number;
  launchedAtMs: number | undefined;
  failures: number;
  /** Place in the bucket before the sequence: tasks that had their turn go behind those that had not. */
  turn: number;
}

export class Bucket<T extends QueuedTask> {
  readonly tier: number;
  readonly name: string;
  readonly used: Float64Array;
  /** Ready tasks that were not tried in the open cycle. */
  readonly ready: IndexedHeap<TaskRecord<T>> = new IndexedHeap(
    (a, b) => a.turn - b.turn || a.sequence - b.sequence,
  );
  rules: BucketRules;
  queued = 0;
  launched = 0;
  /** As of the last `updateShare`. */
  share: Share = NO_SHARE;
  /** Stamp of the last offer of a task of this bucket, before that of its creation. */
  askedAt: number;
  /** Its last offer failed, and not all others have been asked since. */
  parked = false;
  heapIndex = -1;
  #firstTurn = 0;
  #lastTurn = 0;

  constructor(tier: number, name: string, rules: BucketRules, askedAt: number) {
    this.tier = tier;
    this.name = name;
    this.rules = rules;
    this.used = new Float64Array(rules.guarantee.length);
    this.askedAt = askedAt;
  }

  get isEmpty(): boolean {
    return this.queued + this.launched === 0;
  }

  /** The turn of a task that comes in now. */
  get arrivalTurn(): number {
    return this.#lastTurn;
  }

  /** Lets tasks that are not among the ready ones go behind all others, in their order of arrival. */
  moveBack(records: readonly TaskRecord<T>[]): void {
    if (records.length > 0) this.#lastTurn += 1;
    for (const record of records) record.turn = this.#lastTurn;
  }

  /** From now on, tasks that are added are in their order of arrival again. */
  resetTurns(): void {
    this.#firstTurn = this.#lastTurn;
  }

  /** Adds a task to the ready ones. */
  addReady(record: TaskRecord<T>): void {
    record.turn = Math.max(record.turn, this.#firstTurn);
    this.ready.push(record);
  }

  /** @param totals - what the tier has of each resource */
  updateShare(totals: Float64Array): void {
    this.share = shareOf(dominantRatio(this.used, totals), this.rules.weight);
  }
}
