/**
 * What survives the control plane: records of active jobs and tasks, as `persist` effects write them, and the interface
 * that each placed task has booked. Tells what a write has changed, so that others can count without looking at all.
 */
import type { JobEffect, JobRecord, TaskRecord } from '@stowage/jobs';

export type Persist = Extract<JobEffect, { kind: 'persist' }>;

/** One task before and after a write; undefined = it was not there, or has left. */
export interface StoredChange {
  readonly before: TaskRecord | undefined;
  readonly after: TaskRecord;
  readonly isArchived: boolean;
}

export class TaskStore {
  readonly jobs: Map<string, JobRecord> = new Map();
  readonly tasks: Map<string, TaskRecord> = new Map();
  /** Number of the booked interface by task. */
  readonly slots: Map<string, number> = new Map();

  /** Writes as a whole. @returns the tasks that it is about, each with its state before */
  write({ jobId, job, tasks, archived, jobArchived }: Persist): StoredChange[] {
    if (jobArchived) this.jobs.delete(jobId);
    else if (job !== undefined) this.jobs.set(jobId, job);
    const changes: StoredChange[] = [];
    for (const after of archived) {
      changes.push({ before: this.tasks.get(after.id), after, isArchived: true });
      this.tasks.delete(after.id);
      this.slots.delete(after.id);
    }
    for (const after of tasks) {
      changes.push({ before: this.tasks.get(after.id), after, isArchived: false });
      this.tasks.set(after.id, after);
    }
    return changes;
  }
}
