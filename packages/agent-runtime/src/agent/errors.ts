/**
 * Failures of the agent itself that a caller sees, beyond those of the protocol, and the two reasons for which a
 * launch is broken off. A call that throws a coded error has changed nothing.
 */
import { AgentError } from '@stowage/protocol';

/** Codes that `Agent` adds to `PROTOCOL_ERRORS`, each with the situation and the remedy. @public */
export const AGENT_ERRORS = {
  STATE_FOLDER_LOCKED: 'Another agent works on this state folder. End it, or use another folder.',
  STATE_FOLDER_DAMAGED:
    'The identity of the state folder cannot be read. Restore agent.json from a copy: an agent with a new identity would not know its containers.',
  STATE_NOT_WRITTEN:
    'The disk under the state folder refuses writes. Free space or repair it, then call again.',
  AGENT_IN_USE: 'The agent still has containers. Kill its tasks and wait until they are finished.',
  LOGS_NOT_REMOVED: 'The backend could not remove the logs of a task. Look at the cause, then call again.',
  UNKNOWN_ORPHAN: 'A confirmed id is not among the containers without a journal. List them again.',
} as const;

/** @public */
export type AgentErrorCode = keyof typeof AGENT_ERRORS;

/** The task is being killed: breaks off its launch. */
export class KilledError extends Error {
  override readonly name = 'KilledError';
}

/** The agent closes: whatever runs stops without another word in the journal. */
export class ClosedError extends Error {
  override readonly name = 'ClosedError';
}

export class StepTimeoutError extends Error {
  override readonly name = 'StepTimeoutError';

  constructor(step: string, limitMs: number) {
    super(`The step "${step}" took longer than ${limitMs / 1000} s.`);
  }
}

export function isStorageError(error: unknown): boolean {
  return error instanceof AgentError && error.code === 'STATE_NOT_WRITTEN';
}

/** The longest delay of a timer: a longer one would fire at once. */
export const MAX_DELAY_MS: number = 2 ** 31 - 1;

/** @throws AgentError `INVALID_OPTION` unless `value` is an integer from `least` to `most` */
export function requireInteger(
  name: string,
  value: unknown,
  least: number,
  most: number = Number.MAX_SAFE_INTEGER,
): void {
  if (!Number.isInteger(value) || (value as number) < least || (value as number) > most)
    throw new AgentError(
      'INVALID_OPTION',
      `${name} is ${String(value)}, but must be an integer from ${least} to ${most}.`,
    );
}

export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '')
    return (error.errors as unknown[]).map(messageOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}
