/**
 * How long tasks waited, as counts above thresholds: numbers that can be added up over services and time.
 */

/** Ascending thresholds in ms: 1 s, 10 s, then those that Titus reports, 1, 5, 10 and 15 min. @public */
export const WAIT_THRESHOLDS_MS: readonly number[] = [1_000, 10_000, 60_000, 300_000, 600_000, 900_000];

/** @public */
export interface WaitCounts {
  readonly count: number;
  readonly sumMs: number;
  /** By index of `WAIT_THRESHOLDS_MS`: how many waited longer. */
  readonly longerThan: readonly number[];
}

export class WaitHistogram {
  #count = 0;
  #sumMs = 0;
  readonly #longerThan = WAIT_THRESHOLDS_MS.map(() => 0);

  add(waitedMs: number): void {
    this.#count++;
    this.#sumMs += waitedMs;
    for (let i = 0; waitedMs > WAIT_THRESHOLDS_MS[i]; i++) this.#longerThan[i]++;
  }

  counts(): WaitCounts {
    return { count: this.#count, sumMs: this.#sumMs, longerThan: [...this.#longerThan] };
  }
}
