/**
 * Finished tasks and jobs, kept for a while so that they can be asked for. What is oldest goes first: by age, by number per
 * job, and by number in all. Entries stand in two lists, that of all and that of their job, both in order of arrival; so
 * the oldest of all is the oldest of its job, and each addition and removal is O(1). The bound per job is Titus'.
 */
import type { JobRecord } from '../model/job-record.ts';
import type { TaskRecord } from '../model/task-record.ts';
import type { JobSpec } from '../spec/job-spec.ts';
import { countOption, positiveOption } from '../option-checks.ts';

/** @public */
export interface ArchiveOptions {
  /** How long after their archival tasks and jobs are kept. Default 86,400,000 (one day). */
  readonly maxAgeMs?: number;
  /** Most tasks of one job, at least 1. Default 10,000. */
  readonly maxTasksPerJob?: number;
  /** Most tasks in all, at least 1. Default 100,000. */
  readonly maxTasks?: number;
  /** Most jobs, at least 1; a job takes its tasks with it. Default 10,000. */
  readonly maxJobs?: number;
}

/** What is held, and what was dropped so far for which reason. @public */
export interface ArchiveCounts {
  readonly tasks: number;
  readonly jobs: number;
  readonly droppedTasks: { readonly byAge: number; readonly byJob: number; readonly byTotal: number };
  readonly droppedJobs: { readonly byAge: number; readonly byTotal: number };
}

/** Finished tasks and jobs that have left the active set. @public */
export interface Archive {
  task(taskId: string): TaskRecord | undefined;
  job(jobId: string): JobRecord | undefined;
  /** Archived tasks of a job, which may be active itself; oldest first. */
  tasksOf(jobId: string): Iterable<TaskRecord>;
  /** In order of archival. */
  jobs(): Iterable<JobRecord>;
  counts(): ArchiveCounts;
}

interface Entry {
  task: TaskRecord;
  readonly atMs: number;
  previous: Entry | undefined;
  next: Entry | undefined;
  nextOfJob: Entry | undefined;
}

interface TasksOfJob {
  oldest: Entry;
  newest: Entry;
  size: number;
}

interface JobEntry {
  readonly job: JobRecord;
  readonly submitted: JobSpec;
  readonly atMs: number;
  next: JobEntry | undefined;
}

/** The archive with its writing side. */
export class ArchiveStore implements Archive {
  readonly #limits: Required<ArchiveOptions>;
  readonly #entries = new Map<string, Entry>();
  #size = 0;
  readonly #ofJob = new Map<string, TasksOfJob>();
  #oldest: Entry | undefined;
  #newest: Entry | undefined;
  readonly #jobs = new Map<string, JobEntry>();
  #oldestJob: JobEntry | undefined;
  #newestJob: JobEntry | undefined;
  #lastMs = -Infinity;
  readonly #droppedTasks = { byAge: 0, byJob: 0, byTotal: 0 };
  readonly #droppedJobs = { byAge: 0, byTotal: 0 };

