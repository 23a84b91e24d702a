/**
 * Calls an action again and again, with a fixed delay between the end of one call and the beginning of the next, so
 * that a slow call never piles up others (Fenzo's loop).
 */
import type { Clock } from './clock.ts';

export class FixedDelayLoop {
  readonly #clock: Clock;
  readonly #delayMs: number;
  readonly #action: () => void;
  #cancel: (() => void) | undefined;

  constructor(clock: Clock, delayMs: number, action: () => void) {
    this.#clock = clock;
    this.#delayMs = delayMs;
    this.#action = action;
  }

  get isRunning(): boolean {
    return this.#cancel !== undefined;
  }

  /** Without effect on a loop that runs. */
  start(): void {
    if (!this.isRunning) this.#arm();
  }

  /** No call begins after this; one that is under way ends. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #arm(): void {
    const cancel = this.#clock.after(this.#delayMs, () => {
      try {
        this.#action();
      } finally {
        // A loop that the action stopped stays so; one that it stopped and started is armed already.
        if (this.#cancel === cancel) this.#arm();
      }
    });
    this.#cancel = cancel;
  }
}
