/**
 * What a rebalance is for. A goal proposes steps to a trial, which tries each on the real engine inside a transaction
 * and keeps it when every task found a place; so constraints and fitness decide here exactly as they do in ordinary
 * scheduling, and a goal never sees how.
 */
import type { MigrationTrial } from './migration-trial.ts';

/** @public */
export interface RebalanceGoal {
  readonly name: string;
  /** Proposes steps, the most rewarding first, until it has no more or the trial's budget is spent. */
  propose(trial: MigrationTrial): void;
}
