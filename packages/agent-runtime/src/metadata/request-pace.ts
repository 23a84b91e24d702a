/**
 * Spreads the requests of one container over time: a burst passes at once, then each waits for its turn. Together with
 * the limit of connections a container that asks in a loop slows itself down and not its neighbours. The arithmetic is
 * the generic cell rate algorithm (ITU-T I.371): one number, no queue.
 */

export class RequestPace {
  readonly #gapMs: number;
  readonly #burstMs: number;
  /** When a bucket that is filled by the requests so far would be empty. */
  #emptyAtMs = -Infinity;

  /** @param perSecond requests in the long run, above 0 @param burst requests that pass without a wait, at least 1 */
  constructor(perSecond: number, burst: number) {
    this.#gapMs = 1_000 / perSecond;
    this.#burstMs = burst * this.#gapMs;
  }

  /**
   * Counts a request, unless it would have to wait for longer than `mostWaitMs`.
   * @returns how long it has to wait, in milliseconds, 0 or more; undefined when it was not counted
   */
  next(nowMs: number, mostWaitMs: number): number | undefined {
    const emptyAtMs = Math.max(this.#emptyAtMs, nowMs) + this.#gapMs;
    const waitMs = Math.max(0, emptyAtMs - this.#burstMs - nowMs);
    if (waitMs > mostWaitMs) return undefined;
    this.#emptyAtMs = emptyAtMs;
    return waitMs;
  }
}
