/**
 * Structure for classes that ask for a slot under a label, such as an interface with security groups, and rank agents
 * by load. An agent can serve them if it has the label in use already, or else if it has enough idle slots. The first
 * kind is a list per label, the second one more dimension of the ordered index; the better of both answers is the
 * answer. What is found first is a bound for the other search: the holders where load is all that ranks, since as a rule
 * one of them is the answer. O(holders of the label + groups · log agents), of which a holder costs a few instructions.
 */
import type { BoundClass } from '../decisions/bound-class.ts';
import type { HolderSearch } from './holder-search.ts';
import type { OrderedIndex } from './ordered-index.ts';
import type { IndexedStructure } from './indexed-structure.ts';
import { UNION } from './structure-name.ts';

export class HolderUnion implements IndexedStructure {
  readonly code: number = UNION;
  readonly index: OrderedIndex;
  lastCostNs = 0;
  readonly #holders: HolderSearch;

  constructor(index: OrderedIndex, holders: HolderSearch) {
    this.index = index;
    this.#holders = holders;
  }

  find(bound: BoundClass): number {
    const row = ranksByLoadOnly(bound) ? this.#holdersFirst(bound) : this.#holdersLast(bound);
    this.lastCostNs = this.index.lastCostNs + this.#holders.lastCostNs;
    return row;
  }

  #holdersFirst(bound: BoundClass): number {
    return this.index.find(bound, this.#holders.better(bound, this.index.groups, -1));
  }

  #holdersLast(bound: BoundClass): number {
    const other = this.index.find(bound);
    return this.#holders.better(bound, this.index.groups, other);
  }
}

/** Whether two agents of equal load tie for good, so that a search may pass over all that rank behind one row. */
function ranksByLoadOnly({ policies }: BoundClass): boolean {
  return !policies.hasGroups && !policies.ranksTies;
}
