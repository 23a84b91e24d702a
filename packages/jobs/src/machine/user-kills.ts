/**
 * Kills that somebody asks for: of a job, of a task with or without its place, of a task that has to move elsewhere.
 */
import type { Rejection } from '../errors.ts';
import { noteEviction } from '../disruption/rolling-count.ts';
import type { TaskRecord } from '../model/task-record.ts';
import type { ServiceJobSpec } from '../spec/job-spec.ts';
import { resized } from './capacity.ts';
import { dropTask } from './end-task.ts';
import type { JobDraft } from './job-draft.ts';
import { advanceJob } from './job-end.ts';
import type { EventOf } from './job-event.ts';
import { killTask } from './kill-task.ts';
import { notAService, rejection, unknownTask } from './rejections.ts';

/** Replacements that wait are not made any more, every live task is killed. O(tasks). */
export function killJob(draft: JobDraft): undefined {
  advanceJob(draft, 'kill-initiated', 'killed', 'user');
  for (const task of [...draft.slots.tasks()]) {
    if (task.replaceAtMs !== undefined) dropTask(draft, task);
    else if (mayBeKilled(task)) killTask(draft, task, 'killed', 'user');
  }
}

export function killOne(draft: JobDraft, event: EventOf<'kill-task'>): Rejection | undefined {
  const task = draft.find(event.task);
  if (task === undefined) return unknownTask(draft, event.task);
  if (!mayBeKilled(task)) {
    return rejection('TASK_TERMINATING', `task ${task.id} is ${task.status.state}; nothing is to be done.`);
  }
  if (event.shrink !== true) {
    killTask(draft, task, 'killed', 'user');
    return undefined;
  }
  const { spec } = draft.job;
  if (spec.kind !== 'service') return notAService(draft);
  const refused = event.preventMinSizeUpdate === true ? belowMin(draft, spec) : undefined;
  if (refused !== undefined) return refused;
  draft.job = { ...draft.job, spec: resized(spec, -1) };
  killTask(draft, task, 'scaled-down', 'user');
  return undefined;
}

export function evict(draft: JobDraft, { task: ref, message }: EventOf<'evict-task'>): Rejection | undefined {
  const task = draft.find(ref);
  if (task === undefined) return unknownTask(draft, ref);
  if (task.status.state !== 'started') {
    return rejection(
      'TASK_NOT_STARTED',
      `task ${task.id} is ${task.status.state}; only started tasks are evicted.`,
    );
  }
  draft.job = { ...draft.job, evictions: noteEviction(draft.job.evictions, draft.nowMs) };
  killTask(draft, task, 'evicted', 'relocation', message);
  return undefined;
}

export function mayBeKilled({ status }: TaskRecord): boolean {
  return status.state !== 'kill-initiated' && status.state !== 'finished';
}

function belowMin({ job }: JobDraft, { capacity: { min, desired } }: ServiceJobSpec): Rejection | undefined {
  if (desired > min) return undefined;
  return rejection(
    'SHRINK_BELOW_MIN',
    `job ${job.id} wants ${desired} tasks and has a minimum of ${min}; lower it first, or allow that it is lowered.`,
  );
}
