/**
 * The change stream of a manager: a bounded ring of the newest changes, and readers that pull. Nobody is waited for and
 * nothing is queued per reader. Numbers go on over a restart when the driver says where; the snapshot protocol is that of
 * Titus' ObserveJobs.
 */
import { countOption, functionOption } from '../option-checks.ts';
import { type ChangeCursor, type CursorHost, type JobFilter, LogCursor } from './change-cursor.ts';
import { ChangeRing } from './change-ring.ts';
import type { JobChange } from './job-change.ts';
import type { JobRecord } from '../model/job-record.ts';
import type { JobState } from '../model/job-state.ts';
import type { TaskRecord } from '../model/task-record.ts';

/** @public */
export interface ChangeStreamOptions {
  /** Changes that are held for readers that are behind or come back, at least 1. Default 65,536. */
  readonly capacity?: number;
  /**
   * Number of the first change, at least 1; after a restart one more than the last that was given out, so that readers go
   * on with `from`. When that is not known for sure, a number above every one given out makes them start anew. Default 1.
   */
  readonly firstSequence?: number;
}

/** @public */
export interface CursorOptions {
  /** What `sequence` of an earlier cursor was: only later changes are told. Default: a snapshot comes first. */
  readonly from?: number;
  /**
   * Tells of some jobs and their tasks only, of a move when it concerns one of them. It must go by what stays the same in
   * a job's life, such as its application. Default: all.
   */
  readonly jobs?: JobFilter;
}

/** Exceptions that listeners have thrown; they are caught, so that nobody else is harmed. @public */
export interface ListenerErrors {
  readonly count: number;
  readonly last: unknown;
}

/** Where changes of jobs and tasks are read. @public */
export interface ChangeStream {
  /** Number of the newest change. */
  readonly sequence: number;
  readonly listenerErrors: ListenerErrors;
  /** O(active jobs) without `from`, otherwise O(1). @throws StowageError INVALID_JOB_OPTION and what the filter throws */
  open(options?: CursorOptions): ChangeCursor;
}

/** The change stream with its writing side. */
export class ChangeLog implements ChangeStream, CursorHost {
  readonly ring: ChangeRing;
  readonly #states: () => Iterable<JobState>;
  readonly #armed = new Set<LogCursor>();
  readonly #withSnapshot = new Set<LogCursor>();
  #wasOpened = false;
  #toldUpTo: number;
  #errors: ListenerErrors = { count: 0, last: undefined };

  /** @param states - the active jobs at the moment of the call. @throws StowageError INVALID_JOB_OPTION */
  constructor(options: ChangeStreamOptions | undefined, states: () => Iterable<JobState>) {
    const { capacity = 65_536, firstSequence = 1 } = options ?? {};
    this.ring = new ChangeRing(
      countOption(capacity, 1, 'capacity of changes'),
      countOption(firstSequence, 1, 'firstSequence of changes'),
    );
    this.#toldUpTo = this.ring.last;
    this.#states = states;
  }

  get sequence(): number {
    return this.ring.last;
  }

  get listenerErrors(): ListenerErrors {
    return this.#errors;
  }

  /** Whether there was a change or a reader. */
  get isUsed(): boolean {
    return this.#wasOpened || this.ring.oldest <= this.ring.last;
  }

  open(options: CursorOptions = {}): ChangeCursor {
    const { from, jobs = everyJob } = options;
    functionOption(jobs, 'jobs of open');
    if (from !== undefined) {
      const cursor = new LogCursor(this, countOption(from, 0, 'from of open'), jobs, undefined);
      this.#wasOpened = true;
      return cursor;
    }
    const states = [...this.#states()].filter(({ job }) => jobs(job));
    const cursor = new LogCursor(this, this.ring.last, jobs, states);
    this.#withSnapshot.add(cursor);
    this.#wasOpened = true;
    return cursor;
  }

  arm(cursor: LogCursor): void {
    this.#armed.add(cursor);
  }

  forget(cursor: LogCursor): void {
    this.#armed.delete(cursor);
    this.#withSnapshot.delete(cursor);
  }

  jobUpdated(job: JobRecord, archived: boolean): void {
    const change: JobChange = { kind: 'job-updated', sequence: this.ring.last + 1, job, archived };
    this.ring.push({ change, job, fromJob: undefined });
  }

  /** @param job - that of the task. @param fromJob - with a move, the job that the task has left */
  taskUpdated(task: TaskRecord, archived: boolean, job: JobRecord, fromJob: JobRecord | undefined): void {
    const change: JobChange = {
      kind: 'task-updated',
      sequence: this.ring.last + 1,
      task,
      archived,
      movedFromJob: fromJob?.id,
    };
    this.ring.push({ change, job, fromJob });
  }

  /** Tells listeners that there is more, once after all changes of a call. O(1) when nobody listens. */
  flush(): void {
    if (this.ring.last === this.#toldUpTo) return;
    this.#toldUpTo = this.ring.last;
    for (const cursor of this.#withSnapshot) {
      cursor.dropStaleSnapshot();
      if (!cursor.hasSnapshot) this.#withSnapshot.delete(cursor);
    }
    const armed = [...this.#armed];
    this.#armed.clear();
    for (const cursor of armed) {
      try {
        cursor.call();
      } catch (error) {
        this.#errors = { count: this.#errors.count + 1, last: error };
      }
    }
  }
}

function everyJob(): boolean {
  return true;
}
