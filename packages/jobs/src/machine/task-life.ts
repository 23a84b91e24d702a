/**
 * One task from state to state: records in, records out. A task's times never go back, whatever the clock does.
 */
import type { TaskState } from '@stowage/protocol';
import type { TaskReason, TransitionSource } from '../model/task-reasons.ts';
import type { TaskRecord } from '../model/task-record.ts';
import { extended } from '../small-lists.ts';

/** A record that only its maker has yet, who may complete it before it is put anywhere. */
export type NewTaskRecord = { -readonly [Name in keyof TaskRecord]: TaskRecord[Name] };

/** A task as it is accepted, the first of a chain so far. */
export function acceptedTask(
  jobId: string,
  serial: number,
  index: number,
  reason: 'created' | 'replaced',
  nowMs: number,
): NewTaskRecord {
  const id = `${jobId}.${serial}`;
  return {
    id,
    jobId,
    index,
    originalId: id,
    resubmitOf: undefined,
    resubmits: 0,
    systemResubmits: 0,
    evictionResubmits: 0,
    status: { state: 'accepted', reason, source: 'manager', atMs: nowMs, message: undefined },
    history: [],
    killReason: undefined,
    killAttempts: 0,
    killedAtMs: undefined,
    exitCode: undefined,
    placement: undefined,
    retryDelayMs: undefined,
    quickFailures: 0,
    replaceAtMs: undefined,
    movedFromJob: undefined,
  };
}

/** The task in its next state. */
export function advanced(
  task: TaskRecord,
  state: TaskState,
  reason: TaskReason,
  source: TransitionSource,
  nowMs: number,
  message?: string,
): NewTaskRecord {
  const atMs = Math.max(nowMs, task.status.atMs);
  // Field by field: a spread with two fields exchanged takes a third of the time of a step.
  return {
    id: task.id,
    jobId: task.jobId,
    index: task.index,
    originalId: task.originalId,
    resubmitOf: task.resubmitOf,
    resubmits: task.resubmits,
    systemResubmits: task.systemResubmits,
    evictionResubmits: task.evictionResubmits,
    status: { state, reason, source, atMs, message },
    history: extended(task.history, task.status),
    killReason: task.killReason,
    killAttempts: task.killAttempts,
    killedAtMs: task.killedAtMs,
    exitCode: task.exitCode,
    placement: task.placement,
    retryDelayMs: task.retryDelayMs,
    quickFailures: task.quickFailures,
    replaceAtMs: task.replaceAtMs,
    movedFromJob: task.movedFromJob,
  };
}

/** How long it was started before anything else happened to it; undefined when it never was. */
export function startedForMs({ status, history }: TaskRecord): number | undefined {
  const at = history.findIndex(({ state }) => state === 'started');
  return at < 0 ? undefined : (history[at + 1] ?? status).atMs - history[at].atMs;
}
