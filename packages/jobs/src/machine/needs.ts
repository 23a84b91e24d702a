/**
 * What a task needs of the world in the state it has come to: a place in the queue, a launch, a kill, a wake-up when the
 * time of the state is over.
 */
import type { JobRecord } from '../model/job-record.ts';
import type { TaskRecord } from '../model/task-record.ts';
import type { JobEffect } from './job-effect.ts';
import type { JobPolicy } from './job-policy.ts';
import { withEntry } from '../small-lists.ts';
import { dueMs } from './timeouts.ts';

type Need = Extract<JobEffect, { readonly kind: 'kill' | 'launch' | 'enqueue' | 'wake' }>;

const NONE: readonly never[] = [];

/** @param earlier - the content of the slot before; undefined asks for everything */
export function needsOf(
  earlier: TaskRecord | undefined,
  task: TaskRecord,
  job: JobRecord,
  policy: JobPolicy,
): readonly Need[] {
  let needs: Need[] | undefined;
  const isNew = earlier?.status !== task.status || earlier.killAttempts !== task.killAttempts;
  const action = isNew ? actionFor(task) : undefined;
  if (action !== undefined) needs = withEntry(needs, action);
  const atMs = dueMs(task, job, policy);
  if (atMs !== undefined && (isNew || atMs !== dueMs(earlier, job, policy))) {
    needs = withEntry(needs, { kind: 'wake', task: { index: task.index, taskId: task.id }, atMs });
  }
  return needs ?? NONE;
}

function actionFor(task: TaskRecord): Need | undefined {
  switch (task.status.state) {
    case 'accepted':
      return { kind: 'enqueue', task };
    case 'launched':
      return { kind: 'launch', task };
    case 'kill-initiated':
      return { kind: 'kill', task, attempt: task.killAttempts };
    case 'start-initiated':
    case 'started':
    case 'finished':
      return undefined;
  }
}
