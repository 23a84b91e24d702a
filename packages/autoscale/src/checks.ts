/**
 * Checks of what users hand in. Each returns the value with its type known, or throws the code that the caller names.
 */
import { show } from '@stowage/core';
import { type AutoscaleErrorCode, fail } from './errors.ts';

export function requireObject<T extends object>(code: AutoscaleErrorCode, what: string, value: unknown): T {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as T;
  return fail(code, `${what} is ${show(value)}; give an object.`);
}

export function requireArray<T>(code: AutoscaleErrorCode, what: string, value: unknown): readonly T[] {
  if (Array.isArray(value)) return value as T[];
  return fail(code, `${what} is ${show(value)}; give an array.`);
}

export function requireText(code: AutoscaleErrorCode, what: string, value: unknown): string {
  if (typeof value === 'string' && value !== '') return value;
  return fail(code, `${what} is ${show(value)}; give a non-empty string.`);
}

export function requireFlag(code: AutoscaleErrorCode, what: string, value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  return fail(code, `${what} is ${show(value)}; give true or false.`);
}

/** A number of agents. */
export function requireCount(code: AutoscaleErrorCode, what: string, value: unknown): number {
  if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number;
  return fail(code, `${what} is ${show(value)}; give an integer of at least 0.`);
}

/** A finite number that is not negative: a duration, an amount, a share. */
export function requireAmount(code: AutoscaleErrorCode, what: string, value: unknown): number {
  if (Number.isFinite(value) && (value as number) >= 0) return value as number;
  return fail(code, `${what} is ${show(value)}; give a finite number of at least 0.`);
}

/** A point in time, or any other finite number. */
export function requireFinite(code: AutoscaleErrorCode, what: string, value: unknown): number {
  if (Number.isFinite(value)) return value as number;
  return fail(code, `${what} is ${show(value)}; give a finite number.`);
}

export function requireFunction<T>(code: AutoscaleErrorCode, what: string, value: T): T {
  if (typeof value === 'function') return value;
  return fail(code, `${what} is ${show(value)}; give a function.`);
}

/** An object with a method of this name. */
export function requireMethod<T extends object>(
  code: AutoscaleErrorCode,
  what: string,
  value: unknown,
  method: keyof T & string,
): T {
  const object = requireObject<T>(code, what, value);
  requireFunction<unknown>(code, `${method} of ${what}`, object[method]);
  return object;
}
