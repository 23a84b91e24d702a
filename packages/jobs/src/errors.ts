/**
 * Failures that a caller of the job managers can cause, and the reasons for which an event is refused. The table is the
 * one list of the codes of this package; `docs/errors.md` is checked against it. What is refused has changed nothing.
 */
import { StowageError } from '@stowage/core';

/**
 * Codes of `@stowage/jobs`, each with the situation it reports. Those up to `INVALID_JOB_RECORD` are thrown; the others
 * are the reasons of rejections, which are values.
 * @public
 */
export const JOB_ERRORS = {
  INVALID_JOB_OPTION: 'An option of a job manager is out of its range.',
  INVALID_JOB_RECORD: 'A stored job, task or quota is not what this version has written.',
  INVALID_JOB_SPEC: 'Fields of a job spec are missing or out of their limits.',
  JOB_NOT_FOUND: 'There is no active job of this id.',
  TASK_NOT_FOUND: 'There is no active task of this id.',
  DUPLICATE_JOB: 'An active job has this id.',
  DUPLICATE_SEQUENCE: 'An active job has the same application, stack, detail and sequence.',
  TOO_MANY_JOBS: 'There are as many active jobs as there may be.',
  JOB_TERMINATING: 'The job is being killed or has finished.',
  TASK_TERMINATING: 'The task is being killed or has finished.',
  NOT_A_SERVICE: 'Only service jobs can do this.',
  INVALID_CAPACITY: 'The capacity does not satisfy 0 ≤ min ≤ desired ≤ max ≤ limit.',
  CAPACITY_LOCKED: 'Increasing or decreasing the desired capacity is disabled for the job.',
  SHRINK_BELOW_MIN: 'The job would shrink below its minimum.',
  INVALID_EVENT: 'The event does not have the form of any event.',
  STALE_STATUS: 'The task has that state already, or one after it.',
  ILLEGAL_TRANSITION: 'The task cannot come to this state from the one it is in.',
  SAME_JOB: 'Source and target of a move are one job.',
  JOBS_NOT_COMPATIBLE: 'The containers of source and target of a move differ.',
  BELOW_MIN_CAPACITY: 'The source of a move would fall below its minimum.',
  ABOVE_MAX_CAPACITY: 'The target of a move would exceed its maximum.',
  TASK_NOT_STARTED: 'Only started tasks are evicted under a budget.',
  NO_EVICTION_QUOTA: 'The budgets of the job or the system allow no eviction now.',
} as const;

/** @public */
export type JobErrorCode = keyof typeof JOB_ERRORS;

/** Why an event was refused; the state is as it was. @public */
export interface Rejection {
  readonly code: JobErrorCode;
  /** What is wrong and what to do. */
  readonly message: string;
}

/** Throws; typed `never` so that callers need no return after it. */
export function fail(code: JobErrorCode, message: string): never {
  throw new StowageError(code, message);
}
