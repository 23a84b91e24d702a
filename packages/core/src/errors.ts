/**
 * Every failure that a caller can cause or must handle is a `StowageError` with a stable code. The table
 * below is the one list of the codes of this package; `docs/errors.md` is checked against it. A call that
 * throws one has changed nothing.
 */

/**
 * Codes of `@stowage/core`, each with the situation it reports.
 * @public
 */
export const CORE_ERRORS = {
  INVALID_SCHEMA: 'The list of resource definitions is contradictory.',
  INVALID_SPEC: 'An agent or task description has a missing or ill-typed field.',
  INVALID_QUANTITY: 'A quantity is negative, NaN, infinite or not a number.',
  FRACTIONAL_QUANTITY: 'A quantity is not a whole number of the smallest unit of its resource.',
  QUANTITY_OVERFLOW: 'A quantity exceeds what a 32-bit column can hold.',
  UNKNOWN_RESOURCE: 'A resource name is not in the schema.',
  DUPLICATE_AGENT: 'An agent with this id is already registered.',
  UNKNOWN_AGENT: 'No agent has this id or row.',
  AGENT_IN_USE: 'The agent cannot be changed this way while tasks run on it.',
  AGENT_FULL: 'A running task does not fit on the agent it is said to run on.',
  DUPLICATE_TASK: 'A task with this id is already placed or occurs twice in one call.',
  UNKNOWN_TASK: 'No placed task has this id or handle.',
  INVALID_STAGE: 'The task is not in the stage of its life that the operation needs.',
  CLASS_IN_USE: 'A task class cannot be dropped while its tasks are placed.',
  UNKNOWN_CLASS: 'No task class has this id.',
  CLASS_NOT_PLACEABLE: 'The task class came from a snapshot and carries no plug-ins.',
  GANG_NOT_PLACED: 'A task was taken back because another task of its gang could not be placed.',
  STALE_PLAN: 'The cluster has changed so that a preemption plan does not hold any more.',
  INVALID_PLUGIN: 'A plug-in does not fulfil the contract.',
  PLUGIN_FAILED: 'A plug-in threw an exception.',
  INVALID_VERDICT: 'A hard constraint returned something else than 0 or a positive reason code.',
  INVALID_SCORE: 'A fitness calculator returned something else than a safe integer.',
  REENTRANT_CALL: 'A plug-in called, or mayEvict changed, the engine that was asking it.',
  NO_TRANSACTION: 'Commit or rollback was called without an open transaction.',
  TRANSACTION_OPEN: 'The operation is not allowed inside a transaction.',
  INVALID_SNAPSHOT: 'The snapshot is truncated, damaged or not a Stowage snapshot.',
  UNSUPPORTED_SNAPSHOT: 'The snapshot was written by an incompatible version.',
} as const;

/** @public */
export type CoreErrorCode = keyof typeof CORE_ERRORS;

/**
 * An error with a stable `code`, a message that says what is wrong and what to do, and, where another
 * exception was the reason, that exception as `cause`.
 * @public
 */
export class StowageError extends Error {
  readonly code: string;

  constructor(code: string, message: string, cause?: unknown) {
    super(`${code}: ${message}`, cause === undefined ? undefined : { cause });
    this.name = 'StowageError';
    this.code = code;
  }
}

/** Throws a core error; typed `never` so that callers need no return after it. */
export function fail(code: CoreErrorCode, message: string, cause?: unknown): never {
  throw new StowageError(code, message, cause);
}
