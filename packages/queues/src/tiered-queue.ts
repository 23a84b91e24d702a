/**
 * The queue between job managers and the placement engine: tiers served in order, inside a tier capacity groups in
 * the order of weighted dominant-resource fairness, inside a group tasks in order of arrival. What Fenzo's tiered
 * queue does, with exact sums, reported refusals and freedom from starvation. No clock, no timers, no callbacks.
 */
import { ResourceSchema, show } from '@stowage/core';
import { type Amounts, MAX_QUEUE_TASKS, taskUnits } from './amounts.ts';
import type { TaskRecord } from './bucket.ts';
import { count, text, time } from './checks.ts';
import { fail } from './errors.ts';
import { OpenCycle } from './open-cycle.ts';
import type { QueueCycle } from './queue-cycle.ts';
import type { QueuedTask, QueueEntry, TaskState } from './queued-task.ts';
import { QueueState } from './queue-state.ts';
import {
  type BucketSettings,
  NO_PLAN,
  parseBucket,
  parseCapacity,
  parseTier,
  type TierSettings,
} from './settings.ts';
import { SharedUnits } from './shared-units.ts';
import { entryOf, statusOf, type TierStatus } from './status.ts';
import type { Tier } from './tier.ts';
import { problemsOf } from './verify.ts';

/** @public */
export interface TieredQueueOptions {
  /** Number of tiers, 1 to 1000. */
  readonly tiers: number;
  /** The resources that tasks and settings may name: `scheduler.engine.schema`. Default: the engine's default. */
  readonly schema?: ResourceSchema;
  /** The most tasks, queued and launched, 1 to 2^21. Default 2^21. */
  readonly maxTasks?: number;
}

/**
 * Tasks that wait and tasks that run, by tier and bucket.
 *
 * Every method that changes the queue throws CYCLE_OPEN while a cycle is open, and a method that throws has changed
 * nothing. Methods are O(log tasks) unless they say otherwise.
 * @public
 */
export class TieredQueue<T extends QueuedTask = QueuedTask> {
  readonly #state: QueueState<T>;
  readonly #sharedUnits = new SharedUnits();
  readonly #maxTasks: number;

  /** @throws StowageError INVALID_QUEUE_OPTION */
  constructor(options: TieredQueueOptions) {
    const { tiers, schema = new ResourceSchema(), maxTasks = MAX_QUEUE_TASKS } = options ?? {};
    if (!(schema instanceof ResourceSchema))
      fail('INVALID_QUEUE_OPTION', `the schema is ${show(schema)}; give a ResourceSchema.`);
    this.#maxTasks = count(maxTasks, MAX_QUEUE_TASKS, 'maxTasks');
    this.#state = new QueueState<T>(schema, count(tiers, 1000, 'the number of tiers'));
  }

  /** The resources that tasks and settings may name. */
  get schema(): ResourceSchema {
    return this.#state.schema;
  }

  /** Number of tiers. */
  get tierCount(): number {
    return this.#state.tiers.length;
  }

  /** Number of tasks, queued and launched. */
  get size(): number {
    return this.#state.records.size;
  }

  /** Whether a cycle is open. */
  get inCycle(): boolean {
    return this.#state.inCycle;
  }

  /**
   * Queues a task.
   * @param nowMs - the time from which its wait counts
   * @throws StowageError DUPLICATE_QUEUED_TASK, UNKNOWN_TIER, QUEUE_FULL, INVALID_TIME, CYCLE_OPEN, INVALID_SPEC,
   * UNKNOWN_RESOURCE and those of quantities
   */
  enqueue(task: T, nowMs: number): void {
    const record = this.#admit(task, nowMs, 'queued');
    record.bucket.queued += 1;
    this.#state.wait(record);
  }

  /**
   * Registers a task that runs already, as after a restart. It counts as used even where that exceeds limits.
   * @param nowMs - becomes its times of arrival and launch
   * @throws StowageError as `enqueue`
   */
  addLaunched(task: T, nowMs: number): void {
    const record = this.#admit(task, nowMs, 'launched');
    record.bucket.launched += 1;
    record.launchedAtMs = nowMs;
    this.#tierOf(record).charge(record.bucket, record.units);
  }

