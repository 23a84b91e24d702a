/**
 * What became of the tasks of one job kind: how many came to be started and how soon, and how they ended.
 */
import { RETRY_VERDICTS, type TaskEndReason } from '../model/task-reasons.ts';
import type { TaskRecord, TaskTransition } from '../model/task-record.ts';
import { LatencyHistogram, type LatencyReading } from './latency-histogram.ts';

/**
 * What an end says of a task that was started: wanted by someone or in order, a failure of the task's own, or one of the
 * system that runs it.
 */
const END_KINDS = {
  normal: 'wanted',
  killed: 'wanted',
  evicted: 'wanted',
  'scaled-down': 'wanted',
  'stuck-in-killing-state': 'wanted',
  failed: 'own',
  'out-of-memory': 'own',
  'invalid-request': 'own',
  'runtime-limit-exceeded': 'own',
  unavailable: 'system',
  'timed-out': 'system',
  'local-system-error': 'system',
  lost: 'system',
  'stuck-in-state': 'system',
  crashed: 'system',
  'transient-system-error': 'system',
} as const satisfies Record<TaskEndReason, 'wanted' | 'own' | 'system'>;

/** Of the tasks of one job kind. @public */
export interface KindOutcomes {
  /** Tasks that were made, replacements included. */
  readonly created: number;
  /** Tasks that came to be started. */
  readonly starts: number;
  /** Of all tasks, started before or not, by reason. */
  readonly ends: Readonly<Record<TaskEndReason, number>>;
  /** Started tasks that ended by a failure of their own. */
  readonly crashed: number;
  /** Started tasks that the system ended, evictions left out. */
  readonly endedBySystem: number;
  /** (`crashed` + `endedBySystem`) / `starts`, 0 to 1; undefined before the first start. */
  readonly crashRate: number | undefined;
  /** From accepted to started. */
  readonly startLatency: LatencyReading;
}

export class KindCounters {
  #created = 0;
  #starts = 0;
  #crashed = 0;
  #endedBySystem = 0;
  readonly #ends = Object.fromEntries(Object.keys(RETRY_VERDICTS).map((reason) => [reason, 0])) as Record<
    TaskEndReason,
    number
  >;
  readonly #startLatency = new LatencyHistogram();

  count(task: TaskRecord, transition: TaskTransition): void {
    if (transition.state === 'accepted') this.#created++;
    else if (transition.state === 'started') {
      this.#starts++;
      this.#startLatency.add(transition.atMs - task.history[0].atMs);
    } else if (transition.state === 'finished') this.#countEnd(task, transition.reason as TaskEndReason);
  }

  read(): KindOutcomes {
    const failures = this.#crashed + this.#endedBySystem;
    return {
      created: this.#created,
      starts: this.#starts,
      ends: { ...this.#ends },
      crashed: this.#crashed,
      endedBySystem: this.#endedBySystem,
      crashRate: this.#starts > 0 ? failures / this.#starts : undefined,
      startLatency: this.#startLatency.read(),
    };
  }

  #countEnd(task: TaskRecord, reason: TaskEndReason): void {
    this.#ends[reason]++;
    if (!task.history.some(({ state }) => state === 'started')) return;
    if (END_KINDS[reason] === 'own') this.#crashed++;
    else if (END_KINDS[reason] === 'system') this.#endedBySystem++;
  }
}
