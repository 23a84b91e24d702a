/**
 * Checks of what users hand in: objects and functions, and what calling these comes to.
 */
import { show, StowageError } from '@stowage/core';
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

/** @throws StowageError INVALID_PLANNING_OPTION unless the value is an object */
export function requireObject(what: string, value: unknown): void {
  if (typeof value !== 'object' || value === null)
    fail('INVALID_PLANNING_OPTION', `${what} is ${show(value)}; give an object.`);
}

/** @throws StowageError INVALID_PLANNING_OPTION unless the value is a function */
export function requireFunction(what: string, value: unknown): void {
  if (typeof value !== 'function')
    fail('INVALID_PLANNING_OPTION', `${what} is ${show(value)}; give a function.`);
}
