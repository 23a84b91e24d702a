/** What must hold after every step, read off the machine's states and effects alone, whatever the model says. */
import { TASK_STATES } from '@stowage/protocol';
import { JOB_ERRORS } from '../../src/errors.ts';
import type { JobEffect } from '../../src/machine/job-effect.ts';
import type { JobPolicy } from '../../src/machine/job-policy.ts';
import type { Step } from '../../src/machine/step.ts';
import type { JobState } from '../../src/model/job-state.ts';
import type { TaskRecord } from '../../src/model/task-record.ts';
import { tasksIn } from '../../src/model/task-slots.ts';
import { inOrder, sayEffect } from './said.ts';
import { same } from './shown.ts';

export function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}

/** A refusal names its reason and leaves everything as it is; an effect needs a change. */
export function checkForm(before: JobState, { state, effects, rejection }: Step, isRestored: boolean): void {
  if (rejection !== undefined) {
    must(Object.hasOwn(JOB_ERRORS, rejection.code), `unknown code ${rejection.code}`);
    must(rejection.message.length > 0, `${rejection.code} has no message`);
    must(state === before, `${rejection.code}, yet another state`);
    must(effects.length === 0, `${rejection.code}, yet effects`);
  }
  const persists = effects.filter(({ kind }) => kind === 'persist').length;
  if (state === before) {
    const wakes = effects.filter(({ kind }) => kind === 'wake').length;
    must(isRestored || wakes === effects.length, 'effects without a change');
    must(persists === 0, 'nothing changed, yet it is stored');
  } else {
    must(effects[0]?.kind === 'persist', 'changed, but persist is not the first effect');
    must(persists === 1, `${persists} persist effects`);
  }
}

/** By kind in the order of the contract, within a kind by index. */
export function checkOrder(effects: readonly JobEffect[], indexOf: (taskId: string) => number): void {
  const lines = effects.flatMap((effect) => sayEffect(effect, indexOf) ?? []);
  same(
    lines.map(({ text }) => text),
    inOrder(lines).map(({ text }) => text),
    'orders of effects',
  );
}

/** Every task that came to its end is released once; nothing else is. */
export function checkReleases(before: JobState, after: JobState, effects: readonly JobEffect[]): void {
  const ended = new Set<string>();
  const notEnded = new Map<string, TaskRecord>();
  for (const task of tasksIn(before.slots)) {
    if (task.status.state === 'finished') ended.add(task.id);
    else notEnded.set(task.id, task);
  }
  const archived = effects.flatMap((effect) => (effect.kind === 'persist' ? effect.archived : []));
  const finished = [...tasksIn(after.slots), ...archived].filter(
    ({ id, status }) => status.state === 'finished' && !ended.has(id),
  );
  for (const { id } of archived) must(ended.has(id) || notEnded.has(id), `${id} was archived unseen`);
  for (const { id, status } of archived) must(status.state === 'finished', `${id} was archived unfinished`);
  same(
    effects.flatMap((effect) => (effect.kind === 'release' ? effect.taskId : [])).sort(),
    finished.map(({ id }) => id).sort(),
    'releases and ends',
  );
}

/** Counts, indexes and histories of a job, and what it promises. */
export function checkState({ job, slots, counts }: JobState, policy: JobPolicy): void {
  const tasks = [...tasksIn(slots)];
  for (const state of TASK_STATES) {
    const count = tasks.filter(({ status }) => status.state === state).length;
    must(counts[state] === count, `${count} tasks are ${state}, counted are ${counts[state]}`);
  }
  must(new Set(tasks.map(({ id }) => id)).size === tasks.length, 'a task is there twice');
  must(new Set(tasks.map(({ index }) => index)).size === tasks.length, 'two tasks have one index');
  for (const task of tasks) checkTask(task, job.id);
  if (job.status.state === 'finished') must(tasks.length === 0, 'a finished job has tasks');
  if (job.status.state !== 'accepted') return;
  const underWay = tasks.filter(
    ({ status: { state } }) => state !== 'started' && state !== 'finished',
  ).length;
  const blocked = underWay >= policy.maxNotStarted;
  if (job.spec.kind === 'service') {
    const { desired, max } = job.spec.capacity;
    const kept = tasks.filter(({ killReason }) => killReason !== 'scaled-down');
    must(kept.length <= max, `${kept.length} tasks, at most are ${max}`);
    must(kept.length === desired || (blocked && kept.length < desired), `${kept.length}, not ${desired}`);
    for (const { id, status, replaceAtMs } of tasks) {
      must(status.state !== 'finished' || replaceAtMs !== undefined, `${id} is finished for good`);
    }
  } else {
    const { size, retryPolicy } = job.spec;
    must(tasks.length === size || blocked, `${tasks.length} tasks of ${size}`);
    for (const { id, resubmits, systemResubmits, evictionResubmits, index } of tasks) {
      must(index < size, `${id} has index ${index} of ${size}`);
      const counted = resubmits - systemResubmits - evictionResubmits;
      must(counted >= 0 && counted <= retryPolicy.retries, `${id} is retry ${counted}`);
    }
  }
}

function checkTask(task: TaskRecord, jobId: string): void {
  must(task.jobId === jobId, `${task.id} is in ${jobId}, says ${task.jobId}`);
  const life = [...task.history, task.status];
  must(life[0].state === 'accepted', `${task.id} was never accepted`);
  for (let at = 1; at < life.length; at++) {
    const [before, after] = [life[at - 1], life[at]];
    const isForward = TASK_STATES.indexOf(before.state) < TASK_STATES.indexOf(after.state);
    must(isForward, `${task.id} went from ${before.state} to ${after.state}`);
    must(before.atMs <= after.atMs, `${task.id}: ${after.state} before ${before.state}`);
  }
}

/** Everything reachable, so that a step that writes to what it was given throws. */
export function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const one of Object.values(value)) freeze(one);
  }
  return value;
}
