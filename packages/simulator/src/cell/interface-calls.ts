/**
 * Calls to the cloud that set up network interfaces: one account for all agents, so many calls a second, and whoever
 * comes later waits in line. That is what makes a burst over many agents slow.
 */
export class InterfaceCalls {
  readonly #gapMs: number;
  #nextMs = -Infinity;

  /** @param perSecond - above 0 */
  constructor(perSecond: number) {
    this.#gapMs = 1000 / perSecond;
  }

  /** When a call that is made now is let through. */
  admit(nowMs: number): number {
    const atMs = Math.max(nowMs, this.#nextMs);
    this.#nextMs = atMs + this.#gapMs;
    return atMs;
  }
}
