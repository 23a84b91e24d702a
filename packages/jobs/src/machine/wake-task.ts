/**
 * A time has come for a task, or is said to have: wake-ups may be early, late or double.
 */
import type { TaskEndReason } from '../model/task-reasons.ts';
import type { TaskRecord } from '../model/task-record.ts';
import { steadyAtMs } from './crash-loop.ts';
import type { JobDraft } from './job-draft.ts';
import { killAgain, killTask } from './kill-task.ts';
import { makeTasks } from './make-tasks.ts';
import { dueMs, runtimeEndMs } from './timeouts.ts';

/** Also where the delays of the system are none: a driver that serves all that is due must come to an end. */
const MIN_RECHECK_MS = 1_000;

export function wakeTask(draft: JobDraft, task: TaskRecord): void {
  const atMs = dueMs(task, draft.job, draft.policy);
  if (atMs === undefined) return;
  if (draft.nowMs < atMs) {
    draft.wake(task, atMs);
    return;
  }
  switch (task.status.state) {
    case 'launched':
    case 'start-initiated':
      return killStuck(draft, task);
    case 'started':
      return wakeStarted(draft, task);
    case 'kill-initiated':
      return killAgain(draft, task);
    case 'finished':
      return wakeWaiting(draft, task);
    case 'accepted':
  }
}

function killStuck(draft: JobDraft, task: TaskRecord): void {
  const { index, id, status } = task;
  draft.notify({ kind: 'task-stuck', jobId: draft.job.id, task: { index, taskId: id }, state: status.state });
  killByClock(draft, task, 'stuck-in-state', `It was ${status.state} for too long.`);
}

function wakeStarted(draft: JobDraft, task: TaskRecord): void {
  const { job, policy, nowMs } = draft;
  let current = task;
  if (nowMs >= (steadyAtMs(task, policy) ?? Infinity)) {
    current = { ...task, quickFailures: 0 };
    draft.put(task.index, current);
    draft.notify({ kind: 'crash-loop-ended', jobId: job.id, task: { index: task.index, taskId: task.id } });
  }
  if (nowMs >= (runtimeEndMs(task, job) ?? Infinity)) {
    killByClock(draft, current, 'runtime-limit-exceeded', 'It has run for as long as its job allows.');
  }
}

/** All that are due are made; this one may still have to wait until there are fewer tasks that are not started. */
function wakeWaiting(draft: JobDraft, task: TaskRecord): void {
  makeTasks(draft);
  // Whoever makes room makes it too; but the clock may have gone back by then, so that it does not seem to be due.
  if (draft.slots.at(task.index) !== task) return;
  draft.wake(task, draft.nowMs + Math.max(draft.policy.systemRetryMaxMs, MIN_RECHECK_MS));
}

function killByClock(draft: JobDraft, task: TaskRecord, reason: TaskEndReason, message: string): void {
  killTask(draft, task, reason, 'clock', message);
}