  /** @throws StowageError INVALID_JOB_OPTION */
  constructor(options: ArchiveOptions = {}) {
    const { maxAgeMs = 86_400_000, maxTasksPerJob = 10_000, maxTasks = 100_000, maxJobs = 10_000 } = options;
    this.#limits = {
      maxAgeMs: positiveOption(maxAgeMs, 'maxAgeMs of archive'),
      maxTasksPerJob: countOption(maxTasksPerJob, 1, 'maxTasksPerJob of archive'),
      maxTasks: countOption(maxTasks, 1, 'maxTasks of archive'),
      maxJobs: countOption(maxJobs, 1, 'maxJobs of archive'),
    };
  }

  task(taskId: string): TaskRecord | undefined {
    return this.#entries.get(taskId)?.task;
  }

  job(jobId: string): JobRecord | undefined {
    return this.#jobs.get(jobId)?.job;
  }

  *tasksOf(jobId: string): Generator<TaskRecord> {
    for (let entry = this.#ofJob.get(jobId)?.oldest; entry !== undefined; entry = entry.nextOfJob)
      yield entry.task;
  }

  *jobs(): Generator<JobRecord> {
    for (let entry = this.#oldestJob; entry !== undefined; entry = entry.next) yield entry.job;
  }

  counts(): ArchiveCounts {
    return {
      tasks: this.#size,
      jobs: this.#jobs.size,
      droppedTasks: { ...this.#droppedTasks },
      droppedJobs: { ...this.#droppedJobs },
    };
  }

  addTask(task: TaskRecord, nowMs: number): void {
    const entry: Entry = {
      task,
      atMs: this.#arrival(nowMs),
      previous: this.#newest,
      next: undefined,
      nextOfJob: undefined,
    };
    if (this.#newest === undefined) this.#oldest = entry;
    else this.#newest.next = entry;
    this.#newest = entry;
    this.#entries.set(task.id, entry);
    this.#size++;
    const ofJob = this.#ofJob.get(task.jobId);
    if (ofJob === undefined) this.#ofJob.set(task.jobId, { oldest: entry, newest: entry, size: 1 });
    else {
      ofJob.newest.nextOfJob = entry;
      ofJob.newest = entry;
      ofJob.size++;
      if (ofJob.size > this.#limits.maxTasksPerJob) this.#dropOldestOf(task.jobId, ofJob, 'byJob');
    }
    if (this.#size > this.#limits.maxTasks) this.#dropOldest('byTotal');
  }

  /** What an archived job was submitted with, before updates. */
  submittedOf(jobId: string): JobSpec | undefined {
    return this.#jobs.get(jobId)?.submitted;
  }

  addJob(job: JobRecord, submitted: JobSpec, nowMs: number): void {
    const entry: JobEntry = { job, submitted, atMs: this.#arrival(nowMs), next: undefined };
    if (this.#newestJob === undefined) this.#oldestJob = entry;
    else this.#newestJob.next = entry;
    this.#newestJob = entry;
    this.#jobs.set(job.id, entry);
    if (this.#jobs.size > this.#limits.maxJobs) this.#dropOldestJob('byTotal');
  }

  /** Drops what is older than `maxAgeMs`. O(dropped). @returns how many tasks and jobs were dropped */
  ageOut(nowMs: number): number {
    const before = this.#size + this.#jobs.size;
    const bornMs = nowMs - this.#limits.maxAgeMs;
    while (this.#oldest !== undefined && this.#oldest.atMs < bornMs) this.#dropOldest('byAge');
    while (this.#oldestJob !== undefined && this.#oldestJob.atMs < bornMs) this.#dropOldestJob('byAge');
    return before - this.#size - this.#jobs.size;
  }

  /** Arrivals are in order, also when the clock goes back. */
  #arrival(nowMs: number): number {
    this.#lastMs = Math.max(this.#lastMs, nowMs);
    return this.#lastMs;
  }

  #dropOldestJob(reason: 'byAge' | 'byTotal'): void {
    const { job, next } = this.#oldestJob!;
    this.#oldestJob = next;
    if (next === undefined) this.#newestJob = undefined;
    this.#jobs.delete(job.id);
    this.#droppedJobs[reason]++;
    const ofJob = this.#ofJob.get(job.id);
    while (ofJob !== undefined && ofJob.size > 0) this.#dropOldestOf(job.id, ofJob, reason);
  }

  #dropOldest(reason: 'byAge' | 'byTotal'): void {
    const { jobId } = this.#oldest!.task;
    this.#dropOldestOf(jobId, this.#ofJob.get(jobId)!, reason);
  }

  #dropOldestOf(jobId: string, ofJob: TasksOfJob, reason: keyof ArchiveCounts['droppedTasks']): void {
    const entry = ofJob.oldest;
    const { task, previous, next, nextOfJob } = entry;
    if (previous === undefined) this.#oldest = next;
    else previous.next = next;
    if (next === undefined) this.#newest = previous;
    else next.previous = previous;
    if (nextOfJob === undefined) this.#ofJob.delete(jobId);
    else ofJob.oldest = nextOfJob;
    ofJob.size--;
    // A task of another job may have had the id, long ago, before the job that gave it was forgotten.
    if (this.#entries.get(task.id) === entry) this.#entries.delete(task.id);
    this.#size--;
    this.#droppedTasks[reason]++;
  }
}
