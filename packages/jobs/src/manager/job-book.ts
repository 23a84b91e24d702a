/**
 * All that a manager holds of its active jobs, and how `persist` effects change it. Jobs, the index of tasks, sequences,
 * archive, counters and the change stream are brought up together here and nowhere else, so they cannot disagree. O(tasks
 * named by the effects); no look at the others.
 */
import { type ArchiveOptions, ArchiveStore } from './archive.ts';
import { ChangeLog, type ChangeStreamOptions } from './change-log.ts';
import { OutcomeCounters } from './outcomes.ts';
import { StuckGuard, type StuckKillOptions } from './stuck-guard.ts';
import { sequenceName } from './submission.ts';
import type { JobEffect } from '../machine/job-effect.ts';
import type { JobState } from '../model/job-state.ts';
import type { TaskRecord } from '../model/task-record.ts';
import { tasksIn } from '../model/task-slots.ts';
import type { JobSpec } from '../spec/job-spec.ts';

type Persist = Extract<JobEffect, { kind: 'persist' }>;

/** @public */
export interface JobBookOptions {
  readonly archive?: ArchiveOptions;
  readonly changes?: ChangeStreamOptions;
  /** How many tasks at once may be killed because they are stuck. */
  readonly stuckKills?: StuckKillOptions;
}

export class JobBook {
  readonly jobs: Map<string, JobState> = new Map();
  /** Active tasks by id; each record names its job and index. */
  readonly tasks: Map<string, TaskRecord> = new Map();
  /** Ids of active jobs by the name that their sequence makes unique. */
  readonly sequences: Map<string, string> = new Map();
  /** As it was submitted, before updates; after a restart as it was stored. */
  readonly submitted: Map<string, JobSpec> = new Map();
  /** Active tasks that have moved to a job other than the one in their id, by the latter. */
  readonly #movedAway = new Map<string, number>();
  readonly archive: ArchiveStore;
  readonly outcomes: OutcomeCounters = new OutcomeCounters();
  readonly changes: ChangeLog;
  readonly stuckGuard: StuckGuard;

  /** @throws StowageError INVALID_JOB_OPTION */
  constructor({ archive, changes, stuckKills }: JobBookOptions) {
    this.archive = new ArchiveStore(archive);
    this.changes = new ChangeLog(changes, () => this.jobs.values());
    this.stuckGuard = new StuckGuard(stuckKills);
  }

  /** Whether there was a job or a reader since the book was made. */
  get isUsed(): boolean {
    return this.jobs.size > 0 || this.changes.isUsed;
  }

  /** Whether a new job of this id could make a task whose id is taken. */
  hasTasksNamedAfter(jobId: string): boolean {
    return this.#movedAway.has(jobId);
  }

  /** Takes a job as it was stored. That is no change, and nobody is told. O(tasks). */
  load(state: JobState, nowMs: number): void {
    this.#addJob(state);
    for (const task of tasksIn(state.slots)) {
      this.tasks.set(task.id, task);
      this.#countMoved(undefined, task);
    }
    this.outcomes.jobChanged(undefined, state, nowMs);
  }

  /** Takes the states after a step, and what its effects say of their tasks. */
  apply(states: readonly JobState[], effects: readonly JobEffect[], nowMs: number): void {
    for (const effect of effects) {
      if (effect.kind !== 'persist') continue;
      const state = states.find(({ job }) => job.id === effect.jobId)!;
      this.#persist(effect, state, nowMs);
    }
  }

  #persist(effect: Persist, state: JobState, nowMs: number): void {
    const { job } = state;
    this.outcomes.jobChanged(this.jobs.get(job.id), state, nowMs);
    if (!this.jobs.has(job.id)) this.#addJob(state);
    else this.jobs.set(job.id, state);
    if (effect.job !== undefined && !effect.jobArchived) this.changes.jobUpdated(job, false);
    for (const task of effect.archived) this.#archiveTask(task, state, nowMs);
    for (const task of effect.tasks) this.#putTask(task, state);
    if (effect.jobArchived) this.#archiveJob(state, nowMs);
  }

  #addJob(state: JobState): void {
    const { id, spec } = state.job;
    this.jobs.set(id, state);
    this.submitted.set(id, spec);
    const name = sequenceName(spec);
    if (name !== undefined) this.sequences.set(name, id);
  }

  #putTask(task: TaskRecord, { job }: JobState): void {
    const before = this.tasks.get(task.id);
    const fromJob =
      before === undefined || before.jobId === task.jobId ? undefined : this.jobs.get(before.jobId)?.job;
    this.tasks.set(task.id, task);
    this.#countMoved(before, task);
    this.stuckGuard.forget(task.id);
    this.outcomes.taskChanged(job, before, task);
    this.changes.taskUpdated(task, false, job, fromJob);
  }

  #archiveTask(task: TaskRecord, { job }: JobState, nowMs: number): void {
    const before = this.tasks.get(task.id);
    this.outcomes.taskChanged(job, before, task);
    this.tasks.delete(task.id);
    this.#countMoved(before, undefined);
    this.stuckGuard.forget(task.id);
    this.archive.addTask(task, nowMs);
    this.changes.taskUpdated(task, true, job, undefined);
  }

  #archiveJob({ job }: JobState, nowMs: number): void {
    this.jobs.delete(job.id);
    const name = sequenceName(job.spec);
    if (name !== undefined) this.sequences.delete(name);
    this.archive.addJob(job, this.submitted.get(job.id)!, nowMs);
    this.submitted.delete(job.id);
    this.changes.jobUpdated(job, true);
  }

  #countMoved(before: TaskRecord | undefined, after: TaskRecord | undefined): void {
    const [from, to] = [awayFrom(before), awayFrom(after)];
    if (from === to) return;
    if (to !== undefined) this.#movedAway.set(to, (this.#movedAway.get(to) ?? 0) + 1);
    if (from === undefined) return;
    const left = this.#movedAway.get(from)! - 1;
    if (left > 0) this.#movedAway.set(from, left);
    else this.#movedAway.delete(from);
  }
}

/** The job that made a task, from the id of the task. */
export function jobInName(taskId: string): string {
  return taskId.slice(0, taskId.lastIndexOf('.'));
}

/** The job in the id of a task that is with another one. */
function awayFrom(task: TaskRecord | undefined): string | undefined {
  if (task?.movedFromJob === undefined) return undefined;
  const first = jobInName(task.id);
  return first === task.jobId ? undefined : first;
}
