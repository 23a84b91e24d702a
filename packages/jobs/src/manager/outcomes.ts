/**
 * Counters behind the three objectives by which Titus' operators judged it (QCon 2018): availability, crash rate and start
 * latency. They only grow, so a reading of any stretch of time is the difference of two. Fed with every change of a job or
 * task, O(1) each. They count from the start of this manager; nothing of them is stored.
 */
import type { JobRecord } from '../model/job-record.ts';
import type { JobState } from '../model/job-state.ts';
import type { TaskRecord } from '../model/task-record.ts';
import { timeOption } from '../option-checks.ts';
import { KindCounters, type KindOutcomes } from './kind-outcomes.ts';

/** @public */
export interface OutcomesReading {
  /** Task-milliseconds of services that are not being killed. */
  readonly availability: {
    /** Desired. */
    readonly desiredMs: number;
    /** Of these, started; what a job has above its desired size does not make up for another. */
    readonly startedMs: number;
    /** `startedMs / desiredMs`, 0 to 1; undefined when nothing was desired. */
    readonly share: number | undefined;
  };
  readonly batch: KindOutcomes;
  readonly service: KindOutcomes;
}

/** @public */
export interface Outcomes {
  /**
   * O(1).
   * @param nowMs - as at the calls of the manager; availability is counted up to here
   * @throws StowageError INVALID_JOB_OPTION when `nowMs` is no time
   */
  read(nowMs: number): OutcomesReading;
}

/** The outcomes with their writing side. */
export class OutcomeCounters implements Outcomes {
  readonly #kinds = { batch: new KindCounters(), service: new KindCounters() };
  #desired = 0;
  #started = 0;
  #desiredMs = 0;
  #startedMs = 0;
  #countedToMs = Number.NaN;

  read(nowMs: number): OutcomesReading {
    this.#countTo(timeOption(nowMs));
    const [desiredMs, startedMs] = [this.#desiredMs, this.#startedMs];
    return {
      availability: { desiredMs, startedMs, share: desiredMs > 0 ? startedMs / desiredMs : undefined },
      batch: this.#kinds.batch.read(),
      service: this.#kinds.service.read(),
    };
  }

  /** A job has changed, its tasks included. Undefined: it was not active before, or is not any more. */
  jobChanged(before: JobState | undefined, after: JobState | undefined, nowMs: number): void {
    const desired = desiredTasks(after) - desiredTasks(before);
    const started = availableTasks(after) - availableTasks(before);
    if (desired === 0 && started === 0) return;
    this.#countTo(nowMs);
    this.#desired += desired;
    this.#started += started;
  }

  /** A task has changed. @param before - undefined when it is new */
  taskChanged(job: JobRecord, before: TaskRecord | undefined, after: TaskRecord): void {
    if (before?.status === after.status) return;
    const counters = this.#kinds[job.spec.kind];
    const known = before === undefined ? 0 : before.history.length + 1;
    for (let i = known; i <= after.history.length; i++)
      counters.count(after, after.history[i] ?? after.status);
  }

  /** Time that runs backwards counts as standing still. */
  #countTo(nowMs: number): void {
    const passedMs = nowMs - this.#countedToMs;
    if (passedMs < 0) return;
    if (passedMs > 0) {
      this.#desiredMs += this.#desired * passedMs;
      this.#startedMs += this.#started * passedMs;
    }
    this.#countedToMs = nowMs;
  }
}

function desiredTasks(state: JobState | undefined): number {
  if (state === undefined || state.job.status.state !== 'accepted') return 0;
  const { spec } = state.job;
  return spec.kind === 'service' ? spec.capacity.desired : 0;
}

function availableTasks(state: JobState | undefined): number {
  return state === undefined ? 0 : Math.min(state.counts.started, desiredTasks(state));
}
