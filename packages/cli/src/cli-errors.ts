/**
 * What can go wrong on the command line, and the exit code each failure ends in. 2 tells a script that the call
 * has to be changed, 1 that the call was right and the result is not.
 */
import { StowageError } from '@stowage/core';
import { AgentError, type ProtocolErrorCode } from '@stowage/protocol';
import type { SimulatorErrorCode } from '@stowage/simulator';

/**
 * Codes of the command line, each with the situation it reports.
 * @public
 */
export const CLI_ERRORS = {
  INVALID_USAGE: 'A command, option or value is unknown, missing or out of its range.',
  REPORT_NOT_WRITABLE: 'The file given for the report or the trace cannot be written.',
  OUTPUT_FAILED: 'Standard output could not be written.',
} as const;

/** @public */
export type CliErrorCode = keyof typeof CLI_ERRORS;

/** Exit codes of all commands. */
export const EXIT = { ok: 0, failed: 1, usage: 2 } as const;

/** Codes, also of other packages, that stand for a wrong call. */
const USAGE_CODES: ReadonlySet<string> = new Set<CliErrorCode | SimulatorErrorCode | ProtocolErrorCode>([
  'INVALID_USAGE',
  'REPORT_NOT_WRITABLE',
  'TRACE_NOT_FOUND',
  'UNKNOWN_WORKLOAD',
  'UNKNOWN_SEED',
  'UNKNOWN_POLICY',
  'INVALID_OPTION',
  'INVALID_TASK_SPEC',
]);

/** Throws a coded error; typed `never` so that callers need no return after it. */
export function fail(code: CliErrorCode | SimulatorErrorCode, message: string, cause?: unknown): never {
  throw new StowageError(code, message, cause);
}

/** The exit code for an error that ended a command. */
export function exitCodeOf(error: unknown): number {
  return isCoded(error) && USAGE_CODES.has(error.code) ? EXIT.usage : EXIT.failed;
}

/** One line for an error that was foreseen, the stack for one that was not. */
export function messageOf(error: unknown): string {
  if (isCoded(error)) return error.message;
  return `stowage met an error it did not expect; please report it.\n${error instanceof Error ? error.stack : String(error)}`;
}

function isCoded(error: unknown): error is StowageError | AgentError {
  return error instanceof StowageError || error instanceof AgentError;
}
