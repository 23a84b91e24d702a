/**
 * A rebalance while it is planned. Everything happens on the real engine within one transaction that is rolled back
 * in the end. A step is first proposed: its tasks leave, and are placed again, largest first, while some agents are
 * closed. That is undone, and the migrations are carried out one by one, as whoever follows the plan will do; only if
 * that works too, the step stays.
 *
 * An agent that was given a task is not emptied any more, so no task moves twice.
 */
import type { PlacementEngine } from '@stowage/core';
import type { BudgetLeft } from './disruption-budget.ts';
import { migrate } from './migrate.ts';
import type { Migration, MigrationStep } from './migration.ts';
import { greatestShare } from './shares.ts';

/** A step to be tried. @public */
export interface StepProposal {
  readonly goal: string;
  readonly effect: string;
  /** Handles of the tasks to move, each once. */
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
  /** Agent that a task was moved to, by its handle before. */
  readonly #movedTo = new Map<number, number>();
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

  /** Handles of the tasks that were on an agent in the beginning, in the order of the engine. */
  tasksOn(row: number): readonly number[] {
    return this.#tasksByRow[row];
  }

  /** Agent that this plan has moved a task to, by its handle in the beginning; undefined if it has not. */
  movedTo(task: number): number | undefined {
    return this.#movedTo.get(task);
  }

  /** Whether an agent was given a task by this plan. */
  isReceiver(row: number): boolean {
    return this.#receivers.has(row);
  }

  /** What moving some tasks costs; undefined when the budget does not allow it. */
  costOf(tasks: readonly number[]): number | undefined {
    return this.#budget.claim(tasks)?.cost;
  }

  /**
   * Keeps a step if the budget allows it, none of its tasks has moved before, every task finds another agent, and the
   * migrations can be made one by one; else changes nothing. O(agents closed + tasks · placement).
   */
  attempt(proposal: StepProposal): boolean {
    const { goal, effect, tasks, gain, vacates } = proposal;
    if (new Set(tasks).size < tasks.length || tasks.some((task) => this.#movedTo.has(task))) return false;
    const claim = this.#budget.claim(tasks);
    if (claim === undefined) return false;
    const migrations = this.#propose(proposal);
    if (migrations === undefined || !this.#carryOut(migrations, vacates)) return false;
    this.#budget.spend(claim);
    for (const { task, to } of migrations) {
      this.#movedTo.set(task, to);
      this.#receivers.add(to);
    }
    this.steps.push({ goal, effect, migrations, gain, cost: claim.cost });
    return true;
  }

  /** All tasks leave before the first is placed again, so that the largest can choose first. Changes nothing. */
  #propose({ tasks, closed, vacates }: StepProposal): Migration<number, number>[] | undefined {
    const { engine } = this;
    engine.begin();
    try {
      if (vacates !== undefined) engine.drainAgent(vacates);
      for (const row of closed) engine.drainAgent(row);
      const leaving = tasks.map((task) => {
        const from = engine.agentOf(task);
        const isReserved = engine.stageOf(task) === 'reserved';
        const classId = engine.classOf(task);
        return { task, from, classId, isReserved, share: shareFreed(engine, task, from) };
      });
      leaving.sort((a, b) => b.share - a.share);
      const migrations: Migration<number, number>[] = [];
      for (const { task, from, classId, isReserved } of leaving) {
        const placed = isReserved ? engine.reserve(classId) : engine.place(classId);
        const to = placed < 0 ? from : engine.agentOf(placed);
        if (to === from) return undefined;
        migrations.push({ task, from, to });
      }
      return migrations;
    } finally {
      engine.rollback();
    }
  }

  #carryOut(migrations: readonly Migration<number, number>[], vacates: number | undefined): boolean {
    const { engine } = this;
    engine.begin();
    let done = false;
    try {
      done = migrations.every((migration) => migrate(engine, migration) >= 0);
      if (done && vacates !== undefined) engine.drainAgent(vacates);
    } finally {
      if (done) engine.commit();
      else engine.rollback();
    }
    return done;
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
