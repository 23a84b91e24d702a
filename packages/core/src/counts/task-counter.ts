/**
 * How many placed tasks carry a label value, per agent or per value of an attribute: what unique-host, balance
 * and co-location policies look at. A count exists from the moment a plug-in asks for it, built once from the
 * task table and then kept by every placement and release.
 */
import type { AttributeColumn } from '../agents/attribute-table.ts';
import type { KindCounts } from './kind-counts.ts';
import type { MaintainedCount } from './maintained-count.ts';
import type { TaskClass } from '../tasks/task-class.ts';
import type { TaskCounts } from './task-counts.ts';

/** One maintained count. */
export class TaskCounter<C extends KindCounts> implements MaintainedCount, TaskCounts {
  /** By value id. */
  readonly counts: C;
  readonly #label: number;
  readonly #attribute: AttributeColumn | undefined;

  /** @param attribute - undefined counts by agent row */
  constructor(label: number, attribute: AttributeColumn | undefined, counts: C) {
    this.#label = label;
    this.#attribute = attribute;
    this.counts = counts;
  }

  get(labelId: number, at: number): number {
    return this.counts.get(labelId, at);
  }

  placed(taskClass: TaskClass, row: number): void {
    const labelId = taskClass.labelId(this.#label);
    if (labelId !== 0) this.counts.add(labelId, this.#at(row));
  }

  released(taskClass: TaskClass, row: number): void {
    const labelId = taskClass.labelId(this.#label);
    if (labelId !== 0) this.counts.remove(labelId, this.#at(row));
  }

  clear(): void {
    this.counts.clear();
  }

  get isByAttribute(): boolean {
    return this.#attribute !== undefined;
  }

  emptyCopy(): TaskCounter<KindCounts> {
    return new TaskCounter(this.#label, this.#attribute, this.counts.emptyCopy());
  }

  equals(other: TaskCounter<C>): boolean {
    return this.counts.equals(other.counts);
  }

  #at(row: number): number {
    return this.#attribute === undefined ? row : this.#attribute.ids[row];
  }
}
