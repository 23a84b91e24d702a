/**
 * What is wrong with one field of data from outside, and what was changed in it. Everything here is text and numbers:
 * a rejected value is shown in at most 80 characters and never called, so that hostile input can be logged as it is.
 */
import { show } from '@stowage/core';

/**
 * Codes of field errors, each with the situation it reports.
 * @public
 */
export const FIELD_ERRORS = {
  REQUIRED: 'The field is missing.',
  WRONG_TYPE: 'The value has another type than the field.',
  WRONG_FORM: 'The value has the right type but not the right form.',
  NOT_ALLOWED: 'The value is none of those that the field may have.',
  NOT_DATA: 'The value is no plain data: an accessor, a function, a class instance, or it contains itself.',
  UNKNOWN_FIELD: 'There is no field of this name.',
  TOO_SMALL: 'The value is below the limit that is named.',
  TOO_LARGE: 'The value is above the limit that is named.',
  DUPLICATE: 'The value stands in the list already.',
  CONFLICT: 'The value contradicts another field.',
} as const;

/** @public */
export type FieldErrorCode = keyof typeof FIELD_ERRORS;

/** A bound and its value at the time of the check. @public */
export interface FieldLimit {
  /** Of `JOB_LIMITS`, or `largestContainers.<capacity group>.<resource>`. */
  readonly name: string;
  readonly value: number;
}

/** @public */
export interface FieldError {
  /** Such as `container.securityGroups[1]`; empty for the whole. */
  readonly path: string;
  readonly code: FieldErrorCode;
  /** With `TOO_SMALL` and `TOO_LARGE`. */
  readonly limit: FieldLimit | undefined;
  /** What was given, shortened; of environment variables the type and the length only. */
  readonly value: string;
  /** What is wrong and what to do, in one sentence that begins with the path. */
  readonly message: string;
}

/** A value that was raised to the least that the platform gives. @public */
export interface FieldAdjustment {
  readonly path: string;
  readonly from: number;
  readonly to: number;
  readonly limit: FieldLimit;
}

/** Checked data, or every field that is wrong, in order of paths. @public */
export type FieldResult<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly errors: readonly FieldError[] };

type PathKey = string | number;

/** Of a list of errors so many are spelt out in a message. */
const MESSAGES = 20;

/** @param advice - follows "…; give " */
export function fieldError(
  keys: readonly PathKey[],
  code: FieldErrorCode,
  value: string,
  advice: string,
  limit?: FieldLimit,
): FieldError {
  const path = pathOf(keys);
  const named = limit === undefined ? '' : ` (${limit.name})`;
  const message = `${path === '' ? 'the whole' : path} is ${value}; give ${advice}${named}.`;
  return { path, code, limit, value, message };
}

/** Path in the notation of JavaScript; long names are cut. */
function pathOf(keys: readonly PathKey[]): string {
  let path = '';
  for (const key of keys) {
    if (typeof key === 'number') path += `[${key}]`;
    else if (!/^[A-Za-z_$][\w$]{0,79}$/.test(key)) path += `[${show(key)}]`;
    else path += path === '' ? key : `.${key}`;
  }
  return path;
}

/** A value in words; of objects and lists their kind only, as looking into them might run foreign code. */
export function shown(value: unknown): string {
  if (value === undefined) return 'missing';
  if (typeof value === 'bigint' || typeof value === 'symbol' || typeof value === 'function') {
    return `a ${typeof value}`;
  }
  if (typeof value !== 'object' || value === null) return show(value);
  try {
    return Array.isArray(value) ? 'a list' : 'an object';
  } catch {
    return 'an object';
  }
}

/** One error for each path, the first one, in order of paths. */
export function inOrder(errors: readonly FieldError[]): readonly FieldError[] {
  const byPath = new Map<string, FieldError>();
  for (const error of errors) if (!byPath.has(error.path)) byPath.set(error.path, error);
  return [...byPath.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/**
 * One message for the code `INVALID_JOB_SPEC`: the first 20 fields with what is wrong, and how many there are.
 * @param what - the whole, such as `the job spec`
 * @public
 */
export function describeFieldErrors(errors: readonly FieldError[], what = 'the job spec'): string {
  const lines = errors.slice(0, MESSAGES).map(({ message }) => message);
  if (errors.length > MESSAGES) lines.push(`And ${errors.length - MESSAGES} more.`);
  return `${what} has ${errors.length} ${errors.length === 1 ? 'field' : 'fields'} to correct: ${lines.join(' ')}`;
}
