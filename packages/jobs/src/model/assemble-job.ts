/**
 * A job from what the store holds of it, in whatever order. What does not fit together is refused as a whole: a manager
 * must not act on half of a job. Records are built anew with all their fields, which JSON has dropped where undefined.
 */
import { show } from '@stowage/core';
import { TASK_STATES } from '@stowage/protocol';
import { fail } from '../errors.ts';
import { isCount } from '../option-checks.ts';
import type { JobRecord, JobTransition } from './job-record.ts';
import type { JobState } from './job-state.ts';
import { SlotsDraft } from './slots-draft.ts';
import { countTask, NO_TASKS } from './task-counts.ts';
import { NO_SLOTS } from './task-slots.ts';
import type { TaskRecord, TaskTransition } from './task-record.ts';

/** Far beyond any job. A record with a greater index is damaged, and would cost memory for all the empty slots before. */
const MAX_INDEX = 1_000_000;

/**
 * The inverse of storing what `persist` effects say. The input may be parsed JSON. O(tasks).
 * @param tasks - the active tasks of the job, in any order
 * @throws StowageError INVALID_JOB_RECORD
 * @public
 */
export function assembleJob(job: JobRecord, tasks: Iterable<TaskRecord>): JobState {
  const record = checkedJob(job);
  const slots = new SlotsDraft(NO_SLOTS);
  const counts = { ...NO_TASKS };
  for (const stored of tasks) {
    const task = checkedTask(stored, record);
    const other = slots.at(task.index)?.id;
    if (other !== undefined) {
      fail(
        'INVALID_JOB_RECORD',
        `index ${task.index} of job ${show(job.id)} has the tasks ${show(other)} and ${show(task.id)}; keep the one that is active.`,
      );
    }
    slots.put(task.index, task);
    countTask(counts, task, 1);
  }
  return { job: record, slots: slots.seal(), counts };
}

function checkedJob(job: JobRecord): JobRecord {
  const what = 'the job';
  check(what, 'record', job, isObject);
  const { id, spec, status, history, nextSerial, restoredAtMs, evictions } = job;
  check(what, 'id', id, isName);
  check(what, 'spec', spec, (value) => isObject(value) && ['batch', 'service'].includes(spec.kind));
  check(what, 'status', status, isJobTransition);
  check(what, 'history', history, (value) => Array.isArray(value) && value.every(isJobTransition));
  check(what, 'nextSerial', nextSerial, isCount);
  check(what, 'restoredAtMs', restoredAtMs, Number.isFinite);
  check(what, 'evictions', evictions, (value) => Array.isArray(value) && value.every(isEvictionCount));
  return { id, spec, status, history, nextSerial, restoredAtMs, evictions };
}

function checkedTask(task: TaskRecord, job: JobRecord): TaskRecord {
  check('a task', 'record', task, isObject);
  const what = `task ${show(task.id)}`;
  check(what, 'id', task.id, isName);
  check(what, 'jobId', task.jobId, (value) => value === job.id);
  check(what, 'index', task.index, (value) => isCount(value) && (value as number) < MAX_INDEX);
  check(what, 'originalId', task.originalId, isName);
  check(what, 'status', task.status, isTaskTransition);
  check(what, 'history', task.history, (value) => Array.isArray(value) && value.every(isTaskTransition));
  for (const field of COUNTS) check(what, field, task[field], isCount);
  for (const field of TIMES) check(what, field, task[field], isTimeOrNone);
  check(what, 'replaceAtMs', task.replaceAtMs, (value) => value === undefined || isFinished(task));
  return {
    id: task.id,
    jobId: task.jobId,
    index: task.index,
    originalId: task.originalId,
    resubmitOf: task.resubmitOf,
    resubmits: task.resubmits,
    systemResubmits: task.systemResubmits,
    evictionResubmits: task.evictionResubmits,
    status: transition(task.status),
    history: task.history.map(transition),
    killReason: task.killReason,
    killAttempts: task.killAttempts,
    killedAtMs: task.killedAtMs,
    exitCode: task.exitCode,
    placement: task.placement && { agentId: task.placement.agentId, zone: task.placement.zone },
    retryDelayMs: task.retryDelayMs,
    quickFailures: task.quickFailures,
    replaceAtMs: task.replaceAtMs,
    movedFromJob: task.movedFromJob,
  };
}

const COUNTS = [
  'resubmits',
  'systemResubmits',
  'evictionResubmits',
  'killAttempts',
  'quickFailures',
] as const satisfies readonly (keyof TaskRecord)[];
const TIMES = ['killedAtMs', 'retryDelayMs', 'replaceAtMs'] as const satisfies readonly (keyof TaskRecord)[];

function transition({ state, reason, source, atMs, message }: TaskTransition): TaskTransition {
  return { state, reason, source, atMs, message };
}

function isTaskTransition(value: unknown): boolean {
  return isTransition(value, TASK_STATES);
}

function isJobTransition(value: unknown): boolean {
  return isTransition(value, ['accepted', 'kill-initiated', 'finished'] satisfies JobTransition['state'][]);
}

function isTransition(value: unknown, states: readonly string[]): boolean {
  if (!isObject(value)) return false;
  const { state, reason, source, atMs } = value as Partial<Record<string, unknown>>;
  return states.includes(state as string) && isName(reason) && isName(source) && Number.isFinite(atMs);
}

function isEvictionCount(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { atMs, count } = value as Partial<Record<string, unknown>>;
  return Number.isFinite(atMs) && isCount(count);
}

function isFinished({ status }: TaskRecord): boolean {
  return status.state === 'finished';
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

function isName(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

function isTimeOrNone(value: unknown): boolean {
  return value === undefined || Number.isFinite(value);
}

function check(what: string, field: string, value: unknown, isValid: (value: unknown) => boolean): void {
  if (!isValid(value)) {
    fail(
      'INVALID_JOB_RECORD',
      `${what} has ${field} ${show(value)}; restore it from a good copy of the store.`,
    );
  }
}
