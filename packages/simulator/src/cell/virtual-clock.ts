/**
 * Time that passes from event to event: the clock on which a whole cell runs in one thread. It implements the clock of
 * the control plane, so that the real scheduling service runs on it.
 */
import type { Clock } from '@stowage/control-plane';
import { type CellEvent, EventQueue } from './event-queue.ts';

export class VirtualClock implements Clock {
  readonly #events = new EventQueue();
  #nowMs: number;
  #happened = 0;

  /** @param startMs - where time begins, an integer */
  constructor(startMs: number) {
    this.#nowMs = startMs;
  }

  /** Events that have happened. */
  get happened(): number {
    return this.#happened;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, action: () => void): () => void {
    const event = this.at(this.#nowMs + delayMs, action);
    return () => (event.action = undefined);
  }

  /** Lets something happen at a time, rounded up to a millisecond; what lies in the past happens now. */
  at(atMs: number, action: () => void): CellEvent {
    return this.#events.add(Math.max(this.#nowMs, Math.ceil(atMs)), action);
  }

  /** Lets the next event happen if it is due by a time. @returns whether there was one; if not, it is that time now */
  step(untilMs: number): boolean {
    const event = this.#events.takeUntil(untilMs);
    if (event === undefined) {
      this.#nowMs = Math.max(this.#nowMs, untilMs);
      return false;
    }
    this.#nowMs = event.atMs;
    this.#happened++;
    event.action!();
    return true;
  }
}
