/**
 * Where persist effects go: jobs and tasks by id. What is loaded has gone through JSON text, so that nothing of the
 * machine's memory is in it.
 */
import type { JobEffect } from '../../src/machine/job-effect.ts';
import { assembleJob } from '../../src/model/assemble-job.ts';
import type { JobRecord } from '../../src/model/job-record.ts';
import type { JobState } from '../../src/model/job-state.ts';
import type { TaskRecord } from '../../src/model/task-record.ts';
import { tasksIn } from '../../src/model/task-slots.ts';
import { freeze } from './step-checks.ts';

type Persist = Extract<JobEffect, { kind: 'persist' }>;

interface Stored<T> {
  /** As it comes back from its JSON text. */
  readonly record: T;
  /** What was given to be stored. */
  readonly given: T;
}

export class JobStore {
  /** Finished tasks in the order in which they were archived. */
  readonly archive: TaskRecord[] = [];
  readonly #jobs = new Map<string, Stored<JobRecord>>();
  readonly #tasks = new Map<string, Stored<TaskRecord>>();

  write({ jobId, job, tasks, archived, jobArchived }: Persist): void {
    if (job !== undefined) this.#jobs.set(jobId, stored(job));
    for (const { id } of archived) this.#tasks.delete(id);
    this.archive.push(...archived);
    for (const task of tasks) this.#tasks.set(task.id, stored(task));
    if (jobArchived) this.#jobs.delete(jobId);
  }

  /** Of a job that has left the active set: undefined. The order of the tasks is not that of their indexes. */
  load(jobId: string): JobState | undefined {
    const job = this.#jobs.get(jobId);
    if (job === undefined) return undefined;
    const tasks = this.#of(jobId).map(({ record }) => record);
    return assembleJob(job.record, tasks.reverse());
  }

  /** Whether what was stored last are the very records of this state. */
  hasStored({ job, slots }: JobState): boolean {
    const tasks = [...tasksIn(slots)];
    const isStored = (task: TaskRecord) => this.#tasks.get(task.id)?.given === task;
    const isAll = tasks.length === this.#of(job.id).length && tasks.every(isStored);
    return isAll && this.#jobs.get(job.id)?.given === job;
  }

  /** After a load the records of this state are what is stored. */
  adopt({ job, slots }: JobState): void {
    this.#jobs.set(job.id, { ...this.#jobs.get(job.id)!, given: job });
    for (const task of tasksIn(slots))
      this.#tasks.set(task.id, { ...this.#tasks.get(task.id)!, given: task });
  }

  /** Ids of tasks that are stored as active. */
  activeIds(): string[] {
    return [...this.#tasks.keys()];
  }

  /** Of these, those that have not finished: all that a driver finds again after a crash. */
  unfinishedIds(): string[] {
    return [...this.#tasks.values()]
      .filter(({ record }) => record.status.state !== 'finished')
      .map(({ record }) => record.id);
  }

  #of(jobId: string): Stored<TaskRecord>[] {
    return [...this.#tasks.values()].filter(({ record }) => record.jobId === jobId);
  }
}

function stored<T>(given: T): Stored<T> {
  return { record: freeze(JSON.parse(JSON.stringify(given)) as T), given };
}
