/** A clock that tests turn by hand. Actions of the same moment run in the order in which they were scheduled. */
import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../../src/host/clock.ts';

interface Timer {
  readonly atMs: number;
  readonly action: () => void;
}

export class FakeClock implements Clock {
  /** Set it to let the wall clock jump. */
  wallOffsetMs = 1_000_000;
  #nowMs = 0;
  #timers: Timer[] = [];

  wallMs(): number {
    return this.#nowMs + this.wallOffsetMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  get pending(): number {
    return this.#timers.length;
  }

  schedule(delayMs: number, action: () => void): () => void {
    const timer = { atMs: this.#nowMs + delayMs, action };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((each) => each !== timer);
    };
  }

  /** Lets time pass; between two moments all promises that can settle do. */
  async advance(byMs: number): Promise<void> {
    const endMs = this.#nowMs + byMs;
    await settle();
    for (;;) {
      const next = this.#timers.reduce<Timer | undefined>(
        (first, each) => (first === undefined || each.atMs < first.atMs ? each : first),
        undefined,
      );
      if (next === undefined || next.atMs > endMs) break;
      this.#timers = this.#timers.filter((each) => each !== next);
      this.#nowMs = next.atMs;
      next.action();
      await settle();
    }
    this.#nowMs = endMs;
  }
}

/** Until promises that wait for nothing outside have settled. */
export async function settle(): Promise<void> {
  await setImmediate();
}
