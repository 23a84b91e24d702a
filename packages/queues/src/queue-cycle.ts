/**
 * The protocol between the queue and the scheduling service, as values instead of callbacks.
 */
import type { QueuedTask } from './queued-task.ts';
import type { Refusal } from './refusal.ts';

/** A task that was not offered because of a guarantee or limit. @public */
export interface RefusedTask<T extends QueuedTask = QueuedTask> {
  readonly task: T;
  readonly refusal: Refusal;
}

/** What a cycle did. @public */
export interface CycleReport<T extends QueuedTask = QueuedTask> {
  readonly placed: number;
  readonly failed: number;
  /** Every ready task that the cycle came across and did not offer, in that order. */
  readonly refused: readonly RefusedTask<T>[];
  /** Whether every ready task was offered or refused; if not, the next cycle goes on behind those that were. */
  readonly complete: boolean;
}

/**
 * One pass over the ready tasks. Every task is offered or refused at most once.
 *
 * @example
 * ```ts
 * const cycle = queue.cycle(nowMs);
 * for (let task = cycle.next(); task !== undefined; task = cycle.next()) {
 *   if (place(task)) cycle.placed(task);
 *   else cycle.failed(task, nowMs + 1000);
 * }
 * const { refused } = cycle.end();
 * ```
 * @public
 */
export interface QueueCycle<T extends QueuedTask = QueuedTask> {
  /** The time that decides which tasks are ready. */
  readonly nowMs: number;
  /**
   * Offers a task, which must be answered before the next one is asked for; undefined when every ready task was
   * offered or refused. O(log buckets + log tasks of the bucket), plus O(log tasks of the bucket) for each task that
   * is refused on the way.
   * @throws StowageError TASK_IN_HAND, CYCLE_ENDED
   */
  next(): T | undefined;
  /** The task offered last was placed: it is launched now and counts as used. @throws StowageError NO_TASK_IN_HAND, CYCLE_ENDED */
  placed(task: T): void;
  /**
   * The task offered last could not be placed and stays queued.
   * @param readyAtMs - not offered again before this time, for a back-off. Default: the task stays ready
   * @throws StowageError NO_TASK_IN_HAND, INVALID_TIME, CYCLE_ENDED
   */
  failed(task: T, readyAtMs?: number): void;
  /**
   * Ends the cycle, at any time; until then the queue cannot be changed. A task that was offered and not answered
   * counts as not offered. Ending again returns the same report. O(buckets + tasks tried · log).
   */
  end(): CycleReport<T>;
}
