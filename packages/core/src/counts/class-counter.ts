/**
 * How many placed tasks belong to the classes that satisfy a condition, per agent or per value of an attribute:
 * what affinity, anti-affinity and spread look at. The condition is asked once per class.
 */
import type { AttributeColumn } from '../agents/attribute-table.ts';
import type { KindCounts } from './kind-counts.ts';
import type { MaintainedCount } from './maintained-count.ts';
import type { TaskClass } from '../tasks/task-class.ts';
import type { SelectedCounts } from './task-counts.ts';

export class ClassCounter<C extends KindCounts> implements MaintainedCount, SelectedCounts {
  /** Of one kind, 0. */
  readonly counts: C;
  readonly #number: number;
  readonly #isMember: (taskClass: TaskClass) => boolean;
  readonly #attribute: AttributeColumn | undefined;
  #total = 0;

  /**
   * @param number - unlike that of any other condition of the engine
   * @param attribute - undefined counts by agent row
   */
  constructor(
    number: number,
    isMember: (taskClass: TaskClass) => boolean,
    attribute: AttributeColumn | undefined,
    counts: C,
  ) {
    this.#number = number;
    this.#isMember = isMember;
    this.#attribute = attribute;
    this.counts = counts;
  }

  get total(): number {
    return this.#total;
  }

  get(at: number): number {
    return this.counts.get(0, at);
  }

  placed(taskClass: TaskClass, row: number): void {
    if (!taskClass.isMember(this.#number, this.#isMember)) return;
    this.counts.add(0, this.#at(row));
    this.#total++;
  }

  released(taskClass: TaskClass, row: number): void {
    if (!taskClass.isMember(this.#number, this.#isMember)) return;
    this.counts.remove(0, this.#at(row));
    this.#total--;
  }

  clear(): void {
    this.counts.clear();
    this.#total = 0;
  }

  get isByAttribute(): boolean {
    return this.#attribute !== undefined;
  }

  emptyCopy(): ClassCounter<KindCounts> {
    return new ClassCounter(this.#number, this.#isMember, this.#attribute, this.counts.emptyCopy());
  }

  equals(other: ClassCounter<C>): boolean {
    return this.#total === other.#total && this.counts.equals(other.counts);
  }

  #at(row: number): number {
    return this.#attribute === undefined ? row : this.#attribute.ids[row];
  }
}
