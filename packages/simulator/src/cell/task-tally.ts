/**
 * Counts of what tasks do, kept with every write to the store: how many are in which state, what they came to, and how
 * long that took. O(1) per transition.
 */
import { RETRY_VERDICTS, type TaskEndReason, type TaskRecord } from '@stowage/jobs';
import type { TaskState } from '@stowage/protocol';
import type { StoredChange } from './task-store.ts';

type Ends = Partial<Record<TaskEndReason, number>>;

/** What has happened since a moment. */
export class TaskFlow {
  created = 0;
  launches = 0;
  starts = 0;
  readonly ends: Ends = {};
  /** From accepted to placed, and to started, in ms. */
  readonly waitsMs: number[] = [];
  readonly startsMs: number[] = [];
}

export class TaskTally {
  /** Tasks that are not finished, by state. */
  readonly states: Record<Exclude<TaskState, 'finished'>, number> = {
    accepted: 0,
    launched: 0,
    'start-initiated': 0,
    started: 0,
    'kill-initiated': 0,
  };
  /** Tasks whose chain is in a crash loop. */
  crashLoops = 0;
  readonly #crashLoopFailures: number;
  readonly #transitions: (task: TaskRecord, state: TaskState) => void;
  #interval = new TaskFlow();
  readonly #totals = new TaskFlow();

  /** @param transitions - called with every state that a task comes to */
  constructor(crashLoopFailures: number, transitions: (task: TaskRecord, state: TaskState) => void) {
    this.#crashLoopFailures = crashLoopFailures;
    this.#transitions = transitions;
  }

  /** Since the beginning; without times. */
  get totals(): Readonly<TaskFlow> {
    return this.#totals;
  }

  /** What has happened since the last call. */
  takeInterval(): TaskFlow {
    const interval = this.#interval;
    this.#interval = new TaskFlow();
    return interval;
  }

  note({ before, after, isArchived }: StoredChange): void {
    const from = before?.status.state;
    const to = after.status.state;
    if (from !== to) {
      if (from !== undefined && from !== 'finished') this.states[from]--;
      if (to !== 'finished') this.states[to]++;
    }
    this.crashLoops += Number(!isArchived && this.#isLooping(after)) - Number(this.#isLooping(before));
    const known = before === undefined ? 0 : before.history.length + 1;
    for (let i = known; i <= after.history.length; i++) {
      const { state, reason, atMs } = after.history[i] ?? after.status;
      const tookMs = atMs - (after.history[0] ?? after.status).atMs;
      this.#count(this.#totals, state, reason as TaskEndReason);
      this.#count(this.#interval, state, reason as TaskEndReason);
      if (state === 'launched') this.#interval.waitsMs.push(tookMs);
      if (state === 'started') this.#interval.startsMs.push(tookMs);
      this.#transitions(after, state);
    }
  }

  #isLooping(task: TaskRecord | undefined): boolean {
    return task !== undefined && task.quickFailures >= this.#crashLoopFailures;
  }

  #count(flow: TaskFlow, state: TaskState, reason: TaskEndReason): void {
    if (state === 'accepted') flow.created++;
    else if (state === 'launched') flow.launches++;
    else if (state === 'started') flow.starts++;
    else if (state === 'finished') flow.ends[reason] = (flow.ends[reason] ?? 0) + 1;
  }
}

/** Reasons in the order of the table, for equal texts of equal counts. */
export function orderedEnds(ends: Readonly<Ends>): Ends {
  const reasons = Object.keys(RETRY_VERDICTS) as TaskEndReason[];
  return Object.fromEntries(
    reasons.flatMap((reason) => (ends[reason] === undefined ? [] : [[reason, ends[reason]]])),
  );
}
