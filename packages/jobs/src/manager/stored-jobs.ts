/**
 * Jobs from what a store holds, in whatever order. A job of which any record is bad is left out as a whole: acting on half
 * of it would start tasks that run already. Whether so many may be left out is the operator's decision; the guard is
 * Titus', who once came up with nothing and killed what ran.
 */
import { show } from '@stowage/core';
import { fail } from '../errors.ts';
import { grouped } from '../grouped.ts';
import { assembleJob } from '../model/assemble-job.ts';
import type { JobRecord } from '../model/job-record.ts';
import type { JobState } from '../model/job-state.ts';
import type { TaskRecord } from '../model/task-record.ts';
import { tasksIn } from '../model/task-slots.ts';
import type { JobSpec } from '../spec/job-spec.ts';
import { isJobId } from './submission.ts';

/** What `persist` effects have left in the store, also as parsed JSON. @public */
export interface StoredJobs {
  readonly jobs: Iterable<JobRecord>;
  readonly tasks: Iterable<TaskRecord>;
}

/** A bad record, and what was left out for it. @public */
export interface StoredProblem {
  /** Undefined when the record does not tell. */
  readonly jobId: string | undefined;
  /** Tasks that nobody manages now; they may run. */
  readonly taskIds: readonly string[];
  readonly message: string;
}

/** @param specOf - a stored spec in the form of today, or an exception. O(jobs + tasks) */
export function assembleStored(
  stored: StoredJobs,
  specOf: (spec: unknown) => JobSpec,
): { states: JobState[]; problems: StoredProblem[] } {
  const jobs = byName(stored.jobs, (job) => job.id);
  const tasks = byName(stored.tasks, (task) => task.jobId);
  const states: JobState[] = [];
  const problems: StoredProblem[] = [];
  const taskIds = new Set<string>();
  for (const [id, records] of jobs.named) {
    const own = tasks.named.get(id) ?? [];
    try {
      if (records.length > 1)
        fail('INVALID_JOB_RECORD', `job ${show(id)} is stored ${records.length} times.`);
      const state = assembled(records[0], own, specOf);
      for (const task of tasksIn(state.slots)) {
        if (taskIds.has(task.id)) fail('INVALID_JOB_RECORD', `task ${show(task.id)} is stored twice.`);
        taskIds.add(task.id);
      }
      states.push(state);
    } catch (error) {
      problems.push(problem(id, own, error instanceof Error ? error.message : String(error)));
    }
  }
  for (const _ of jobs.nameless) problems.push(problem(undefined, [], 'A job has no id.'));
  for (const task of tasks.nameless) problems.push(problem(undefined, [task], 'A task names no job.'));
  for (const [id, own] of tasks.named)
    if (!jobs.named.has(id))
      problems.push(problem(id, own, 'These tasks belong to a job that is not stored.'));
  return { states, problems };
}

/** Records by a name in them; those that are no objects, or have none, apart. */
function byName<T>(
  records: Iterable<T>,
  nameOf: (record: T) => unknown,
): { named: Map<string, T[]>; nameless: T[] } {
  const groups = grouped(records, (record) => {
    const name = typeof record === 'object' && record !== null ? nameOf(record) : undefined;
    return typeof name === 'string' ? name : undefined;
  });
  const nameless = groups.get(undefined) ?? [];
  groups.delete(undefined);
  return { named: groups as Map<string, T[]>, nameless };
}

function assembled(
  job: JobRecord,
  tasks: readonly TaskRecord[],
  specOf: (spec: unknown) => JobSpec,
): JobState {
  if (!isJobId(job.id)) fail('INVALID_JOB_RECORD', `a job has the id ${show(job.id)}.`);
  if ((job as Partial<JobRecord>).status?.state === 'finished')
    fail('INVALID_JOB_RECORD', `job "${job.id}" has finished; it belongs into the archive.`);
  return assembleJob({ ...job, spec: specOf(job.spec) }, tasks);
}

function problem(jobId: string | undefined, tasks: readonly unknown[], message: string): StoredProblem {
  const ids = tasks.map((task) => (task as Partial<TaskRecord> | null)?.id);
  return { jobId, taskIds: ids.filter((id) => typeof id === 'string'), message };
}
