/**
 * Failures that a user of the simulator can cause. The table is the one list of the codes of this package.
 */
import { StowageError } from '@stowage/core';

/**
 * Codes of `@stowage/simulator`, each with the situation it reports.
 * @public
 */
export const SIMULATOR_ERRORS = {
  TRACE_NOT_FOUND: 'A file or folder of a trace does not exist or cannot be read.',
  MALFORMED_TRACE: 'A file of a trace is truncated, damaged or contradicts another.',
  UNKNOWN_WORKLOAD: 'The trace has no workload of this name.',
  UNKNOWN_SEED: 'The trace has no recorded order for this seed.',
  UNKNOWN_POLICY: 'No replay policy has this name.',
  INVALID_OPTION: 'An option of the simulator is out of its range.',
} as const;

/** @public */
export type SimulatorErrorCode = keyof typeof SIMULATOR_ERRORS;

/** Throws a simulator error; typed `never` so that callers need no return after it. */
export function fail(code: SimulatorErrorCode, message: string, cause?: unknown): never {
  throw new StowageError(code, message, cause);
}
