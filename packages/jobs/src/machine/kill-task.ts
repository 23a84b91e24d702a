/**
 * Killing a task. One that is only accepted is on no agent: it ends in the same step. Any other is killed on its agent,
 * again when that does not answer, and at last given up, so that what it books is not lost for ever.
 */
import type { TaskEndReason, TransitionSource } from '../model/task-reasons.ts';
import type { TaskRecord } from '../model/task-record.ts';
import { endTask } from './end-task.ts';
import type { JobDraft } from './job-draft.ts';
import { advanced } from './task-life.ts';

/** @param task - live, and not being killed */
export function killTask(
  draft: JobDraft,
  task: TaskRecord,
  reason: TaskEndReason,
  source: TransitionSource,
  message?: string,
): void {
  const killed = advanced(task, 'kill-initiated', reason, source, draft.nowMs, message);
  killed.killReason = reason;
  if (task.status.state === 'accepted') {
    endTask(draft, killed, { reason, source, message });
    return;
  }
  killed.killAttempts = 1;
  killed.killedAtMs = killed.status.atMs;
  draft.put(task.index, killed);
}

/** The time for the kill is over. */
export function killAgain(draft: JobDraft, task: TaskRecord): void {
  const { job, policy, nowMs } = draft;
  if (task.killAttempts < policy.killAttempts) {
    draft.put(task.index, { ...task, killAttempts: task.killAttempts + 1, killedAtMs: nowMs });
    return;
  }
  const { index, id, status } = task;
  draft.notify({ kind: 'task-stuck', jobId: job.id, task: { index, taskId: id }, state: status.state });
  const message = `The agent has not ended it after ${task.killAttempts} kills.`;
  endTask(draft, task, { reason: 'stuck-in-killing-state', source: 'clock', message });
}
