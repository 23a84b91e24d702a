/**
 * The form of an event, as far as a wrong one would spoil the state: what is stored is plain data, numbers are numbers.
 * Events come from typed callers; this is the net below them.
 */
import { show } from '@stowage/core';
import { FINISH_REASONS, TASK_STATES } from '@stowage/protocol';
import { isCount, isTime, noTime } from '../option-checks.ts';
import { isRecord } from '../spec/plain-data.ts';
import type { JobEvent } from './job-event.ts';

type Fields = Readonly<Record<string, unknown>>;
/** What is wrong, undefined when nothing is. */
type Check = (event: Fields) => string | undefined;

const REASONS: ReadonlySet<unknown> = new Set([
  ...Object.keys(FINISH_REASONS),
  'crashed',
  'transient-system-error',
]);
const STATES: ReadonlySet<unknown> = new Set(TASK_STATES);

/** What is wrong with an event or its time, in a sentence; undefined when nothing is. O(size of the event). */
export function formError(event: unknown, nowMs: number): string | undefined {
  if (!isTime(nowMs)) return noTime(nowMs);
  if (!isRecord(event)) return `the event is ${show(event)}; give an object.`;
  const { kind } = event;
  if (typeof kind !== 'string' || !Object.hasOwn(CHECKS, kind)) {
    return `kind is ${show(kind)}; give one of ${Object.keys(CHECKS).join(', ')}.`;
  }
  return CHECKS[kind as JobEvent['kind']](event);
}

/** What is wrong with a name of a task. */
export function refError(ref: unknown): string | undefined {
  const isRef = isRecord(ref) && isCount(ref.index) && typeof ref.taskId === 'string';
  return isRef ? undefined : `task is ${show(ref)}; give its index and its taskId.`;
}

const nothing: Check = () => undefined;
const ofTask: Check = ({ task }) => refError(task);

const CHECKS: Readonly<Record<JobEvent['kind'], Check>> = {
  'kill-job': nothing,
  restored: nothing,
  wake: ofTask,
  'update-capacity': ({ capacity }) =>
    hasOnly('capacity', capacity, ['min', 'desired', 'max'], isInteger, 'integers'),
  'update-processes': ({ processes }) =>
    hasOnly(
      'processes',
      processes,
      ['disableIncreaseDesired', 'disableDecreaseDesired'],
      isFlag,
      'true or false',
    ),
  'set-enabled': ({ enabled }) => unless(isFlag(enabled), 'enabled', enabled, 'true or false'),
  'update-disruption-budget': ({ budget }) =>
    unless(isRecord(budget), 'budget', budget, 'a disruption budget'),
  'update-attributes': ({ set = {}, remove = [] }) =>
    (isRecord(set) ? undefined : unless(false, 'set', set, 'an object of texts')) ??
    unless(Object.values(set as Fields).every(isText), 'set', set, 'an object of texts') ??
    unless(Array.isArray(remove) && remove.every(isText), 'remove', remove, 'an array of names'),
  'kill-task': ({ task, shrink = false, preventMinSizeUpdate = false }) =>
    refError(task) ??
    unless(isFlag(shrink), 'shrink', shrink, 'true or false') ??
    unless(isFlag(preventMinSizeUpdate), 'preventMinSizeUpdate', preventMinSizeUpdate, 'true or false'),
  'evict-task': ({ task, message = '' }) => refError(task) ?? messageError(message),
  placed: ({ task, placement }) =>
    refError(task) ??
    unless(
      isRecord(placement) && isText(placement.agentId) && isTextOrNone(placement.zone),
      'placement',
      placement,
      'an agentId and, where there is one, a zone',
    ),
  'task-status': ({ task, state, reason, exitCode, message }) =>
    refError(task) ??
    unless(STATES.has(state), 'state', state, 'a state of a task') ??
    unless(state !== 'finished' || REASONS.has(reason), 'reason', reason, 'why an agent finishes a task') ??
    unless(exitCode === undefined || isInteger(exitCode), 'exitCode', exitCode, 'an integer, or none') ??
    messageError(message),
};

function messageError(message: unknown): string | undefined {
  return unless(isTextOrNone(message), 'message', message, 'a sentence, or none');
}

function hasOnly(
  what: string,
  value: unknown,
  names: readonly string[],
  isValid: (one: unknown) => boolean,
  wanted: string,
): string | undefined {
  if (!isRecord(value)) return unless(false, what, value, 'an object');
  const wrong = names.find((name) => value[name] !== undefined && !isValid(value[name]));
  return wrong === undefined ? undefined : unless(false, `${wrong} of ${what}`, value[wrong], wanted);
}

function unless(isValid: boolean, what: string, value: unknown, wanted: string): string | undefined {
  return isValid ? undefined : `${what} is ${show(value)}; give ${wanted}.`;
}

function isText(value: unknown): boolean {
  return typeof value === 'string';
}

function isTextOrNone(value: unknown): boolean {
  return value === undefined || typeof value === 'string';
}

function isFlag(value: unknown): boolean {
  return typeof value === 'boolean';
}

function isInteger(value: unknown): boolean {
  return Number.isSafeInteger(value);
}
