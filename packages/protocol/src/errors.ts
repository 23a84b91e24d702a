/**
 * Failures that a user of an agent can cause. A call that throws one has changed nothing.
 */

/**
 * Codes of the agent's contract, each with the situation it reports.
 * @public
 */
export const PROTOCOL_ERRORS = {
  INVALID_OPTION: 'An option or argument is ill-typed or out of range.',
  INVALID_TASK_SPEC: 'A field of a task spec is missing, ill-typed or out of range.',
  FEATURE_UNAVAILABLE: 'The task requires what this agent cannot enforce.',
  TASK_EXISTS: 'The agent already has a different task with this id.',
  UNKNOWN_TASK: 'The agent has no task with this id.',
  TASK_NOT_FINISHED: 'The operation needs a finished task.',
  STATUS_EXPIRED: 'Statuses after the given sequence were forgotten.',
  AGENT_FENCED: 'The host is unhealthy, and the agent takes no tasks until it has recovered.',
  AGENT_CLOSED: 'The agent has been closed.',
} as const;

/** @public */
export type ProtocolErrorCode = keyof typeof PROTOCOL_ERRORS;

/**
 * An error with a stable `code` and a message that says what is wrong and what to do; where another exception was the
 * reason, that exception as `cause`.
 * @public
 */
export class AgentError extends Error {
  readonly code: string;

  constructor(code: string, message: string, cause?: unknown) {
    super(`${code}: ${message}`, cause === undefined ? undefined : { cause });
    this.name = 'AgentError';
    this.code = code;
  }
}
