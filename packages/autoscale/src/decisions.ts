/**
 * What an evaluation returns: decisions with their reasons, and what was held back and why. Values, never callbacks:
 * what to do with them, and when, is the caller's business.
 */
import type { StowageError } from '@stowage/core';

/**
 * Why agents are asked for or let go.
 *
 * - `shortfall`: failed tasks need agents.
 * - `min-idle`: fewer than `minIdle` agents are idle; filled to `maxIdle`.
 * - `max-idle`: filled to `maxIdle` on occasion of a shortfall.
 * - `min-size`: fewer than `minSize` agents can take tasks; or, shrinking, the limit that cut the number.
 * - `max-size`: the limit that cut the number.
 * - `excess-idle`: more than `maxIdle` agents are idle.
 * - `inactive`: idle agents of groups that are being retired.
 * - `cool-down`, `delay`: held back for now.
 * - `not-removable`: idle agents are protected, not idle for long enough, or kept by the scale-down policy.
 * @public
 */
export type ReasonKind =
  | 'shortfall'
  | 'min-idle'
  | 'max-idle'
  | 'min-size'
  | 'max-size'
  | 'excess-idle'
  | 'inactive'
  | 'cool-down'
  | 'delay'
  | 'not-removable';

/** @public */
export interface Reason {
  readonly kind: ReasonKind;
  /** Agents that this reason asks for; for a limit, those it leaves. */
  readonly agents: number;
  /** The reason in words, with its figures. */
  readonly text: string;
}

/** Add agents to a pool. @public */
export interface ScaleUp {
  readonly kind: 'scale-up';
  readonly pool: string;
  /** At least 1. */
  readonly count: number;
  /** At least one. */
  readonly reasons: readonly Reason[];
}

/** Remove idle agents from a pool; disable them first, so that they get no task meanwhile. @public */
export interface ScaleDown {
  readonly kind: 'scale-down';
  readonly pool: string;
  /** Ids, at least one, those to remove first at the front. */
  readonly agents: readonly string[];
  /** Until when the agents should take no tasks; whoever is still there then is in service again. */
  readonly disableUntilMs: number;
  /** At least one. */
  readonly reasons: readonly Reason[];
}

/** @public */
export type ScaleDecision = ScaleUp | ScaleDown;

/** A step that is called for and was not decided. @public */
export interface HeldBack {
  readonly kind: ScaleDecision['kind'];
  readonly pool: string;
  /** Agents that are called for. */
  readonly agents: number;
  readonly reason: Reason;
}

/** A pool about which nothing was decided because a function of its rule or of the policy failed. @public */
export interface PoolError {
  readonly pool: string;
  readonly error: StowageError;
}

/** @public */
export interface Evaluation {
  /** By pool name; at most one of each kind per pool, `scale-down` first. */
  readonly decisions: readonly ScaleDecision[];
  /** By pool name. */
  readonly held: readonly HeldBack[];
  /** By pool name; the clocks of these pools stand as before. */
  readonly errors: readonly PoolError[];
  /** Failed tasks, by id, that the shortfall of these decisions counts: not counted again before the retry window ends. */
  readonly counted: readonly string[];
}
