/**
 * From what happened to a reason that a caller can act on: the same task may succeed after `unavailable`,
 * `timed-out`, `local-system-error` and `lost`, but not after `invalid-request`. Source: the executor's table of
 * errors and states.
 */
import {
  InvalidContainerError,
  UnavailableError,
  type ContainerExit,
} from '../contract/container-backend.ts';
import { KilledError, StepTimeoutError, messageOf } from './errors.ts';
import type { Outcome } from './task-record.ts';

/** How a task ends whose launch has thrown. */
export function launchOutcome(error: unknown): Outcome {
  const message = messageOf(error);
  if (error instanceof KilledError)
    return { reason: 'killed', message: 'Killed on request before its process ran.' };
  if (error instanceof InvalidContainerError) return { reason: 'invalid-request', message };
  if (error instanceof UnavailableError) return { reason: 'unavailable', message };
  if (error instanceof StepTimeoutError) return { reason: 'timed-out', message };
  return { reason: 'local-system-error', message };
}

/**
 * How a task ends whose container has ended.
 * @param signalled - a signal was sent to it on request before it ended
 */
export function exitOutcome(exit: ContainerExit, signalled: boolean, args: readonly string[]): Outcome {
  const { exitCode, outOfMemory } = exit;
  const withCode = exitCode === undefined ? {} : { exitCode };
  if (signalled)
    return {
      reason: 'killed',
      message: `Killed on request${exitCode === undefined ? '' : `; ${codeText(exitCode)}`}.`,
      ...withCode,
    };
  if (outOfMemory)
    return {
      reason: 'out-of-memory',
      message: `The kernel ended a process for lack of memory${exitCode === undefined ? '' : `; ${codeText(exitCode)}`}.`,
      ...withCode,
    };
  if (exitCode === undefined)
    return { reason: 'lost', message: 'The container is gone, and nothing tells how it ended.' };
  if (exitCode === 0) return { reason: 'normal', message: 'The process ended with exit code 0.', exitCode };
  const command =
    exitCode === 127
      ? ` Its shell may not have found a command; it was asked to run ${JSON.stringify(args)}.`
      : '';
  return {
    reason: 'failed',
    message: `The process ended by itself; ${codeText(exitCode)}.${command}`,
    exitCode,
  };
}

function codeText(exitCode: number): string {
  return exitCode > 128 && exitCode <= 128 + 64
    ? `exit code ${exitCode}, as after signal ${exitCode - 128}`
    : `exit code ${exitCode}`;
}
