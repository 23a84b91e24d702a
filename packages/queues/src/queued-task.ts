/**
 * Tasks as users hand them in and see them.
 */
import type { Amounts } from './amounts.ts';

/** What the queue must know of a task; it is read once, when the task comes in. @public */
export interface QueuedTask {
  /** Unique in the queue, over all tiers and buckets. */
  readonly id: string;
  /** Tiers are served in order, 0 first. */
  readonly tier: number;
  /** Name of the capacity group, or whatever the tier's tasks are divided by. */
  readonly bucket: string;
  /** Scalar resources of the queue's schema, in decimals. */
  readonly resources: Amounts;
  /** Not offered in cycles before this time. Default: at once. */
  readonly readyAtMs?: number;
}

/** `queued`: waits to be placed. `launched`: was placed and counts as used until it is removed. @public */
export type TaskState = 'queued' | 'launched';

/** A task with what the queue knows about it. @public */
export interface QueueEntry<T extends QueuedTask = QueuedTask> {
  readonly task: T;
  readonly state: TaskState;
  /** When the task came in; `launchedAtMs - enqueuedAtMs` is its time in the queue. */
  readonly enqueuedAtMs: number;
  /** -Infinity when it may be offered at once. */
  readonly readyAtMs: number;
  readonly launchedAtMs: number | undefined;
  /** How often the task was offered and failed since it came in. */
  readonly failures: number;
}