  /**
   * Takes a task out, whether it waits or runs; what a launched one used is free again.
   * @returns the task as it was handed in
   * @throws StowageError UNKNOWN_QUEUED_TASK, CYCLE_OPEN
   */
  remove(taskId: string): T {
    const record = this.#record(taskId);
    const { bucket } = record;
    const tier = this.#tierOf(record);
    if (record.state === 'queued') {
      this.#state.unwait(record);
      bucket.queued -= 1;
    } else {
      tier.discharge(bucket, record.units);
      bucket.launched -= 1;
      this.#state.hasChanged = true;
    }
    this.#state.records.delete(taskId);
    tier.dropIfEmpty(bucket);
    return record.task;
  }

  /**
   * Queues a launched task again, as when its launch failed. It keeps its time of arrival and goes behind the tasks of
   * its bucket that wait now, so that one whose launch always fails does not hold up the others.
   * @param readyAtMs - not offered before this time, for a back-off. Default: ready at once
   * @throws StowageError UNKNOWN_QUEUED_TASK, WRONG_TASK_STATE, INVALID_TIME, CYCLE_OPEN
   */
  requeue(taskId: string, readyAtMs?: number): void {
    const record = this.#record(taskId, 'launched');
    const { bucket } = record;
    record.readyAtMs = readyAtMs === undefined ? -Infinity : time(readyAtMs, 'readyAtMs');
    record.state = 'queued';
    record.launchedAtMs = undefined;
    bucket.moveBack([record]);
    bucket.launched -= 1;
    bucket.queued += 1;
    this.#tierOf(record).discharge(bucket, record.units);
    this.#state.wait(record);
    this.#state.hasChanged = true;
  }

  /**
   * Lets a queued task wait until a time, or no longer when that has passed.
   * @throws StowageError UNKNOWN_QUEUED_TASK, WRONG_TASK_STATE, INVALID_TIME, CYCLE_OPEN
   */
  setReadyAt(taskId: string, readyAtMs: number): void {
    const record = this.#record(taskId, 'queued');
    const readyAt = time(readyAtMs, 'readyAtMs');
    this.#state.unwait(record);
    record.readyAtMs = readyAt;
    this.#state.wait(record);
    this.#state.hasChanged = true;
  }

  /**
   * Replaces all settings of a tier. Settings of one tier leave the others as they are. What runs keeps running and
   * counts, even above new bounds. O(buckets).
   * @param settings - undefined: none, the tier is unlimited
   * @throws StowageError GUARANTEES_ABOVE_CAPACITY, GUARANTEE_ABOVE_LIMIT, INVALID_WEIGHT, UNKNOWN_TIER, CYCLE_OPEN,
   * INVALID_SPEC, UNKNOWN_RESOURCE and those of quantities
   */
  setTier(tier: number, settings: TierSettings | undefined): void {
    const changed = this.#tier(tier);
    changed.set(settings === undefined ? NO_PLAN : parseTier(this.schema, settings, tier));
    this.#state.hasChanged = true;
  }

  /** Replaces the capacity of a tier and leaves its buckets. @throws StowageError as `setTier` */
  setCapacity(tier: number, capacity: Amounts | undefined): void {
    const changed = this.#tier(tier);
    changed.set({ ...changed.plan, capacity: parseCapacity(this.schema, capacity, tier) });
    this.#state.hasChanged = true;
  }

  /**
   * Replaces the settings of one bucket. They may be removed while its tasks run: those stay counted, and from the
   * next cycle on the bucket gets what is left over, like every bucket without settings.
   * @param settings - undefined: none
   * @throws StowageError as `setTier`
   */
  setBucket(tier: number, bucket: string, settings: BucketSettings | undefined): void {
    const changed = this.#tier(tier);
    const buckets = new Map(changed.plan.buckets);
    if (settings === undefined) buckets.delete(text(bucket, 'the name of a bucket'));
    else buckets.set(bucket, parseBucket(this.schema, settings, bucket));
    changed.set({ ...changed.plan, buckets });
    this.#state.hasChanged = true;
  }

