/**
 * Structure for classes that ask for a slot under a label, such as an interface with security groups, and rank agents
 * by load. An agent can serve them if it has the label in use already, or else if it has enough idle slots. The first
 * kind is a list per label, the second one more dimension of the ordered index; the better of both answers is
 * the answer. O(holders of the label + groups · log agents).
 */
import type { BoundClass } from '../decisions/bound-class.ts';
import type { Scratch } from '../decisions/scratch.ts';
import type { OrderedIndex } from './ordered-index.ts';
import type { IndexedStructure } from './indexed-structure.ts';
import type { SlotHolders } from './slot-holders.ts';
import { UNION } from './structure-name.ts';

export class HolderUnion implements IndexedStructure {
  readonly code: number = UNION;
  readonly index: OrderedIndex;
  lastCostNs = 0;
  readonly #holders: SlotHolders;
  readonly #scratch: Scratch;

  constructor(index: OrderedIndex, holders: SlotHolders, scratch: Scratch) {
    this.index = index;
    this.#holders = holders;
    this.#scratch = scratch;
  }

  find(bound: BoundClass): number {
    const holder = this.#bestHolder(bound);
    const other = this.index.find(bound);
    this.lastCostNs += this.index.lastCostNs;
    if (holder < 0 || other < 0 || holder === other) return Math.max(holder, other);
    const { rows, scores } = this.#scratch;
    rows[0] = holder;
    rows[1] = other;
    return bound.best(0, rows, 2, scores);
  }

  #bestHolder(bound: BoundClass): number {
    const { rows, scores } = this.#scratch;
    const { label } = bound.taskClass.labelledRequest!;
    this.#holders.synchronise(rows);
    const listed = this.#holders.rowsInto(label, rows);
    this.#scratch.evaluations += listed;
    this.lastCostNs = listed * bound.policies.agentNs;
    const count = bound.filter(rows, listed);
    return count === 0 ? -1 : bound.best(0, rows, count, scores);
  }
}
