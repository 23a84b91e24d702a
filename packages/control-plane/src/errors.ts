/**
 * The codes of this package; `docs/errors.md` is checked against the table.
 */
import { StowageError } from '@stowage/core';

/**
 * Codes of `@stowage/control-plane`, each with the situation it reports.
 * @public
 */
export const CONTROL_PLANE_ERRORS = {
  INVALID_SERVICE_OPTION: 'An option of the scheduling service is missing, ill-typed or out of range.',
  INVALID_SERVICE_TASK: 'A task for the scheduling service has an ill-typed field.',
  SERVICE_IN_CYCLE: 'The scheduling service was called from within its own cycle.',
  HOOK_FAILED: 'A hook of the scheduling service threw an exception.',
  CYCLE_FAILED: 'A part of a cycle failed; what was done before stands.',
} as const;

/** @public */
export type ControlPlaneErrorCode = keyof typeof CONTROL_PLANE_ERRORS;

/** Throws an error of this package; typed `never` so that callers need no return after it. */
export function fail(code: ControlPlaneErrorCode, message: string, cause?: unknown): never {
  throw new StowageError(code, message, cause);
}
