/**
 * One of the limits that a budget sets, as a number of evictions that it allows now.
 */

/** What a limit comes from. @public */
export type LimitSource = 'policy' | 'rate' | 'time-window' | 'job-state';

export interface BudgetLimit {
  /** Evictions, at least 0. */
  readonly allowed: number;
  readonly limitedBy: LimitSource;
  /** A sentence for people: what limits, and what to do where nothing is allowed. */
  readonly message: string;
}
