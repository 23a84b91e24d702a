/**
 * A reader's place in the change stream. It first tells the states that were captured when it was opened, which are values
 * and so stand still, and then follows the ring. Once the ring has lost what comes next, the snapshot is let go and the
 * reader told to start anew; so what a slow or forgotten reader holds is bounded by the ring.
 */
import { countOption, functionOption } from '../option-checks.ts';
import type { ChangeRing } from './change-ring.ts';
import type { JobChange, LoggedChange } from './job-change.ts';
import type { JobRecord } from '../model/job-record.ts';
import type { JobState } from '../model/job-state.ts';
import { tasksIn } from '../model/task-slots.ts';

/** Which jobs a cursor tells of, by what does not change in a job's life. @public */
export type JobFilter = (job: JobRecord) => boolean;

/** One reader of the change stream. @public */
export interface ChangeCursor {
  /**
   * Number up to which everything has been read: what `open` takes as `from`. Undefined within a snapshot, which cannot be
   * resumed.
   */
  readonly sequence: number | undefined;
  /**
   * The next changes, at most `max` of them, an integer of at least 1; fewer when the end is reached. An exception of
   * the filter passes through and closes the cursor, whose `sequence` stays. O(read + skipped by the filter).
   * @throws StowageError INVALID_JOB_OPTION
   */
  read(max: number): readonly JobChange[];
  /**
   * Calls the listener, once, as soon as something follows what has been read, and again after each `read` that has
   * reached the end. It is called at the end of the call that brought the change; it may read, not change anything.
   * A cursor has one listener; another one takes its place.
   * @throws StowageError INVALID_JOB_OPTION
   */
  onChange(listener: () => void): void;
  /** Lets everything go; later reads return nothing. */
  close(): void;
}

/** What cursors need of the log. */
export interface CursorHost {
  readonly ring: ChangeRing;
  /** The cursor's listener is to be called with the next change. */
  arm(cursor: LogCursor): void;
  forget(cursor: LogCursor): void;
}

/** A cursor of `ChangeLog`. */
export class LogCursor implements ChangeCursor {
  readonly #host: CursorHost;
  readonly #filter: JobFilter;
  #snapshot: Iterator<JobChange> | undefined;
  /** Changes up to this one are read or in the snapshot. */
  #position: number;
  #resumable: boolean;
  #state: 'open' | 'lost' | 'closed' = 'open';
  #listener: (() => void) | undefined;

  /** @param states - to be told first; undefined when the reader goes on after `position` */
  constructor(
    host: CursorHost,
    position: number,
    filter: JobFilter,
    states: readonly JobState[] | undefined,
  ) {
    this.#host = host;
    this.#position = position;
    this.#filter = filter;
    this.#resumable = states === undefined;
    if (states !== undefined) this.#snapshot = snapshotOf(states, position);
    else if (position > host.ring.last) this.#state = 'lost';
  }

  get sequence(): number | undefined {
    return this.#resumable ? this.#position : undefined;
  }

  read(max: number): readonly JobChange[] {
    countOption(max, 1, 'max of read');
    if (this.#state === 'closed') return [];
    if (this.#isLost()) {
      this.close();
      return [{ kind: 'snapshot-required', sequence: this.#host.ring.last }];
    }
    const changes: JobChange[] = [];
    try {
      this.#readSnapshot(changes, max);
      if (this.#snapshot === undefined) this.#readRing(changes, max);
    } catch (error) {
      this.close();
      throw error;
    }
    const atEnd = this.#snapshot === undefined && this.#position === this.#host.ring.last;
    if (atEnd && this.#listener !== undefined) this.#host.arm(this);
    return changes;
  }

  onChange(listener: () => void): void {
    this.#listener = functionOption(listener, 'listener of onChange');
    if (this.#state !== 'closed') this.#host.arm(this);
  }

  close(): void {
    this.#state = 'closed';
    this.#snapshot = undefined;
    this.#listener = undefined;
    this.#host.forget(this);
  }

  /** Calls the listener. @throws what it throws */
  call(): void {
    this.#listener?.();
  }

  /** Lets go of a snapshot that nothing can follow. */
  dropStaleSnapshot(): void {
    if (this.#isLost()) this.#snapshot = undefined;
  }

  get hasSnapshot(): boolean {
    return this.#snapshot !== undefined;
  }

  #isLost(): boolean {
    if (this.#position < this.#host.ring.oldest - 1) this.#state = 'lost';
    return this.#state === 'lost';
  }

  #readSnapshot(changes: JobChange[], max: number): void {
    while (this.#snapshot !== undefined && changes.length < max) {
      const next = this.#snapshot.next();
      if (next.done !== true) changes.push(next.value);
      else {
        this.#snapshot = undefined;
        changes.push({ kind: 'snapshot-end', sequence: this.#position });
        this.#resumable = true;
      }
    }
  }

  #readRing(changes: JobChange[], max: number): void {
    const { ring } = this.#host;
    let position = this.#position;
    while (position < ring.last && changes.length < max) {
      const logged = ring.at(++position);
      if (this.#concerns(logged)) changes.push(logged.change);
    }
    this.#position = position;
  }

  #concerns({ job, fromJob }: LoggedChange): boolean {
    return this.#filter(job) || (fromJob !== undefined && this.#filter(fromJob));
  }
}

function* snapshotOf(states: readonly JobState[], sequence: number): Generator<JobChange> {
  for (const { job, slots } of states) {
    yield { kind: 'job-updated', sequence, job, archived: false };
    for (const task of tasksIn(slots))
      yield { kind: 'task-updated', sequence, task, archived: false, movedFromJob: undefined };
  }
}
