/**
 * Holds back mass kills of tasks that seem to be stuck: when very many are, it is rather the news of them that is. A token
 * bucket; a task that finds it empty is promised the next token and comes back when that is due, so tasks are killed in
 * the order in which they asked and none is passed over. Titus has such a bucket; the promises are ours.
 */
import { countOption, positiveOption } from '../option-checks.ts';

/** @public */
export interface StuckKillOptions {
  /** Kills at once after a quiet time, at least 1. Default 100. */
  readonly capacity?: number;
  /** Kills a second that go on, above 0. Default 1. */
  readonly refillPerSecond?: number;
}

/** Sums of refills are this much off at most. */
const EPSILON = 1e-6;

/** Promises are bounded by the live tasks that are stuck. */
export class StuckGuard {
  readonly #capacity: number;
  readonly #refillPerMs: number;
  #tokens: number;
  #refilledAtMs = -Infinity;
  /** Each of these tasks has a claim to one token, those that are to come included. */
  readonly #promisedMs = new Map<string, number>();

  /** @throws StowageError INVALID_JOB_OPTION */
  constructor(options: StuckKillOptions = {}) {
    const { capacity = 100, refillPerSecond = 1 } = options;
    this.#capacity = countOption(capacity, 1, 'capacity of stuckKills');
    this.#refillPerMs = positiveOption(refillPerSecond, 'refillPerSecond of stuckKills') / 1000;
    this.#tokens = this.#capacity;
  }

  /**
   * Undefined: kill it now, the token is taken. Otherwise when to ask again; asking earlier gives the same time. Who comes
   * so late that the bucket has run over in between may get another time. O(1).
   */
  delayUntilMs(taskId: string, nowMs: number): number | undefined {
    const promisedMs = this.#promisedMs.get(taskId);
    if (promisedMs !== undefined && nowMs < promisedMs) return promisedMs;
    this.#refill(nowMs);
    this.#promisedMs.delete(taskId);
    const claims = promisedMs === undefined ? this.#promisedMs.size : 0;
    if (this.#tokens + EPSILON >= claims + 1) {
      this.#tokens--;
      return undefined;
    }
    const missing = this.#promisedMs.size + 1 - this.#tokens;
    const dueMs = Math.max(this.#refilledAtMs, nowMs) + Math.ceil(missing / this.#refillPerMs - EPSILON);
    this.#promisedMs.set(taskId, dueMs);
    return dueMs;
  }

  /** The task has gone on or ended: it needs no token any more. */
  forget(taskId: string): void {
    this.#promisedMs.delete(taskId);
  }

  /** No stretch of time counts twice: when the clock goes back, tokens wait until it is where it was. */
  #refill(nowMs: number): void {
    if (nowMs <= this.#refilledAtMs) return;
    const gained = (nowMs - this.#refilledAtMs) * this.#refillPerMs;
    this.#tokens = Math.min(this.#capacity, this.#tokens + gained);
    this.#refilledAtMs = nowMs;
  }
}
