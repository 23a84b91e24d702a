/**
 * A plan in the terms of the object API.
 */
import type { Scheduler } from '@stowage/core';
import type { RebalancePlan } from './migration.ts';

/**
 * The plan that was made for `scheduler.engine`, with the ids of tasks and agents. O(migrations).
 * @public
 */
export function namedPlan(
  scheduler: Scheduler,
  plan: RebalancePlan<number, number>,
): RebalancePlan<string, string> {
  const steps = plan.steps.map((step) => ({
    ...step,
    migrations: step.migrations.map(({ task, from, to }) => ({
      task: scheduler.taskIdOf(task)!,
      from: scheduler.agentIdOf(from)!,
      to: scheduler.agentIdOf(to)!,
    })),
  }));
  return { ...plan, steps };
}
