/**
 * Failures that a user of this package can cause. The table is the one list of its codes; `docs/errors.md` is checked
 * against it. A call that throws one has changed nothing.
 */
import { StowageError } from '@stowage/core';

/**
 * Codes of `@stowage/autoscale`, each with the situation it reports.
 * @public
 */
export const AUTOSCALE_ERRORS = {
  INVALID_POOL_RULE: 'A field of a pool rule is missing, out of range or contradicts another.',
  DUPLICATE_POOL: 'There is a rule for this pool already.',
  UNKNOWN_POOL: 'There is no rule for this pool.',
  INVALID_AUTOSCALE_OPTION: 'An option of the auto-scaler or of one of its parts is out of its range.',
  INVALID_AUTOSCALE_INPUT: 'Agents, failed tasks, guarantees or the time are not what they should be.',
  INVALID_SCALE_DOWN_POLICY: 'A scale-down evaluator has a wrong weight or gave a wrong answer.',
  AUTOSCALE_CALLBACK_FAILED: 'A function of a rule or evaluator threw, or returned what it must not.',
  INVALID_AUTOSCALE_SNAPSHOT: 'The snapshot is damaged or of another version.',
} as const;

/** @public */
export type AutoscaleErrorCode = keyof typeof AUTOSCALE_ERRORS;

/** Throws an error of this package; typed `never` so that callers need no return after it. */
export function fail(code: AutoscaleErrorCode, message: string, cause?: unknown): never {
  throw new StowageError(code, message, cause);
}

/** Runs a function that the user wrote; what it throws becomes a coded error, unless it is one. */
export function guarded<T>(what: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    if (error instanceof StowageError) throw error;
    return fail('AUTOSCALE_CALLBACK_FAILED', `${what} threw; see the cause and mend it.`, error);
  }
}
