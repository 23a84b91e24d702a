/**
 * What a rebalance plan consists of: migrations, grouped into steps that are worth something only as a whole.
 */

/**
 * A task that is to leave one agent for another.
 * @typeParam Task - how tasks are named: by handle or by id
 * @typeParam Agent - how agents are named: by row or by id
 * @public
 */
export interface Migration<Task, Agent> {
  readonly task: Task;
  readonly from: Agent;
  readonly to: Agent;
}

/** Migrations that serve one purpose together. @public */
export interface MigrationStep<Task, Agent> {
  /** Name of the goal. */
  readonly goal: string;
  /** In words, such as `leaves its agent empty`. */
  readonly effect: string;
  readonly migrations: readonly Migration<Task, Agent>[];
  /** In the goal's unit; see there. */
  readonly gain: number;
  /** Sum of the costs of the tasks moved. */
  readonly cost: number;
}

/**
 * Steps in the order in which to carry them out: a later one may use room that an earlier one has made. No task moves
 * twice.
 * @public
 */
export interface RebalancePlan<Task, Agent> {
  readonly steps: readonly MigrationStep<Task, Agent>[];
  readonly migrations: number;
  readonly cost: number;
}
