/**
 * Refusals of events, as values.
 */
import type { JobErrorCode, Rejection } from '../errors.ts';
import type { TaskRef } from '../model/task-record.ts';
import type { JobDraft } from './job-draft.ts';

export function rejection(code: JobErrorCode, message: string): Rejection {
  return { code, message };
}

export function unknownTask({ job }: JobDraft, { index, taskId }: TaskRef): Rejection {
  return rejection(
    'TASK_NOT_FOUND',
    `job ${job.id} has no task ${taskId} at index ${index}; look up the task that is there now.`,
  );
}

export function terminating({ job }: Pick<JobDraft, 'job'>): Rejection {
  return rejection(
    'JOB_TERMINATING',
    `job ${job.id} is ${job.status.state}; create another job instead of changing it.`,
  );
}

export function notAService({ job }: Pick<JobDraft, 'job'>): Rejection {
  return rejection(
    'NOT_A_SERVICE',
    `job ${job.id} is a ${job.spec.kind} job; only service jobs can do this.`,
  );
}
