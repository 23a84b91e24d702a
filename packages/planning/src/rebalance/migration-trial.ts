/**
 * A rebalance while it is planned. Everything happens on the real engine within one transaction that is rolled back
 * in the end: a step releases its tasks and places them again, one after the other, and is kept in the transaction
 * when all have found another agent, else undone on its own.
 *
 * An agent that was given a task is not emptied any more, so no task moves twice.
 */
import type { PlacementEngine } from '@stowage/core';
import type { BudgetLeft } from './disruption-budget.ts';
import type { Migration, MigrationStep } from './migration.ts';
import { greatestShare } from './shares.ts';

/** A step to be tried. @public */
export interface StepProposal {
  readonly goal: string;
  readonly effect: string;
  /** Handles of the tasks to move. */
  readonly tasks: readonly number[];
  readonly gain: number;
  /** Agents that take no task while the step is tried. */
  readonly closed: readonly number[];
  /** Agent that takes no task any more, also in later steps. */
  readonly vacates?: number;
}

/** @public */
export class MigrationTrial {
  readonly engine: PlacementEngine;
  readonly steps: MigrationStep<number, number>[] = [];
  readonly #budget: BudgetLeft;
  readonly #tasksByRow: readonly (readonly number[])[];
  readonly #moved = new Set<number>();
  readonly #receivers = new Set<number>();

  /** The engine must be in a transaction that the caller rolls back. O(agents + tasks). */
  constructor(engine: PlacementEngine, budget: BudgetLeft) {
    this.engine = engine;
    this.#budget = budget;
    const tasksByRow: number[][] = Array.from({ length: engine.rowCount }, () => []);
    for (const handle of engine.tasksOn()) tasksByRow[engine.agentOf(handle)].push(handle);
    this.#tasksByRow = tasksByRow;
  }

  /** Rows that hold an agent, ascending. */
  get rows(): number[] {
    return this.#tasksByRow.flatMap((_, row) => (this.engine.hasAgent(row) ? [row] : []));
  }

  /** Migrations that the budget still allows. */
  get left(): number {
    return this.#budget.left;
  }

  /** Handles of the tasks that were on an agent in the beginning and still are, by age. */
  tasksOn(row: number): readonly number[] {
    return this.#tasksByRow[row].filter((handle) => !this.#moved.has(handle));
  }

  /** Whether an agent was given a task by this plan. */
  isReceiver(row: number): boolean {
    return this.#receivers.has(row);
  }

  /** What moving some tasks costs. */
  costOf(tasks: readonly number[]): number {
    return this.#budget.costOf(tasks);
  }

  /** Whether the budget lets all of some tasks move. */
  allows(tasks: readonly number[]): boolean {
    return this.#budget.allows(tasks);
  }

  /**
   * Keeps a step if the budget allows it and every task finds another agent, else changes nothing.
   * The tasks are placed by falling size. O(agents closed + tasks · placement).
   */
  attempt(proposal: StepProposal): boolean {
    const { goal, effect, tasks, gain } = proposal;
    if (!this.allows(tasks)) return false;
    const { engine } = this;
    engine.begin();
    let migrations: Migration<number, number>[] | undefined;
    try {
      migrations = this.#moveAll(proposal);
    } finally {
      if (migrations === undefined) engine.rollback();
      else engine.commit();
    }
    if (migrations === undefined) return false;
    this.#budget.spend(tasks);
    for (const { task, to } of migrations) {
      this.#moved.add(task);
      this.#receivers.add(to);
    }
    this.steps.push({ goal, effect, migrations, gain, cost: this.costOf(tasks) });
    return true;
  }

  /** All tasks leave before the first is placed again, so that the largest can choose first. */
  #moveAll({ tasks, closed, vacates }: StepProposal): Migration<number, number>[] | undefined {
    const { engine } = this;
    if (vacates !== undefined) engine.drainAgent(vacates);
    const opened = closed.filter((row) => !engine.isDraining(row));
    for (const row of opened) engine.drainAgent(row);
    const leaving = tasks.map((task) => {
      const from = engine.agentOf(task);
      return { task, from, classId: engine.classOf(task), share: shareFreed(engine, task, from) };
    });
    leaving.sort((a, b) => b.share - a.share);
    const migrations: Migration<number, number>[] = [];
    for (const { task, from, classId } of leaving) {
      const placed = engine.place(classId);
      const to = placed < 0 ? from : engine.agentOf(placed);
      if (to === from) return undefined;
      migrations.push({ task, from, to });
    }
    for (const row of opened) engine.drainAgent(row, false);
    return migrations;
  }
}

/** Releases a task. @returns the greatest share of a resource of its agent that it held */
function shareFreed(engine: PlacementEngine, task: number, row: number): number {
  const before = engine.usageOf(row);
  engine.release(task);
  const after = engine.usageOf(row);
  return greatestShare(
    engine,
    row,
    before.map((used, r) => used - after[r]),
  );
}
