/**
 * The budget of the whole system: a token bucket and time windows, under which the budgets of all jobs stand. Whole
 * tokens at whole intervals, so that a copy made from a snapshot gives the same answers. When the clock goes back,
 * nothing is refilled until it is where it was: no stretch of time counts twice. After Titus.
 */
import { show } from '@stowage/core';
import { fail } from '../errors.ts';
import { countOption } from '../option-checks.ts';
import type { TimeWindow } from '../spec/job-spec.ts';
import type { EvictionQuota } from './eviction-quota.ts';
import { timeWindowsOption } from './operator-budget.ts';
import { isOpen } from './time-windows.ts';

/** @public */
export interface SystemEvictionQuotaOptions {
  /** Most evictions at once after a quiet time, at least 1. Default 500. */
  readonly burst?: number;
  /** Evictions that are allowed anew per interval, at least 1. Default 50. */
  readonly refill?: number;
  /** Default 1,000. */
  readonly refillIntervalMs?: number;
  /** Default `[]`: always. */
  readonly timeWindows?: readonly TimeWindow[];
}

/** @public */
export interface SystemEvictionQuotaSnapshot {
  readonly version: 1;
  readonly tokens: number;
  /** Undefined before the first eviction. */
  readonly refilledAtMs?: number;
}

/** @public */
export class SystemEvictionQuota {
  readonly #burst: number;
  readonly #refill: number;
  readonly #refillIntervalMs: number;
  readonly #timeWindows: readonly TimeWindow[];
  #tokens: number;
  #refilledAtMs: number | undefined;

  /** Starts with all of `burst`. @throws StowageError INVALID_JOB_OPTION */
  constructor(options: SystemEvictionQuotaOptions = {}) {
    if (typeof (options as unknown) !== 'object' || (options as unknown) === null)
      fail('INVALID_JOB_OPTION', `the options of the system quota are ${show(options)}; give an object.`);
    const { burst = 500, refill = 50, refillIntervalMs = 1000, timeWindows = [] } = options;
    this.#burst = countOption(burst, 1, 'burst of the system quota');
    this.#refill = countOption(refill, 1, 'refill of the system quota');
    this.#refillIntervalMs = countOption(refillIntervalMs, 1, 'refillIntervalMs of the system quota');
    this.#timeWindows = timeWindowsOption(timeWindows, 'the system quota');
    this.#tokens = this.#burst;
  }

  /** Evictions that may happen now. Takes none. O(windows). @throws StowageError INVALID_JOB_OPTION when `nowMs` is no time */
  allowed(nowMs: number): number {
    return this.quota(nowMs).allowed;
  }

  /** The same with the reason. @throws StowageError as `allowed` */
  quota(nowMs: number): EvictionQuota {
    if (!isOpen(this.#timeWindows, nowMs))
      return {
        allowed: 0,
        limitedBy: 'time-window',
        message: 'The time windows of the system are closed. Try again when one opens.',
      };
    const { tokens } = this.#refilled(nowMs);
    return {
      allowed: tokens,
      limitedBy: 'rate',
      message: `The system allows ${this.#refill} evictions in ${this.#refillIntervalMs} ms after a burst of ${this.#burst}. Try again later.`,
    };
  }

  /** Takes one eviction of the budget; false when there is none, and then nothing has changed. @throws StowageError as `allowed` */
  take(nowMs: number): boolean {
    if (this.allowed(nowMs) === 0) return false;
    const { tokens, refilledAtMs } = this.#refilled(nowMs);
    this.#tokens = tokens - 1;
    this.#refilledAtMs = refilledAtMs;
    return true;
  }

  /** All that is remembered, as plain data. */
  snapshot(): SystemEvictionQuotaSnapshot {
    const tokens = this.#tokens;
    const refilledAtMs = this.#refilledAtMs;
    return refilledAtMs === undefined ? { version: 1, tokens } : { version: 1, tokens, refilledAtMs };
  }

  /**
   * Goes on where another one stopped; the options may be others, and a smaller `burst` holds at once.
   * @param snapshot - what `snapshot` returned, also by way of JSON
   * @throws StowageError INVALID_JOB_RECORD, and those of the constructor
   */
  static restore(
    snapshot: SystemEvictionQuotaSnapshot,
    options: SystemEvictionQuotaOptions = {},
  ): SystemEvictionQuota {
    const quota = new SystemEvictionQuota(options);
    const given = (snapshot ?? {}) as Partial<Record<keyof SystemEvictionQuotaSnapshot, unknown>>;
    const { version, tokens, refilledAtMs } = given;
    const isRefillTime = refilledAtMs === undefined || Number.isFinite(refilledAtMs);
    if (version !== 1 || !Number.isSafeInteger(tokens) || (tokens as number) < 0 || !isRefillTime)
      fail(
        'INVALID_JOB_RECORD',
        `the snapshot of the system quota is ${show(snapshot)}; give what snapshot() returned.`,
      );
    quota.#tokens = tokens as number;
    quota.#refilledAtMs = refilledAtMs as number | undefined;
    return quota;
  }

  #refilled(nowMs: number): { readonly tokens: number; readonly refilledAtMs: number } {
    const lastMs = this.#refilledAtMs ?? nowMs;
    const intervals = Math.max(0, Math.floor((nowMs - lastMs) / this.#refillIntervalMs));
    return {
      tokens: Math.min(this.#burst, this.#tokens + intervals * this.#refill),
      refilledAtMs: lastMs + intervals * this.#refillIntervalMs,
    };
  }
}
