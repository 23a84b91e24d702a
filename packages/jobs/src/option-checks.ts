/**
 * Checks of the numbers that users set. What is wrong is thrown before anything is built or changed.
 */
import { show } from '@stowage/core';
import { fail } from './errors.ts';

/** @throws StowageError INVALID_JOB_OPTION unless the value is an integer of at least the least */
export function countOption(value: unknown, least: number, what: string): number {
  if (Number.isSafeInteger(value) && (value as number) >= least) return value as number;
  return fail('INVALID_JOB_OPTION', `${what} is ${show(value)}; give an integer of at least ${least}.`);
}

/** @throws StowageError INVALID_JOB_OPTION unless the value is a finite number above 0 */
export function positiveOption(value: unknown, what: string): number {
  if (Number.isFinite(value) && (value as number) > 0) return value as number;
  return fail('INVALID_JOB_OPTION', `${what} is ${show(value)}; give a finite number above 0.`);
}

/** @throws StowageError INVALID_JOB_OPTION unless the value is a function */
export function functionOption<T>(value: T, what: string): T {
  if (typeof value === 'function') return value;
  return fail('INVALID_JOB_OPTION', `${what} is ${show(value)}; give a function.`);
}
