/**
 * How long a task may be in a state. Counted from when the state began, or from the last reload: nobody has listened in
 * between, and a failover must not kill tasks of whose progress it has not heard yet. Only the time to run is counted from
 * the start alone, so that no crash of ours gives more of it.
 */
import type { JobRecord } from '../model/job-record.ts';
import type { JobState } from '../model/job-state.ts';
import { taskAt } from '../model/task-slots.ts';
import type { TaskRecord, TaskRef } from '../model/task-record.ts';
import { steadyAtMs } from './crash-loop.ts';
import { kindOf } from './job-kinds.ts';
import type { JobPolicy } from './job-policy.ts';

/** When the task has to be looked at again; undefined: it may stay as it is for ever. */
export function dueMs(task: TaskRecord, job: JobRecord, policy: JobPolicy): number | undefined {
  const sinceMs = Math.max(task.killedAtMs ?? task.status.atMs, job.restoredAtMs);
  switch (task.status.state) {
    case 'accepted':
      return undefined;
    case 'launched':
      return sinceMs + policy.launchedTimeoutMs;
    case 'start-initiated':
      return sinceMs + kindOf(job.spec).startTimeoutMs(policy);
    case 'started':
      return earlier(steadyAtMs(task, policy), runtimeEndMs(task, job));
    case 'kill-initiated':
      return sinceMs + policy.killTimeoutMs;
    case 'finished':
      return task.replaceAtMs;
  }
}

/** When a started task will have run for as long as it may; undefined where there is no limit. */
export function runtimeEndMs(task: TaskRecord, { spec }: JobRecord): number | undefined {
  const limitMs = kindOf(spec).runtimeLimitMs(spec);
  return limitMs === undefined ? undefined : task.status.atMs + limitMs;
}

/**
 * Whether a `wake` now would kill the task as stuck on its way to be started. When very many are, it is rather the news of
 * them that is stuck; a driver may hold back such wake-ups. O(1).
 * @public
 */
export function isStuck(
  state: JobState,
  { index, taskId }: TaskRef,
  nowMs: number,
  policy: JobPolicy,
): boolean {
  const task = taskAt(state.slots, index);
  if (task?.id !== taskId || !isOnItsWay(task)) return false;
  return nowMs >= dueMs(task, state.job, policy)!;
}

function isOnItsWay({ status }: TaskRecord): boolean {
  return status.state === 'launched' || status.state === 'start-initiated';
}

function earlier(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || (b !== undefined && b < a) ? b : a;
}
