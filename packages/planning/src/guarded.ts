/**
 * Calls of functions that users hand in.
 */
import { StowageError } from '@stowage/core';
import { fail } from './errors.ts';

/** Runs a function that the user wrote; what it throws becomes a coded error, unless it is one. */
export function guarded<T>(what: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    if (error instanceof StowageError) throw error;
    return fail('PLANNING_CALLBACK_FAILED', `${what} threw; see the cause and mend it.`, error);
  }
}
