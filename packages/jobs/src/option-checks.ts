/**
 * Checks of the numbers and times that callers give. What is wrong is thrown before anything is built or changed.
 */
import { show } from '@stowage/core';
import { fail } from './errors.ts';

/** Of dates in JavaScript; sums with any time-out stay exact. */
const LATEST_MS = 8.64e15;

export function isTime(value: unknown): boolean {
  return typeof value === 'number' && value >= -LATEST_MS && value <= LATEST_MS;
}

export function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** What is wrong with a time, in a sentence. */
export function noTime(value: unknown): string {
  return `nowMs is ${show(value)}; give milliseconds since the epoch.`;
}

/** @throws StowageError INVALID_JOB_OPTION unless `nowMs` is a time */
export function timeOption(nowMs: number): number {
  return isTime(nowMs) ? nowMs : fail('INVALID_JOB_OPTION', noTime(nowMs));
}

/** @throws StowageError INVALID_JOB_OPTION unless the value is a finite number of at least 0 */
export function durationOption(value: unknown, what: string): number {
  if (Number.isFinite(value) && (value as number) >= 0) return value as number;
  return fail('INVALID_JOB_OPTION', `${what} is ${show(value)}; give milliseconds, at least 0.`);
}

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
