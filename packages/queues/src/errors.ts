/**
 * Failures that a user of the queues can cause, and the reasons for which a task is refused. The table is the one
 * list of the codes of this package; `docs/errors.md` is checked against it. A call that throws has changed nothing.
 */
import { type CoreErrorCode, StowageError } from '@stowage/core';

/**
 * Codes of `@stowage/queues`, each with the situation it reports. The last four are reasons in reports and never
 * thrown. Descriptions that are no objects, and quantities, are refused with the codes of `@stowage/core`.
 * @public
 */
export const QUEUE_ERRORS = {
  INVALID_QUEUE_OPTION: 'An option of the queue is out of its range.',
  INVALID_TIME: 'A time is not a finite number of milliseconds.',
  INVALID_WEIGHT: 'The weight of a bucket is not a multiple of 0.000001 from 0.000001 to 1000000.',
  UNKNOWN_TIER: 'The queue has no tier of this number.',
  GUARANTEES_ABOVE_CAPACITY: 'The guarantees of a tier add up to more than its capacity.',
  GUARANTEE_ABOVE_LIMIT: 'A bucket is guaranteed more than its limit allows.',
  DUPLICATE_QUEUED_TASK: 'A task with this id is in the queue, queued or launched.',
  UNKNOWN_QUEUED_TASK: 'No task with this id is in the queue.',
  WRONG_TASK_STATE: 'The task is launched where a queued one is needed, or queued where a launched one is.',
  QUEUE_FULL: 'The queue holds as many tasks as it may.',
  CYCLE_OPEN: 'The queue cannot be changed while a cycle is open.',
  CYCLE_ENDED: 'The cycle has ended.',
  TASK_IN_HAND: 'The next task was asked for before the last one was answered.',
  NO_TASK_IN_HAND: 'An answer does not belong to the task that was offered last.',
  GROUP_USE_BELOW_ZERO: 'A group would give back more than it uses.',
  NO_GUARANTEED_CAPACITY: 'The guarantee of the bucket is used up and the tier has nothing to spare.',
  ABOVE_LIMIT: 'The bucket would exceed its limit.',
  GROUP_WITHOUT_LIMIT: 'Groups are limited, and the group of the task has no limit.',
  ABOVE_GROUP_LIMIT: 'The group would exceed its limit.',
} as const;

/** @public */
export type QueueErrorCode = keyof typeof QUEUE_ERRORS;

/** Throws; typed `never` so that callers need no return after it. */
export function fail(code: QueueErrorCode | CoreErrorCode, message: string): never {
  throw new StowageError(code, message);
}
