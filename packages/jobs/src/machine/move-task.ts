/**
 * Moving a task from one service to another while it runs: canaries become the fleet without a restart. Both jobs change
 * in one step, the task is in exactly one of them before and after.
 */
import type { Rejection } from '../errors.ts';
import type { JobState } from '../model/job-state.ts';
import type { TaskRecord, TaskRef } from '../model/task-record.ts';
import { resized } from './capacity.ts';
import { isTime, noTime } from '../option-checks.ts';
import { refError } from './event-form.ts';
import { EFFECT_ORDER, JobDraft } from './job-draft.ts';
import type { JobEffect } from './job-effect.ts';
import type { JobPolicy } from './job-policy.ts';
import { specDifferences } from './move-compatibility.ts';
import { notAService, rejection, terminating, unknownTask } from './rejections.ts';
import { settle } from './settle.ts';
import { dueMs } from './timeouts.ts';
import { mayBeKilled } from './user-kills.ts';

/** @public */
export interface MoveStep {
  /** The states given, when the move was refused. */
  readonly source: JobState;
  readonly target: JobState;
  /** Those of both jobs; the two `persist` come first and are to be written together or not at all. */
  readonly effects: readonly JobEffect[];
  readonly rejection: Rejection | undefined;
}

/**
 * Gives a live task of the service `source` to the service `target`. The task keeps its id and all it is; it gets the
 * lowest free index. `desired` of the source goes down by one, that of the target up. O(32 + tasks / 32).
 * @param nowMs - milliseconds since the epoch
 * @public
 */
export function moveTask(
  source: JobState,
  target: JobState,
  task: TaskRef,
  nowMs: number,
  policy: JobPolicy,
): MoveStep {
  const from = new JobDraft(source, nowMs, policy);
  const to = new JobDraft(target, nowMs, policy);
  const refusal = move(from, to, task);
  if (refusal !== undefined) return { source, target, effects: [], rejection: refusal };
  settle(from);
  settle(to);
  const [left, right] = [from.finish(), to.finish()];
  const effects = merged(left.effects, right.effects);
  return { source: left.state, target: right.state, effects, rejection: undefined };
}

function move(from: JobDraft, to: JobDraft, ref: TaskRef): Rejection | undefined {
  if (!isTime(from.nowMs)) return rejection('INVALID_EVENT', noTime(from.nowMs));
  const wrong = refError(ref);
  if (wrong !== undefined) return rejection('INVALID_EVENT', wrong);
  const [source, target] = [from.job, to.job];
  if (source.id === target.id) {
    return rejection('SAME_JOB', `source and target are both job ${source.id}; name two jobs.`);
  }
  if (!from.isAccepted) return terminating(from);
  if (!to.isAccepted) return terminating(to);
  if (source.spec.kind !== 'service') return notAService(from);
  if (target.spec.kind !== 'service') return notAService(to);
  const task = from.find(ref);
  if (task === undefined) return unknownTask(from, ref);
  if (!mayBeKilled(task)) {
    return rejection('TASK_TERMINATING', `task ${task.id} is ${task.status.state}; move one that is not.`);
  }
  const differences = specDifferences(source.spec, target.spec);
  if (differences.length > 0) {
    return rejection(
      'JOBS_NOT_COMPATIBLE',
      `jobs ${source.id} and ${target.id} differ in ${differences.join(', ')}; make these equal, or start tasks anew.`,
    );
  }
  const { min, desired } = source.spec.capacity;
  if (desired <= min) {
    return rejection(
      'BELOW_MIN_CAPACITY',
      `job ${source.id} wants ${desired} tasks and has a minimum of ${min}; lower it.`,
    );
  }
  const { desired: wanted, max } = target.spec.capacity;
  if (wanted >= max) {
    return rejection(
      'ABOVE_MAX_CAPACITY',
      `job ${target.id} wants ${wanted} tasks and has a maximum of ${max}; raise it.`,
    );
  }
  from.job = { ...source, spec: resized(source.spec, -1) };
  from.put(task.index, undefined);
  to.job = { ...target, spec: resized(target.spec, 1) };
  arrive(to, {
    ...task,
    jobId: target.id,
    index: to.slots.nextOpening(0, true, -Infinity),
    movedFromJob: source.id,
  });
  return undefined;
}

/** Wake-ups that were asked for name the old place of the task. */
function arrive(to: JobDraft, task: TaskRecord): void {
  to.receive(task);
  const atMs = dueMs(task, to.job, to.policy);
  if (atMs !== undefined) to.wake(task, atMs);
}

/** Both persists, then the others by kind, those of the source first. */
function merged(left: readonly JobEffect[], right: readonly JobEffect[]): readonly JobEffect[] {
  const kinds: readonly JobEffect['kind'][] = ['persist', ...EFFECT_ORDER];
  return kinds.flatMap((kind) => [...left, ...right].filter((effect) => effect.kind === kind));
}
