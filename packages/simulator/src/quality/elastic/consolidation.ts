/**
 * Migrations that free hosts, planned by `@stowage/planning`: what a cluster would do every few minutes if its machines
 * may be moved.
 */
import type { Scheduler } from '@stowage/core';
import { freeAgents, type Migration, namedPlan, planRebalance } from '@stowage/planning';

export interface Consolidation {
  /** Seconds between two plans; a multiple of the bins of the trace. */
  readonly everyS: number;
  /** Most migrations in one plan. */
  readonly maxMigrations: number;
}

/** In the order in which to carry them out; nothing has changed. */
export function consolidate(
  scheduler: Scheduler,
  { maxMigrations }: Consolidation,
): readonly Migration<string, string>[] {
  const plan = planRebalance(scheduler.engine, { goals: [freeAgents()], budget: { maxMigrations } });
  return namedPlan(scheduler, plan).steps.flatMap(({ migrations }) => migrations);
}
