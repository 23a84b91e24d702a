/**
 * How unevenly tasks are spread over the values of an attribute, gathered once per decision. The domains are the values
 * that a present agent has: a value without tasks counts, one without agents does not.
 */
import type { AttributeColumn, ClusterView, TaskClassView } from '@stowage/core';
import type { BoundTaskCount, CountedTasks } from './counted-tasks.ts';

export class DomainSkew {
  /** Value id per row. */
  readonly ids: Int32Array;
  /** Tasks by value id, with the one to place; index 0 (attribute missing) stays 0. */
  readonly counts: Int32Array;
  /** Fewest tasks in a domain before the placement; 0 with fewer domains than there should be. */
  least = 0;
  readonly #tasks: BoundTaskCount;
  readonly #column: AttributeColumn;
  readonly #minDomains: number;

  constructor(
    cluster: ClusterView,
    task: TaskClassView,
    attribute: string,
    counted: CountedTasks,
    minDomains = 1,
  ) {
    this.#column = cluster.attribute(attribute);
    this.ids = this.#column.ids;
    this.counts = new Int32Array(this.#column.idCount);
    this.#tasks = counted.bind(cluster, task, attribute);
    this.#minDomains = minDomains;
  }

  /** Gathers the present counts. O(values). */
  refresh(): void {
    const { counts } = this;
    const { own } = this.#tasks;
    let domains = 0;
    let least = Infinity;
    for (let id = 1; id < counts.length; id++) {
      const count = this.#tasks.get(id);
      counts[id] = count + own;
      if (this.#column.agentCount(id) === 0) continue;
      domains++;
      if (count < least) least = count;
    }
    this.least = domains === 0 || domains < this.#minDomains ? 0 : least;
  }

  /** The domain of a row in words. */
  where(row: number): string {
    return `${this.#column.key} ${this.#column.valueOf(this.ids[row])}`;
  }

  /** By how much the domain of a row that has one would exceed the emptiest. */
  skew(row: number): number {
    return this.counts[this.ids[row]] - this.least;
  }
}
