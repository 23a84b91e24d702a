/** A clock that stands still until the test turns it. */
import type { Clock } from '../../src/host/clock.ts';

export class VirtualClock implements Clock {
  nowMs = 0;
  #timers = new Map<number, { readonly atMs: number; readonly action: () => void }>();
  #next = 0;

  wallMs(): number {
    return this.nowMs;
  }

  monotonicMs(): number {
    return this.nowMs;
  }

  schedule(delayMs: number, action: () => void): () => void {
    const id = (this.#next += 1);
    this.#timers.set(id, { atMs: this.nowMs + delayMs, action });
    return () => void this.#timers.delete(id);
  }

  get pending(): number {
    return this.#timers.size;
  }

  /** Lets all promises go on that can without a timer. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  }

  async advance(byMs: number): Promise<void> {
    const endMs = this.nowMs + byMs;
    await this.settle();
    for (;;) {
      let due: number | undefined;
      for (const [id, { atMs }] of this.#timers)
        if (atMs <= endMs && (due === undefined || atMs < this.#timers.get(due)!.atMs)) due = id;
      if (due === undefined) break;
      const { atMs, action } = this.#timers.get(due)!;
      this.#timers.delete(due);
      this.nowMs = Math.max(this.nowMs, atMs);
      action();
      await this.settle();
    }
    this.nowMs = endMs;
  }
}
