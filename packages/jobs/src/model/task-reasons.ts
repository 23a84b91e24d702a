/**
 * Why a task is in its state. What agents say (`FINISH_REASONS` of the protocol) and what job managers add, with the one
 * thing that depends on the reason: whether the task deserves another try. After Titus, whose `lost` counts against the
 * user's retries and whose `invalidRequest` is retried; both differ here.
 */
import type { FinishReason } from '@stowage/protocol';

/**
 * - `never`: trying again would end the same, or nobody wants it.
 * - `counted`: a try that the user's retry policy counts.
 * - `uncounted`: not the user's doing; tried again with the system's delays and without counting.
 * @public
 */
export type RetryVerdict = 'never' | 'counted' | 'uncounted';

/** Reasons with which a task can finish. @public */
export type TaskEndReason =
  | FinishReason
  | 'evicted'
  | 'scaled-down'
  | 'stuck-in-state'
  | 'stuck-in-killing-state'
  | 'runtime-limit-exceeded'
  | 'crashed'
  | 'transient-system-error';

/** Whether a batch task is tried again, by the reason of its end. Services always replace. @public */
export const RETRY_VERDICTS: Readonly<Record<TaskEndReason, RetryVerdict>> = {
  normal: 'never',
  failed: 'counted',
  'out-of-memory': 'counted',
  killed: 'counted',
  'invalid-request': 'never',
  unavailable: 'uncounted',
  'timed-out': 'uncounted',
  'local-system-error': 'uncounted',
  lost: 'uncounted',
  evicted: 'uncounted',
  'scaled-down': 'never',
  'stuck-in-state': 'uncounted',
  'stuck-in-killing-state': 'uncounted',
  /** `counted` where the job says `retryOnRuntimeLimit`. */
  'runtime-limit-exceeded': 'never',
  crashed: 'uncounted',
  'transient-system-error': 'uncounted',
};

/** @public */
export type TaskReason =
  | TaskEndReason
  /** Of `accepted`: the first of its chain, or in place of an earlier one. */
  | 'created'
  | 'replaced'
  /** Of `launched`. */
  | 'placed'
  /** Of `start-initiated` and `started`. */
  | 'reported';

/** Who caused a transition. @public */
export type TransitionSource =
  /** A call of the API. */
  | 'user'
  /** The scheduler that places tasks. */
  | 'scheduler'
  /** The agent that runs the task. */
  | 'agent'
  /** The manager itself, to keep what the job promises. */
  | 'manager'
  /** A time that has come. */
  | 'clock'
  /** An eviction under a disruption budget. */
  | 'relocation';
