/**
 * Plans migrations that serve goals within a disruption budget: what Titus listed as future work. The plan is advice;
 * nothing has changed when it is returned.
 */
import { type PlacementEngine, show } from '@stowage/core';
import { BudgetLeft, type DisruptionBudget } from './disruption-budget.ts';
import { fail } from '../errors.ts';
import { guarded, requireFunction, requireObject } from '../guarded.ts';
import type { RebalancePlan } from './migration.ts';
import { MigrationTrial } from './migration-trial.ts';
import type { RebalanceGoal } from './rebalance-goal.ts';

/** @public */
export interface RebalanceOptions {
  /** In order of importance: the first takes what it needs of the budget. */
  readonly goals: readonly RebalanceGoal[];
  /** Default: no limits. */
  readonly budget?: DisruptionBudget<number>;
}

/**
 * Every migration is feasible with all constraints, when carried out in the order of the plan, and every task is moved
 * to the agent that it would be placed on: fitness calculators decide. Tasks that were pinned to an agent are not known
 * as such to the engine; keep them with `budget.movable`.
 *
 * @returns steps in terms of handles and rows
 * @throws StowageError INVALID_PLANNING_OPTION, PLANNING_CALLBACK_FAILED, those of `PlacementEngine.place`
 * @public
 */
export function planRebalance(
  engine: PlacementEngine,
  options: RebalanceOptions,
): RebalancePlan<number, number> {
  requireObject('the options of planRebalance', options);
  const { goals, budget = {} } = options;
  requireGoals(goals);
  const left = new BudgetLeft(budget);
  const depth = engine.transactionDepth;
  engine.begin();
  try {
    const trial = new MigrationTrial(engine, left);
    for (const goal of goals) guarded(`goal "${goal.name}"`, () => goal.propose(trial));
    const { steps } = trial;
    return {
      steps,
      migrations: steps.reduce((sum, { migrations }) => sum + migrations.length, 0),
      cost: steps.reduce((sum, { cost }) => sum + cost, 0),
    };
  } finally {
    while (engine.transactionDepth > depth) engine.rollback();
  }
}

function requireGoals(goals: unknown): void {
  if (!Array.isArray(goals))
    fail('INVALID_PLANNING_OPTION', `goals is ${show(goals)}; give a list of goals.`);
  for (const [index, goal] of (goals as unknown[]).entries()) {
    requireObject(`goal ${index}`, goal);
    requireFunction(`propose of goal ${index}`, (goal as { propose?: unknown }).propose);
  }
}
