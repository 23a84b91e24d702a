/**
 * Ids of rescinded offers, so that an offer that arrives after its rescind is refused. Bounded twice: an id is
 * forgotten after `memoryMs`, and the oldest one when there are more than `capacity`.
 */
import { Deadlines } from './deadlines.ts';

export class RescindedIds {
  readonly #forgetAt = new Deadlines();
  readonly #memoryMs: number;
  readonly #capacity: number;
  #order = 0;

  constructor(memoryMs: number, capacity: number) {
    this.#memoryMs = memoryMs;
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#forgetAt.size;
  }

  remember(offerId: string, nowMs: number): void {
    this.#forgetAt.set(offerId, nowMs + this.#memoryMs, this.#order++);
    this.#prune(nowMs);
    if (this.size > this.#capacity) this.#forgetAt.delete(this.#forgetAt.first()!.key);
  }

  has(offerId: string, nowMs: number): boolean {
    this.#prune(nowMs);
    return this.#forgetAt.get(offerId) !== undefined;
  }

  #prune(nowMs: number): void {
    for (let first = this.#forgetAt.first(); first !== undefined; first = this.#forgetAt.first()) {
      if (first.atMs > nowMs) return;
      this.#forgetAt.delete(first.key);
    }
  }
}
