/**
 * The co-tasks of a task class per value of an attribute, gathered once per decision: what the balance
 * constraints decide by.
 */
import type { ClusterView, TaskClassView } from '@stowage/core';

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
  readonly #count: (valueId: number) => number;

  constructor(cluster: ClusterView, task: TaskClassView, attribute: string, label: string) {
    const column = cluster.attribute(attribute);
    this.ids = column.ids;
    this.counts = new Int32Array(column.idCount);
    const labelId = task.labelId(label);
    const counter = cluster.tasksByAttribute(label, attribute);
    this.#count = labelId === 0 ? () => 0 : (valueId) => counter.get(labelId, valueId);
  }

  /** Gathers the present counts. O(values). */
  refresh(): void {
    this.total = 0;
    this.seen = 0;
    this.least = 0;
    this.most = 0;
    for (let id = 1; id < this.counts.length; id++) {
      const count = this.#count(id);
      this.counts[id] = count;
      if (count === 0) continue;
      this.total += count;
      this.seen++;
      if (this.seen === 1 || count < this.least) this.least = count;
      if (count > this.most) this.most = count;
    }
  }
}
