/**
 * Time as a parameter: what of the host's clocks and timers the agent's watchers use. Tests pass one that they turn by
 * hand.
 */

/** @public */
export interface Clock {
  /** Milliseconds since the epoch; jumps when somebody sets the host's clock. */
  wallMs(): number;
  /** Milliseconds since the host's boot without time in suspension; never jumps. */
  monotonicMs(): number;
  /**
   * Calls `action` once after a delay. Does not keep the process alive.
   * @returns takes it back; no effect afterwards
   */
  schedule(delayMs: number, action: () => void): () => void;
}

export const SYSTEM_CLOCK: Clock = {
  wallMs: () => Date.now(),
  monotonicMs: () => Number(process.hrtime.bigint()) / 1e6,
  schedule: (delayMs, action) => {
    const timer = setTimeout(action, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
