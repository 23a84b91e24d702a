/**
 * What is remembered per pool between evaluations: when it last grew and shrank, since when a delayed step is asked for,
 * and which size it will have when the agents asked for have come. Values; an evaluation makes new ones.
 */

/** @public */
export interface PoolClocks {
  readonly pool: string;
  readonly lastUpMs: number;
  readonly lastDownMs: number;
  /** Null: never, so idle agents of inactive groups may go at once. */
  readonly lastInactiveDownMs: number | null;
  /** When a delayed step was first asked for; null when none is. */
  readonly upAskedMs: number | null;
  readonly downAskedMs: number | null;
  readonly inactiveDownAskedMs: number | null;
  /** The size to expect from the growth decided, until it is reached or no longer waited for; null when none is. */
  readonly expectedSize: number | null;
  readonly expectedUntilMs: number | null;
}

/** A draft of clocks that an evaluation writes to. */
export type DraftClocks = { -readonly [K in keyof PoolClocks]: PoolClocks[K] };

/** Clocks of a pool seen for the first time: the first step comes after the initial delay or the cool-down, whichever is shorter. */
export function firstClocks(
  pool: string,
  coolDownMs: number,
  initialDelayMs: number,
  nowMs: number,
): PoolClocks {
  const last = nowMs - coolDownMs + Math.min(coolDownMs, initialDelayMs);
  return {
    pool,
    lastUpMs: last,
    lastDownMs: last,
    lastInactiveDownMs: null,
    upAskedMs: null,
    downAskedMs: null,
    inactiveDownAskedMs: null,
    expectedSize: null,
    expectedUntilMs: null,
  };
}

/** Clocks with none in the future: when the caller's clock went back, waiting begins anew instead of lasting for ever. */
export function notAfter(clocks: PoolClocks, nowMs: number, startTimeoutMs: number): DraftClocks {
  const past = (timeMs: number | null): number | null => (timeMs === null ? null : Math.min(timeMs, nowMs));
  return {
    ...clocks,
    lastUpMs: Math.min(clocks.lastUpMs, nowMs),
    lastDownMs: Math.min(clocks.lastDownMs, nowMs),
    lastInactiveDownMs: past(clocks.lastInactiveDownMs),
    upAskedMs: past(clocks.upAskedMs),
    downAskedMs: past(clocks.downAskedMs),
    inactiveDownAskedMs: past(clocks.inactiveDownAskedMs),
    expectedUntilMs:
      clocks.expectedUntilMs === null ? null : Math.min(clocks.expectedUntilMs, nowMs + startTimeoutMs),
  };
}

/** Whether agents asked for are still waited for. */
export function isStarting({ expectedUntilMs }: PoolClocks, nowMs: number): boolean {
  return expectedUntilMs !== null && nowMs < expectedUntilMs;
}

/**
 * Agents asked for that have not come: up to the size to expect, until that is reached or waited for in vain. An agent
 * that leaves meanwhile is counted as still to come, so a pool may grow later than it could, but not beyond its size.
 */
export function agentsStarting(clocks: DraftClocks, size: number, nowMs: number): number {
  const { expectedSize } = clocks;
  if (expectedSize !== null && size < expectedSize && isStarting(clocks, nowMs)) return expectedSize - size;
  clocks.expectedSize = null;
  clocks.expectedUntilMs = null;
  return 0;
}

type Asked = 'upAskedMs' | 'downAskedMs' | 'inactiveDownAskedMs';

/**
 * Fenzo's delay: a step happens when it was first asked for more than the delay ago; if that is more than twice the delay
 * ago, asking begins anew. A short need is thus forgotten, and one that is evaluated less than once per delay never acts.
 * @returns whether to act now
 */
export function delayIsOver(clocks: DraftClocks, asked: Asked, delayMs: number, nowMs: number): boolean {
  const age = nowMs - (clocks[asked] ?? -Infinity);
  if (delayMs > 0 && age > 2 * delayMs) clocks[asked] = nowMs;
  return delayMs === 0 || (age > delayMs && age <= 2 * delayMs);
}
