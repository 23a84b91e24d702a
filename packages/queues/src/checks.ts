/**
 * Checks of what users pass, before anything changes.
 */
import { show } from '@stowage/core';
import { fail } from './errors.ts';

/** Refuses what has no entries of its own to offer, such as a Map or an array. @throws StowageError INVALID_SPEC */
export function record<T extends object>(value: unknown, what: string): T {
  if (typeof value === 'object' && value !== null) {
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === null || Object.getPrototypeOf(prototype) === null) return value as T;
  }
  return fail('INVALID_SPEC', `${what} is ${show(value)}; give a plain object.`);
}

/**
 * @param taskId - the task that it belongs to, for the message
 * @throws StowageError INVALID_SPEC unless the value is a non-empty string
 */
export function text(value: unknown, what: string, taskId?: string): string {
  if (typeof value === 'string' && value !== '') return value;
  return fail('INVALID_SPEC', `${what}${ofTask(taskId)} is ${show(value)}; give a non-empty string.`);
}

/**
 * @param taskId - as for `text`
 * @throws StowageError INVALID_TIME unless the value is a finite number
 */
export function time(value: unknown, what: string, taskId?: string): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  return fail(
    'INVALID_TIME',
    `${what}${ofTask(taskId)} is ${show(value)}; give a finite number of milliseconds.`,
  );
}

function ofTask(taskId: string | undefined): string {
  return taskId === undefined ? '' : ` of task ${show(taskId)}`;
}

/** @throws StowageError INVALID_QUEUE_OPTION unless the value is an integer from 1 to the greatest */
export function count(value: unknown, greatest: number, what: string): number {
  if (Number.isInteger(value) && (value as number) >= 1 && (value as number) <= greatest)
    return value as number;
  return fail('INVALID_QUEUE_OPTION', `${what} is ${show(value)}; give an integer from 1 to ${greatest}.`);
}
