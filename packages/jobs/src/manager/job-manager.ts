/**
 * All jobs of a cell, in memory: finds the job that an event is about, steps its state machine, and hands the effects to
 * the driver, which writes, launches and wakes. Synchronous and without a clock or a timer. A call that is refused or
 * throws has changed nothing; one that returns has changed everything at once.
 */
import { show, StowageError } from '@stowage/core';
import { admitEviction } from '../disruption/admit-eviction.ts';
import { type EvictionQuota, evictionQuota, type QuotaContext } from '../disruption/eviction-quota.ts';
import { fallbackBudget } from '../disruption/operator-budget.ts';
import type { FallbackBudget } from '../disruption/self-managed.ts';
import { SystemEvictionQuota, type SystemEvictionQuotaOptions } from '../disruption/system-quota.ts';
import { fail, type JobErrorCode, type Rejection } from '../errors.ts';
import { createJob } from '../machine/create-job.ts';
import type { JobEffect } from '../machine/job-effect.ts';
import type { JobEvent } from '../machine/job-event.ts';
import { defaultJobPolicy, type JobPolicy } from '../machine/job-policy.ts';
import { moveTask } from '../machine/move-task.ts';
import { stepJob } from '../machine/step-job.ts';
import { isStuck } from '../machine/timeouts.ts';
import type { JobState } from '../model/job-state.ts';
import { canonicalJson } from '../model/serialize-job.ts';
import type { TaskRecord, TaskRef } from '../model/task-record.ts';
import type { Archive } from './archive.ts';
import type { ChangeStream } from './change-log.ts';
import { countOption, isTime, noTime, timeOption } from '../option-checks.ts';
import { JobBook, type JobBookOptions, jobInName } from './job-book.ts';
import type { Outcomes } from './outcomes.ts';
import { assembleStored, type StoredJobs, type StoredProblem } from './stored-jobs.ts';
import { SpecChecks, type SpecCheckOptions } from './spec-checks.ts';
import { isJobId, sequenceName, type Submission } from './submission.ts';

/** @public */
export interface JobManagerOptions extends JobBookOptions, SpecCheckOptions {
  readonly policy?: Partial<JobPolicy>;
  /** Active jobs at which no more are submitted, at least 1. Default 20,000. */
  readonly maxActiveJobs?: number;
  /** Budget of the whole system, for `evict`: its options, or one that goes on from a snapshot. */
  readonly systemEvictions?: SystemEvictionQuotaOptions | SystemEvictionQuota;
  /** Holds as well for self-managed jobs. Default `SELF_MANAGED_FALLBACK`. */
  readonly selfManagedBudget?: FallbackBudget;
  /** Bad records with which `restore` still goes on, at least 0. Default 0. */
  readonly maxBadRecords?: number;
}

/** What became of an event. @public */
export interface Handled {
  /** To be carried out in order. */
  readonly effects: readonly JobEffect[];
  /** Set when it was refused; then there are no effects. */
  readonly rejection?: Rejection;
}

type WithoutTask<E> = E extends { readonly task: TaskRef } ? Omit<E, 'task'> : never;

/** An event about a task whose id is given beside it. @public */
export type TaskEvent = WithoutTask<Exclude<JobEvent, { kind: 'evict-task' }>>;

/** @public */
export interface EvictionOptions {
  readonly nowMs: number;
  readonly message?: string;
  readonly isHealthy?: QuotaContext['isHealthy'];
}

const NO_EFFECTS: readonly JobEffect[] = [];

/**
 * Holds the jobs of a cell.
 *
 * @example
 * ```ts
 * const manager = new JobManager();
 * const result = manager.submit(spec, { jobId: 'nightly', nowMs });
 * if (result.ok) for (const effect of result.effects) await carryOut(effect);
 * carryOutAll(manager.handleTask(taskId, { kind: 'placed', placement: { agentId, zone } }, nowMs).effects);
 * ```
 * @public
 */
export class JobManager {
  readonly #policy: JobPolicy;
  readonly #specs: SpecChecks;
  readonly #maxActiveJobs: number;
  readonly #maxBadRecords: number;
  readonly #selfManagedBudget: FallbackBudget | undefined;
  readonly #book: JobBook;
  /** Ids of jobs that `restore` has left out, and of those after which a task of them is named: they are taken. */
  readonly #leftOut = new Set<string>();
  #isBusy = false;
  /** Budget of the whole system, from which `evict` takes; a driver keeps snapshots of it over restarts. */
  readonly systemEvictions: SystemEvictionQuota;

