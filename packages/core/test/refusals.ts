/**
 * What tests of refusals share.
 */
import { StowageError } from '../src/index.ts';

/** The code of the error that an action throws. */
export function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof StowageError) return error.code;
    throw error;
  }
  return 'no error';
}

/** A value of a type that it is not of. */
export const invalid = <T>(value: unknown): T => value as T;
