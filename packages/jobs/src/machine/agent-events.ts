/**
 * What the scheduler and the agents say of tasks. News may come twice, late and out of order; a task goes forward only.
 */
import { TASK_STATES, type TaskState } from '@stowage/protocol';
import type { Rejection } from '../errors.ts';
import type { TaskRecord } from '../model/task-record.ts';
import { endTask } from './end-task.ts';
import type { JobDraft } from './job-draft.ts';
import type { EventOf } from './job-event.ts';
import { rejection, unknownTask } from './rejections.ts';
import { advanced } from './task-life.ts';

export function placed(draft: JobDraft, { task: ref, placement }: EventOf<'placed'>): Rejection | undefined {
  const task = draft.find(ref);
  if (task === undefined) return unknownTask(draft, ref);
  if (task.status.state !== 'accepted') return stale(task, 'launched');
  const { agentId, zone } = placement;
  const launched = advanced(task, 'launched', 'placed', 'scheduler', draft.nowMs);
  launched.placement = { agentId, zone };
  draft.put(task.index, launched);
  return undefined;
}

export function taskStatus(draft: JobDraft, event: EventOf<'task-status'>): Rejection | undefined {
  const { task: ref, state, message } = event;
  const task = draft.find(ref);
  if (task === undefined) return unknownTask(draft, ref);
  if (state !== 'start-initiated' && state !== 'started' && state !== 'finished') return stale(task, state);
  if (task.status.state === 'accepted') {
    return rejection(
      'ILLEGAL_TRANSITION',
      `task ${task.id} cannot be ${state}: it has no place yet; tell first where it was placed.`,
    );
  }
  if (rank(state) <= rank(task.status.state)) return stale(task, state);
  if (state !== 'finished') {
    draft.put(task.index, advanced(task, state, 'reported', 'agent', draft.nowMs, message));
    return undefined;
  }
  const said = event.reason!;
  const reason = said === 'normal' ? said : (task.killReason ?? said);
  endTask(draft, task, { reason, source: 'agent', exitCode: event.exitCode, message });
  return undefined;
}

function rank(state: TaskState): number {
  return TASK_STATES.indexOf(state);
}

function stale(task: TaskRecord, state: TaskState): Rejection {
  return rejection(
    'STALE_STATUS',
    `task ${task.id} is ${task.status.state}; that it is ${state} is old news, nothing is to be done.`,
  );
}