  /**
   * Begins a cycle. There is one at a time, and the queue cannot be changed until it ends.
   * O(buckets · log buckets), plus O(log tasks) for each task that has become ready.
   * @param nowMs - decides which tasks are ready
   * @throws StowageError CYCLE_OPEN, INVALID_TIME
   */
  cycle(nowMs: number): QueueCycle<T> {
    this.#requireNoCycle();
    return new OpenCycle<T>(this.#state, time(nowMs, 'nowMs'));
  }

  /**
   * Whether a cycle now could offer what the last one did not, even if nothing changed on the agents: a task came in
   * or became ready, use fell, settings changed, or the last cycle ended before it was complete. O(1).
   */
  hasNews(nowMs: number): boolean {
    const nextMs = this.nextReadyAtMs();
    return this.#state.hasChanged || this.#state.isBehind || (nextMs !== undefined && nextMs <= nowMs);
  }

  /** When the next task becomes ready that was not so at the last cycle; undefined when there is none. O(1). */
  nextReadyAtMs(): number | undefined {
    return this.#state.delayed.peek()?.readyAtMs;
  }

  /** A task by its id; undefined when it is not here. O(1). */
  get(taskId: string): QueueEntry<T> | undefined {
    const record = this.#state.records.get(taskId);
    return record && entryOf(record);
  }

  /** All tasks, or those in one state, in no promised order. O(tasks). */
  entries(state?: TaskState): QueueEntry<T>[] {
    const records = [...this.#state.records.values()];
    return records.filter((record) => state === undefined || record.state === state).map(entryOf);
  }

  /** Settings, use and counts of a tier and its buckets. O(buckets · log buckets). @throws StowageError UNKNOWN_TIER */
  status(tier: number): TierStatus {
    return statusOf(this.#state.tier(tier));
  }

  /** Broken invariants in words; empty when the state is consistent. O(tasks + buckets). */
  verify(): string[] {
    return problemsOf(this.#state);
  }

  /** Checks a task that comes in and makes its record. */
  #admit(task: T, nowMs: number, state: TaskState): TaskRecord<T> {
    this.#requireNoCycle();
    const { id: givenId, bucket: name, tier: number, resources, readyAtMs } = task ?? ({} as T);
    const id = text(givenId, 'the id of a task');
    if (this.#state.records.has(id))
      fail('DUPLICATE_QUEUED_TASK', `task ${show(id)} is in the queue; remove it first or use another id.`);
    if (this.size >= this.#maxTasks)
      fail('QUEUE_FULL', `the queue holds ${this.size} tasks; remove some before you add task ${show(id)}.`);
    const tier = this.#state.tier(number);
    const bucketName = text(name, 'the bucket', id);
    const units = taskUnits(this.schema, resources, resourcesOfTask, id);
    const readyAt = readyAtMs === undefined ? -Infinity : time(readyAtMs, 'readyAtMs', id);
    const enqueuedAtMs = time(nowMs, 'nowMs');
    const bucket = tier.buckets.get(bucketName) ?? tier.addBucket(bucketName, this.#state.nextStamp());
    const record: TaskRecord<T> = {
      task,
      id,
      units: this.#sharedUnits.share(units),
      bucket,
      sequence: this.#state.nextStamp(),
      enqueuedAtMs,
      state,
      readyAtMs: readyAt,
      launchedAtMs: undefined,
      failures: 0,
      turn: bucket.arrivalTurn,
      heapIndex: -1,
    };
    this.#state.records.set(id, record);
    this.#state.hasChanged = true;
    return record;
  }

  #record(taskId: string, state?: TaskState): TaskRecord<T> {
    this.#requireNoCycle();
    const record = this.#state.records.get(taskId);
    if (record === undefined)
      return fail(
        'UNKNOWN_QUEUED_TASK',
        `there is no task ${show(taskId)}; it was removed or never came in.`,
      );
    if (state !== undefined && record.state !== state)
      fail('WRONG_TASK_STATE', `task ${show(taskId)} is ${record.state}; this needs one that is ${state}.`);
    return record;
  }

  #tierOf({ bucket }: TaskRecord<T>): Tier<T> {
    return this.#state.tiers[bucket.tier];
  }

  #tier(number: number): Tier<T> {
    this.#requireNoCycle();
    return this.#state.tier(number);
  }

  #requireNoCycle(): void {
    if (this.#state.inCycle) fail('CYCLE_OPEN', 'a cycle is open; end it before you change the queue.');
  }
}

function resourcesOfTask(id: string): string {
  return `task ${show(id)} resources`;
}
