/**
 * What an agent says of a task. The states of one task come in the order of the list, each at most once; only
 * `accepted` and `finished` always come; `finished` is the last and is said after clean-up.
 */

/** In the order of a task's life. @public */
export const TASK_STATES = [
  /** The spec is valid, the agent can do what it asks, and it is written to the journal. */
  'accepted',
  /** Preparation has begun: image, address, credentials. */
  'launched',
  /** The container exists with its network and limits; no code of the user has run. */
  'start-initiated',
  /** The user's process runs. */
  'started',
  /** A kill was asked for. */
  'kill-initiated',
  /** Ended, and everything it held on the agent is free again. */
  'finished',
] as const;

/** @public */
export type TaskState = (typeof TASK_STATES)[number];

/** Why a task has finished. @public */
export const FINISH_REASONS = {
  normal: 'The process ended by itself with exit code 0.',
  failed: 'The process ended by itself with another exit code or by a signal.',
  'out-of-memory': 'The kernel ended a process of the container because it was over its memory limit.',
  killed: 'It was killed on request.',
  'invalid-request': 'The image, entrypoint or configuration cannot work on any agent.',
  unavailable: 'This agent cannot do what the task requires; another may.',
  'timed-out': 'A step of preparation or start took longer than its limit.',
  'local-system-error': 'A facility of this agent failed.',
  lost: 'The container went away and nothing tells how it ended.',
} as const;

/** @public */
export type FinishReason = keyof typeof FINISH_REASONS;

/** @public */
export interface TaskStatus {
  readonly taskId: string;
  /**
   * Position in this agent's stream of statuses, from 1, without gaps, never used twice, also over restarts of the agent.
   */
  readonly sequence: number;
  readonly state: TaskState;
  /** Milliseconds since the epoch, by the agent's clock. */
  readonly timestampMs: number;
  /** One sentence for people. */
  readonly message: string;
  /** With `finished` only. */
  readonly reason?: FinishReason;
  /** With `finished`, when a process ended: 0 to 255; 128 + n when signal n ended it. */
  readonly exitCode?: number;
  /** From `start-initiated` on, for tasks with an address of their own. */
  readonly address?: string;
}
