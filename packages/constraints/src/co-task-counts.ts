/**
 * The co-tasks of a task class per value of an attribute, gathered once per decision: what the balance
 * constraints decide by.
 */
import type { ClusterView, TaskClassView, TaskCounts } from '@stowage/core';

/** @public */
export interface BalanceOptions {
  /** Tasks with the same value of this label are co-tasks. Default `job`. */
  readonly label?: string;
  /**
   * Number of values that should be used. While co-tasks occupy fewer, an unoccupied value counts as the
   * smallest. Default 0: only values with co-tasks are compared.
   */
  readonly expectedValues?: number;
}

/** Counts of co-tasks by value id of an attribute. */
export class CoTaskCounts {
  /** Value id per row. */
  readonly ids: Int32Array;
  /** Co-tasks by value id; index 0 (attribute missing) stays 0. */
  readonly counts: Int32Array;
  total = 0;
  /** Values with co-tasks. */
  seen = 0;
  /** Least and most co-tasks among the values seen. */
  least = 0;
  most = 0;
  /** 0, of which there are no co-tasks, for a class without the label. */
  readonly #labelId: number;
  readonly #coTasks: TaskCounts;

  constructor(cluster: ClusterView, task: TaskClassView, attribute: string, label: string) {
    const column = cluster.attribute(attribute);
    this.ids = column.ids;
    this.counts = new Int32Array(column.idCount);
    this.#labelId = task.labelId(label);
    this.#coTasks = cluster.tasksByAttribute(label, attribute);
  }

  /** Gathers the present counts. O(values). */
  refresh(): void {
    const { counts } = this;
    let total = 0;
    let seen = 0;
    let least = 0;
    let most = 0;
    for (let id = 1; id < counts.length; id++) {
      const count = this.#coTasks.get(this.#labelId, id);
      counts[id] = count;
      if (count === 0) continue;
      total += count;
      seen++;
      if (seen === 1 || count < least) least = count;
      if (count > most) most = count;
    }
    this.total = total;
    this.seen = seen;
    this.least = least;
    this.most = most;
  }
}