  /** @throws StowageError INVALID_JOB_OPTION */
  constructor(options: JobManagerOptions = {}) {
    const { maxActiveJobs = 20_000, maxBadRecords = 0 } = options;
    this.#policy = defaultJobPolicy(options.policy);
    this.#specs = new SpecChecks(options);
    this.#maxActiveJobs = countOption(maxActiveJobs, 1, 'maxActiveJobs');
    this.#maxBadRecords = countOption(maxBadRecords, 0, 'maxBadRecords');
    const { selfManagedBudget } = options;
    if (selfManagedBudget !== undefined) this.#selfManagedBudget = fallbackBudget(selfManagedBudget);
    this.#book = new JobBook(options);
    const { systemEvictions } = options;
    this.systemEvictions =
      systemEvictions instanceof SystemEvictionQuota
        ? systemEvictions
        : new SystemEvictionQuota(systemEvictions);
  }

  /** Every change of a job or task, for those who follow. */
  get changes(): ChangeStream {
    return this.#book.changes;
  }

  /** What has finished, for a while. */
  get archive(): Archive {
    return this.#book.archive;
  }

  /** Availability, crash rate and start latency. */
  get outcomes(): Outcomes {
    return this.#book.outcomes;
  }

  get activeJobs(): number {
    return this.#book.jobs.size;
  }

  /** An active job with its active tasks. O(1). */
  job(jobId: string): JobState | undefined {
    return this.#book.jobs.get(jobId);
  }

  /** A task of an active job; once it is replaced or its job has finished it is in the archive. O(1). */
  task(taskId: string): TaskRecord | undefined {
    return this.#book.tasks.get(taskId);
  }

  /** Active jobs in order of their submission. */
  jobs(): Iterable<JobState> {
    return this.#book.jobs.values();
  }

