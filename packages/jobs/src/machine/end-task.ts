/**
 * The end of a task: what it held is free, and either it waits in its slot for its replacement, or it is not wanted any
 * more.
 */
import type { TaskEndReason, TransitionSource } from '../model/task-reasons.ts';
import type { TaskRecord } from '../model/task-record.ts';
import { isLoop, isSteady, quickFailuresAfter } from './crash-loop.ts';
import { endCause } from './end-cause.ts';
import type { JobDraft } from './job-draft.ts';
import { retryDelay } from './retry-delay.ts';
import { advanced } from './task-life.ts';

export interface TaskEnd {
  readonly reason: TaskEndReason;
  readonly source: TransitionSource;
  readonly exitCode?: number;
  readonly message?: string;
}

export function endTask(draft: JobDraft, task: TaskRecord, end: TaskEnd): void {
  const { job, kind, policy, nowMs } = draft;
  const { reason, source, exitCode, message } = end;
  const ended = advanced(task, 'finished', reason, source, nowMs, message);
  ended.exitCode = exitCode;
  draft.release(task);
  const isReplaced = draft.isAccepted && kind.isReplaced(ended, job.spec);
  if (isReplaced) {
    ended.replaceAtMs = ended.status.atMs + retryDelay(ended, job.spec, policy).delayMs;
    draft.put(task.index, ended);
  } else dropTask(draft, ended);
  noteLoop(draft, task, ended, isReplaced);
}

/** A finished task gets no replacement: in jobs that run to an end it stays to show how its index ended. */
export function dropTask(draft: JobDraft, task: TaskRecord): void {
  if (draft.kind.runsToEnd) {
    draft.put(task.index, task.replaceAtMs === undefined ? task : { ...task, replaceAtMs: undefined });
  } else {
    draft.archive(task);
    draft.put(task.index, undefined);
  }
}

function noteLoop(draft: JobDraft, task: TaskRecord, ended: TaskRecord, isReplaced: boolean): void {
  const { job, kind, policy } = draft;
  const notice = { jobId: job.id, task: { index: task.index, taskId: task.id } };
  const before = isLoop(task.quickFailures, policy);
  if (!before && isReplaced && isLoop(quickFailuresAfter(ended, job.spec, policy), policy)) {
    draft.notify({ kind: 'crash-loop-begun', ...notice });
  }
  const isGood = isSteady(ended, policy) || (kind.runsToEnd && endCause(ended) === 'normal');
  if (before && isGood) draft.notify({ kind: 'crash-loop-ended', ...notice });
}
