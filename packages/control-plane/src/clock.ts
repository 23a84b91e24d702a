/**
 * Time as the service needs it, so that the same service runs on a real and on a virtual clock.
 */

/** @public */
export interface Clock {
  /** Milliseconds since a fixed moment, an integer; never goes back by itself. */
  nowMs(): number;
  /** Calls an action once, not before `delayMs` have passed. @returns what calls it off */
  after(delayMs: number, action: () => void): () => void;
}

/** The clock of the machine. Its timers keep the process alive. @public */
export function systemClock(): Clock {
  return {
    nowMs: () => Date.now(),
    after(delayMs, action) {
      const timer = setTimeout(action, delayMs);
      return () => clearTimeout(timer);
    },
  };
}