  /**
   * Makes a job of a spec. The same id with an equal spec again, also when the job has been updated since or is in the
   * archive, is no error and has no effects; after a restart equal means: to what is stored. It is checked by the limits of
   * today like any other. O(size of the spec + tasks).
   * @param spec - of any form; it is checked, and copied
   * @throws StowageError REENTRANT_CALL
   */
  submit(spec: unknown, { jobId, nowMs }: { jobId: string; nowMs: number }): Submission {
    return this.#alone(() => {
      if (!isJobId(jobId))
        return notSubmitted(
          'INVALID_JOB_SPEC',
          `the job id is ${show(jobId)}; give 1 to 50 of A-Z a-z 0-9 . _ -`,
        );
      if (!isTime(nowMs)) return notSubmitted('INVALID_EVENT', noTime(nowMs));
      const checked = this.#specs.submitted(spec);
      if (!checked.ok) return checked;
      const { adjusted } = checked;
      const known = this.#book.submitted.get(jobId) ?? this.#book.archive.submittedOf(jobId);
      if (known !== undefined && canonicalJson(known) === canonicalJson(checked.spec))
        return { ok: true, jobId, effects: NO_EFFECTS, adjusted };
      if (known !== undefined || this.#leftOut.has(jobId) || this.#book.hasTasksNamedAfter(jobId)) {
        const message = `job "${jobId}" exists with another spec, or tasks of one that did; take another id.`;
        return notSubmitted('DUPLICATE_JOB', message, jobId);
      }
      const name = sequenceName(checked.spec);
      const holder = name === undefined ? undefined : this.#book.sequences.get(name);
      if (holder !== undefined)
        return notSubmitted(
          'DUPLICATE_SEQUENCE',
          `job "${holder}" is ${name}; take another sequence.`,
          holder,
        );
      if (this.activeJobs >= this.#maxActiveJobs) {
        const message = `there are ${this.activeJobs} active jobs, as many as there may be; try again later.`;
        return notSubmitted('TOO_MANY_JOBS', message);
      }
      const { state, effects } = createJob(checked.spec, jobId, nowMs, this.#policy);
      this.#book.apply([state], effects, nowMs);
      return { ok: true, jobId, effects, adjusted };
    });
  }

  /**
   * Steps a job. New values of updates are checked against the limits first. Evictions go through `evict` only.
   * @throws StowageError REENTRANT_CALL, and whatever the victim order throws
   */
  handle(jobId: string, event: JobEvent, nowMs: number): Handled {
    return this.#alone(() => this.#handle(jobId, event, nowMs));
  }

  /** Steps the job that a task belongs to. @throws StowageError as `handle` */
  handleTask(taskId: string, event: TaskEvent, nowMs: number): Handled {
    return this.#alone(() => {
      const task = this.#book.tasks.get(taskId);
      if (task === undefined) return noTask(taskId);
      const { jobId, index } = task;
      return this.#handle(jobId, { ...event, task: { index, taskId } }, nowMs);
    });
  }

  /**
   * A time that an effect `wake` has named has come, for the task of the effect; one that is gone by then is refused, and
   * nothing is to be done. When the task would be killed as stuck and too many have been lately, the effect is a later
   * `wake` and nothing else.
   * @throws StowageError as `handle`
   */
  wake(taskId: string, nowMs: number): Handled {
    return this.handleTask(taskId, { kind: 'wake' }, nowMs);
  }

  /**
   * Evicts a started task when the budgets of its job and of the system both allow it; both are counted, or neither.
   * @throws StowageError REENTRANT_CALL, and whatever `isHealthy` throws
   */
  evict(taskId: string, { nowMs, message, isHealthy }: EvictionOptions): Handled {
    return this.#alone(() => {
      const task = this.#book.tasks.get(taskId);
      if (task === undefined) return noTask(taskId);
      const state = this.#book.jobs.get(task.jobId)!;
      const ref = { index: task.index, taskId };
      const event: JobEvent = { kind: 'evict-task', task: ref, message };
      const step = stepJob(state, event, nowMs, this.#policy);
      if (step.rejection !== undefined) return { effects: NO_EFFECTS, rejection: step.rejection };
      const refusal = admitEviction(state, ref, this.systemEvictions, this.#quotaContext(nowMs, isHealthy));
      if (refusal !== undefined) return { effects: NO_EFFECTS, rejection: refusal };
      this.#book.apply([step.state], step.effects, nowMs);
      return { effects: step.effects };
    });
  }

  /**
   * What the budget of a job allows now, that of the system left out; undefined when the job is not active. Costs what the
   * function of this name does.
   * @throws StowageError INVALID_JOB_OPTION when `nowMs` is no time, and whatever `isHealthy` throws
   */
  evictionQuota(
    jobId: string,
    { nowMs, isHealthy }: Pick<EvictionOptions, 'nowMs' | 'isHealthy'>,
  ): EvictionQuota | undefined {
    timeOption(nowMs);
    const state = this.#book.jobs.get(jobId);
    return state && evictionQuota(state, this.#quotaContext(nowMs, isHealthy));
  }

  /** Moves a task, as it runs, to another service. @throws StowageError as `handle` */
  move(taskId: string, toJobId: string, nowMs: number): Handled {
    return this.#alone(() => {
      const task = this.#book.tasks.get(taskId);
      if (task === undefined) return noTask(taskId);
      const source = this.#book.jobs.get(task.jobId)!;
      const target = this.#book.jobs.get(toJobId);
      if (target === undefined) return noJob(toJobId);
      const ref = { index: task.index, taskId };
      const moved = moveTask(source, target, ref, nowMs, this.#policy);
      if (moved.rejection !== undefined) return { effects: NO_EFFECTS, rejection: moved.rejection };
      this.#book.apply([moved.source, moved.target], moved.effects, nowMs);
      return { effects: moved.effects };
    });
  }

  /**
   * Takes over what the store holds, before anything else is done with the manager. Effects ask for everything anew that
   * may have been lost with the former manager. O(jobs + tasks).
   * @returns the effects, and the bad records with what was left out for them
   * @throws StowageError INVALID_JOB_RECORD when there are more than `maxBadRecords`, INVALID_JOB_OPTION when the manager is in
   *   use; then it is as it was
   */
  restore(
    stored: StoredJobs,
    nowMs: number,
  ): { effects: readonly JobEffect[]; problems: readonly StoredProblem[] } {
    return this.#alone(() => {
      timeOption(nowMs);
      if (this.#book.isUsed)
        fail(
          'INVALID_JOB_OPTION',
          'the manager has jobs or readers; restore into a new one, before all else.',
        );
      const { states, problems } = assembleStored(stored, (spec) => this.#specs.stored(spec));
      if (problems.length > this.#maxBadRecords) {
        const [{ jobId, message }] = problems;
        fail(
          'INVALID_JOB_RECORD',
          `${problems.length} bad records, ${this.#maxBadRecords} are allowed; job ${show(jobId)}: ${message}`,
        );
      }
      const steps = states.map((state) => stepJob(state, { kind: 'restored' }, nowMs, this.#policy));
      for (const { jobId, taskIds } of problems) {
        if (jobId !== undefined) this.#leftOut.add(jobId);
        for (const taskId of taskIds) this.#leftOut.add(jobInName(taskId));
      }
      for (const state of states) this.#book.load(state, nowMs);
      for (const { state, effects } of steps) this.#book.apply([state], effects, nowMs);
      return { effects: steps.flatMap(({ effects }) => effects), problems };
    });
  }

  /**
   * Lets go of what is too old in the archive; call it now and then. O(dropped).
   * @returns how many tasks and jobs it dropped
   * @throws StowageError INVALID_JOB_OPTION when `nowMs` is no time, REENTRANT_CALL
   */
  ageOut(nowMs: number): number {
    return this.#alone(() => this.#book.archive.ageOut(timeOption(nowMs)));
  }

  #handle(jobId: string, event: JobEvent, nowMs: number): Handled {
    const state = this.#book.jobs.get(jobId);
    if (state === undefined) return noJob(jobId);
    if (typeof event !== 'object' || event === null)
      return refused('INVALID_EVENT', `the event is ${show(event)}; give an object.`);
    if (event.kind === 'evict-task')
      return refused('INVALID_EVENT', 'an eviction needs the budgets; call evict instead.');
    if (event.kind !== 'update-disruption-budget') return this.#step(state, event, nowMs);
    const budget = this.#specs.budget(event.budget);
    if ('rejection' in budget) return { effects: NO_EFFECTS, rejection: budget.rejection };
    return this.#step(state, { kind: event.kind, budget: budget.value }, nowMs);
  }

  #step(state: JobState, event: JobEvent, nowMs: number): Handled {
    const step = stepJob(state, event, nowMs, this.#policy);
    const rejection = step.rejection ?? this.#specs.refusalOf(event.kind, step.state.job.spec);
    if (rejection !== undefined) return { effects: NO_EFFECTS, rejection };
    if (event.kind === 'wake' && isStuck(state, event.task, nowMs, this.#policy)) {
      const laterMs = this.#book.stuckGuard.delayUntilMs(event.task.taskId, nowMs);
      if (laterMs !== undefined) return { effects: [{ kind: 'wake', task: event.task, atMs: laterMs }] };
    }
    this.#book.apply([step.state], step.effects, nowMs);
    return { effects: step.effects };
  }

  #quotaContext(nowMs: number, isHealthy: QuotaContext['isHealthy']): QuotaContext {
    return { nowMs, isHealthy, selfManaged: this.#selfManagedBudget };
  }

  /** One call at a time: what a listener or a policy sees must not change under it. */
  #alone<T>(work: () => T): T {
    if (this.#isBusy)
      throw new StowageError(
        'REENTRANT_CALL',
        'the manager was called by what it calls; do so after it has returned.',
      );
    this.#isBusy = true;
    try {
      const result = work();
      this.#book.changes.flush();
      return result;
    } finally {
      this.#isBusy = false;
    }
  }
}

function refused(code: JobErrorCode, message: string): Handled {
  return { effects: NO_EFFECTS, rejection: { code, message } };
}

function noJob(jobId: string): Handled {
  return refused('JOB_NOT_FOUND', `there is no active job ${show(jobId)}; it may have finished.`);
}

function noTask(taskId: string): Handled {
  return refused(
    'TASK_NOT_FOUND',
    `there is no active task ${show(taskId)}; it may have been replaced, or its job has finished.`,
  );
}

function notSubmitted(code: JobErrorCode, message: string, existingJobId?: string): Submission {
  return { ok: false, rejection: { code, message }, existingJobId };
}
