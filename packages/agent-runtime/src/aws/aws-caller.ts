/**
 * Calls AWS with bounded tries, exponential back-off and full jitter ("Exponential Backoff And Jitter", AWS Architecture
 * Blog, 2015). The retries of the SDK itself are switched off where the agent makes the client, so that tries do not
 * multiply. Invariant: a call that is not repeatable is repeated only when AWS said that it was not carried out.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { AwsCallError, failureKind } from './aws-errors.ts';

/** The outside world of time; tests put a clock of their own here. */
export interface AwsTiming {
  /** Milliseconds since the epoch. */
  nowMs(): number;
  /** @throws `signal.reason` when it aborts */
  sleep(delayMs: number, signal: AbortSignal): Promise<void>;
  /** In [0, 1). */
  random(): number;
}

export const SYSTEM_TIMING: AwsTiming = {
  nowMs: () => Date.now(),
  sleep: async (delayMs, signal) => {
    try {
      // A signal of this sleep's own: Node warns of more than ten listeners at one.
      await delay(delayMs, undefined, { signal: AbortSignal.any([signal]) });
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    }
  },
  random: () => Math.random(),
};

/** @public */
export interface AwsRetryOptions {
  /** Tries of one call, including the first. Default 6. */
  readonly tries?: number;
  /** Upper bound of the first delay; it doubles with every try. Default 200 ms. */
  readonly baseDelayMs?: number;
  /** Default 10,000 ms. */
  readonly maxDelayMs?: number;
  /** For one try; then it counts as unanswered. Default 10,000 ms. */
  readonly tryTimeoutMs?: number;
}

export interface AwsCallOptions {
  readonly abortSignal: AbortSignal;
}

export class AwsCaller {
  readonly timing: AwsTiming;
  readonly #tries: number;
  readonly #baseDelayMs: number;
  readonly #maxDelayMs: number;
  readonly #tryTimeoutMs: number;

  constructor(options: AwsRetryOptions = {}, timing: AwsTiming = SYSTEM_TIMING) {
    this.timing = timing;
    this.#tries = options.tries ?? 6;
    this.#baseDelayMs = options.baseDelayMs ?? 200;
    this.#maxDelayMs = options.maxDelayMs ?? 10_000;
    this.#tryTimeoutMs = options.tryTimeoutMs ?? 10_000;
  }

  /**
   * @param repeatable whether carrying the call out twice is the same as once
   * @throws AwsCallError when AWS refuses it or the tries are used up; `signal.reason` when `signal` aborts
   */
  async call<T>(
    action: string,
    repeatable: boolean,
    send: (options: AwsCallOptions) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T> {
    let mayBeDone = false;
    for (let tries = 1; ; tries++) {
      signal.throwIfAborted();
      try {
        return await send({
          abortSignal: AbortSignal.any([signal, AbortSignal.timeout(this.#tryTimeoutMs)]),
        });
      } catch (error) {
        signal.throwIfAborted();
        const kind = failureKind(error);
        if (kind === 'unclear') mayBeDone = true;
        const again = kind === 'throttled' || (kind === 'unclear' && repeatable);
        if (!again || tries >= this.#tries) throw new AwsCallError(action, error, kind, mayBeDone, tries);
      }
      await this.timing.sleep(this.#delayMs(tries), signal);
    }
  }

  #delayMs(tries: number): number {
    return this.timing.random() * Math.min(this.#maxDelayMs, this.#baseDelayMs * 2 ** (tries - 1));
  }
}
