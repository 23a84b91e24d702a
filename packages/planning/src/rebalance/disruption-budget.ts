/**
 * How much may be disturbed at a time: which tasks may move at all, how many in one plan, and how many of each group,
 * such as the tasks of a job that promises to keep most of them running.
 */
import { show } from '@stowage/core';
import { fail } from '../errors.ts';
import { guarded, requireFunction, requireObject } from '../guarded.ts';

/** @public */
export interface DisruptionBudget<Task> {
  /** Most migrations in one plan. Default: no limit. */
  readonly maxMigrations?: number;
  /** Whether a task may move at all. Default: yes. */
  readonly movable?: (task: Task) => boolean;
  /** What a migration costs, a finite number of at least 0, in any unit. Default 1 each. */
  readonly costOf?: (task: Task) => number;
  /** Limits by group. Default: none. */
  readonly groups?: {
    /** Group of a task; undefined = none. */
    readonly of: (task: Task) => string | undefined;
    /** Most migrations of one group in one plan, an integer of at least 0. */
    readonly maxMigrations: (group: string) => number;
  };
}

/** What moving some tasks takes of a budget. */
interface BudgetClaim {
  readonly migrations: number;
  readonly byGroup: ReadonlyMap<string, number>;
  readonly cost: number;
}

/** What is left of a budget while a plan is made. */
export class BudgetLeft {
  readonly #budget: DisruptionBudget<number>;
  readonly #usedByGroup = new Map<string, number>();
  #left: number;

  /** @throws StowageError INVALID_PLANNING_OPTION */
  constructor(budget: DisruptionBudget<number>) {
    requireObject('the budget', budget);
    const { maxMigrations = Infinity, movable, costOf, groups } = budget;
    if (movable !== undefined) requireFunction('movable', movable);
    if (costOf !== undefined) requireFunction('costOf', costOf);
    if (groups !== undefined) {
      requireObject('groups', groups);
      requireFunction('groups.of', groups.of);
      requireFunction('groups.maxMigrations', groups.maxMigrations);
    }
    this.#budget = budget;
    this.#left = requireCount('maxMigrations', maxMigrations);
  }

  /** Migrations that may still be made. */
  get left(): number {
    return this.#left;
  }

  /**
   * What moving some tasks would take of the budget; undefined when it does not allow that.
   * @throws StowageError PLANNING_CALLBACK_FAILED
   */
  claim(handles: readonly number[]): BudgetClaim | undefined {
    if (handles.length > this.#left) return undefined;
    const { movable, groups } = this.#budget;
    if (movable !== undefined && !handles.every((handle) => guarded('movable', () => movable(handle))))
      return undefined;
    const byGroup = new Map<string, number>();
    if (groups !== undefined) {
      for (const handle of handles) {
        const group = guarded('groups.of', () => groups.of(handle));
        if (group !== undefined) byGroup.set(group, (byGroup.get(group) ?? 0) + 1);
      }
    }
    for (const [group, count] of byGroup) {
      if ((this.#usedByGroup.get(group) ?? 0) + count > this.#limitOf(group)) return undefined;
    }
    return { migrations: handles.length, byGroup, cost: this.#costOf(handles) };
  }

  spend({ migrations, byGroup }: BudgetClaim): void {
    this.#left -= migrations;
    for (const [group, count] of byGroup)
      this.#usedByGroup.set(group, (this.#usedByGroup.get(group) ?? 0) + count);
  }

  #costOf(handles: readonly number[]): number {
    const { costOf } = this.#budget;
    if (costOf === undefined) return handles.length;
    return handles.reduce((sum, handle) => {
      const cost: unknown = guarded('costOf', () => costOf(handle));
      if (typeof cost === 'number' && Number.isFinite(cost) && cost >= 0) return sum + cost;
      return fail(
        'PLANNING_CALLBACK_FAILED',
        `costOf gave ${show(cost)}; return a finite number of at least 0.`,
      );
    }, 0);
  }

  #limitOf(group: string): number {
    const limit = guarded('groups.maxMigrations', () => this.#budget.groups!.maxMigrations(group));
    if (limit === Infinity || (Number.isSafeInteger(limit) && limit >= 0)) return limit;
    return fail(
      'PLANNING_CALLBACK_FAILED',
      `groups.maxMigrations gave ${show(limit)}; return an integer of at least 0.`,
    );
  }
}

/** @throws StowageError INVALID_PLANNING_OPTION unless the value is an integer of at least 0, or Infinity */
export function requireCount(name: string, value: unknown): number {
  if (value === Infinity || (Number.isSafeInteger(value) && (value as number) >= 0)) return value as number;
  return fail('INVALID_PLANNING_OPTION', `${name} is ${show(value)}; give an integer of at least 0.`);
}
