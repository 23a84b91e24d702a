/**
 * Failures that a user of this package can cause. The table is the one list of its codes; `docs/errors.md` is checked
 * against it. A call that throws one has changed nothing.
 */
import { StowageError } from '@stowage/core';

/**
 * Codes of `@stowage/planning`, each with the situation it reports.
 * @public
 */
export const PLANNING_ERRORS = {
  INVALID_PLANNING_OPTION: 'An option of a planner is out of its range.',
  PLANNING_CALLBACK_FAILED: 'A function given to a planner threw, or returned what it must not.',
} as const;

/** @public */
export type PlanningErrorCode = keyof typeof PLANNING_ERRORS;

/** Throws an error of this package; typed `never` so that callers need no return after it. */
export function fail(code: PlanningErrorCode, message: string, cause?: unknown): never {
  throw new StowageError(code, message, cause);
}
