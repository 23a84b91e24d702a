/**
 * A clock that jumps breaks lifetimes of credentials, order of logs and ages of orphans. A jump shows as a difference
 * between the wall clock and one that nobody can set; a constant error only a second source can tell.
 * A jump fails one run: let it fence by `failuresToFence: 1` where one jump is too much. Waking from suspension is one.
 */
import { type Clock, SYSTEM_CLOCK } from '../host/clock.ts';
import type { HealthCheck } from './health-check.ts';

/** @public */
export interface ClockCheckOptions {
  readonly clock?: Clock;
  /** Between two runs. Default 2,000 ms. */
  readonly maxJumpMs?: number;
  /** How far the host's clock is ahead of a source that is right. Default: no such source. */
  readonly offsetMs?: (signal: AbortSignal) => Promise<number>;
  /** Default 1,000 ms. */
  readonly maxOffsetMs?: number;
}

/** @public */
export function clockCheck(options: ClockCheckOptions = {}): HealthCheck {
  const { clock = SYSTEM_CLOCK, maxJumpMs = 2_000, offsetMs, maxOffsetMs = 1_000 } = options;
  const difference = (): number => clock.wallMs() - clock.monotonicMs();
  let last = difference();
  return {
    name: 'clock',
    run: async (signal) => {
      const now = difference();
      const jumpMs = Math.round(now - last);
      last = now;
      if (Math.abs(jumpMs) > maxJumpMs) throw new Error(`the clock was set by ${jumpMs} ms`);
      const offset = await offsetMs?.(signal);
      if (offset === undefined) return;
      if (!Number.isFinite(offset)) throw new Error('the offset of the clock is unknown');
      if (Math.abs(offset) > maxOffsetMs)
        throw new Error(`the clock is wrong by ${Math.round(offset)} ms; is time synchronisation running?`);
    },
  };
}
