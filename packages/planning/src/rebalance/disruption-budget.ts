/**
 * How much may be disturbed at a time: which tasks may move at all, how many in one plan, and how many of each group,
 * such as the tasks of a job that promises to keep most of them running.
 */
import { show } from '@stowage/core';
import { fail } from '../errors.ts';
import { guarded } from '../guarded.ts';

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

/** What is left of a budget while a plan is made. */
export class BudgetLeft {
  readonly #budget: DisruptionBudget<number>;
  readonly #usedByGroup = new Map<string, number>();
  #left: number;

  /** @throws StowageError INVALID_PLANNING_OPTION */
  constructor(budget: DisruptionBudget<number>) {
    const { maxMigrations = Infinity } = budget;
    this.#budget = budget;
    this.#left = requireCount('maxMigrations', maxMigrations);
  }

  /** Migrations that may still be made. */
  get left(): number {
    return this.#left;
  }

  /** Whether all of these tasks may move now. @throws StowageError PLANNING_CALLBACK_FAILED, INVALID_PLANNING_OPTION */
  allows(handles: readonly number[]): boolean {
    if (handles.length > this.#left) return false;
    const { movable } = this.#budget;
    if (movable !== undefined && !handles.every((handle) => guarded('movable', () => movable(handle))))
      return false;
    const asked = new Map<string, number>();
    for (const group of this.#groupsOf(handles)) asked.set(group, (asked.get(group) ?? 0) + 1);
    return [...asked].every(
      ([group, count]) => (this.#usedByGroup.get(group) ?? 0) + count <= this.#limitOf(group),
    );
  }

  spend(handles: readonly number[]): void {
    this.#left -= handles.length;
    for (const group of this.#groupsOf(handles))
      this.#usedByGroup.set(group, (this.#usedByGroup.get(group) ?? 0) + 1);
  }

  /** @throws StowageError PLANNING_CALLBACK_FAILED, INVALID_PLANNING_OPTION */
  costOf(handles: readonly number[]): number {
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

  #groupsOf(handles: readonly number[]): string[] {
    const { groups } = this.#budget;
    if (groups === undefined) return [];
    return handles
      .map((handle) => guarded('groups.of', () => groups.of(handle)))
      .filter((group) => group !== undefined);
  }

  #limitOf(group: string): number {
    const limit = guarded('groups.maxMigrations', () => this.#budget.groups!.maxMigrations(group));
    return requireCount('groups.maxMigrations', limit);
  }
}

/** @throws StowageError INVALID_PLANNING_OPTION unless the value is an integer of at least 0, or Infinity */
export function requireCount(name: string, value: unknown): number {
  if (value === Infinity || (Number.isSafeInteger(value) && (value as number) >= 0)) return value as number;
  return fail('INVALID_PLANNING_OPTION', `${name} is ${show(value)}; give an integer of at least 0.`);
}
