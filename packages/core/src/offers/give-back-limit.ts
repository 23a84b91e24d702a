/**
 * At most so many agents in any window of time: a sliding window, kept as counts per moment. Fenzo resets its
 * count when a window has passed since the last rejection, which can stall; a sliding window cannot, and no
 * interval as long as the window ever sees more than the limit. A clock that goes backwards stands still.
 */

export class GiveBackLimit {
  readonly #maxAgents: number;
  readonly #windowMs: number;
  /** Ascending; at most one entry per moment. */
  readonly #recent: { readonly atMs: number; agents: number }[] = [];
  #used = 0;
  #latestMs = -Infinity;

  /** @param maxAgents - `Infinity` = no limit */
  constructor(maxAgents: number, windowMs: number) {
    this.#maxAgents = maxAgents;
    this.#windowMs = windowMs;
  }

  /** Whether one more agent may be counted now. */
  allows(nowMs: number): boolean {
    this.#latestMs = Math.max(this.#latestMs, nowMs);
    while (this.#recent.length > 0 && this.#latestMs - this.#recent[0].atMs >= this.#windowMs) {
      this.#used -= this.#recent.shift()!.agents;
    }
    return this.#used < this.#maxAgents;
  }

  /** Counts one agent. */
  count(nowMs: number): void {
    if (this.#maxAgents === Infinity) return;
    this.#latestMs = Math.max(this.#latestMs, nowMs);
    this.#used++;
    const last = this.#recent.at(-1);
    if (last?.atMs === this.#latestMs) last.agents++;
    else this.#recent.push({ atMs: this.#latestMs, agents: 1 });
  }
}
