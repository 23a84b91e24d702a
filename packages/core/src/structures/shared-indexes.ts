/**
 * The ordered indexes of an engine, one per way to rank by load and per set of groups, and the lists of slot holders.
 */
import type { BoundClass } from '../decisions/bound-class.ts';
import type { PolicySet } from '../decisions/policy-set.ts';
import type { Scratch } from '../decisions/scratch.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { AdditiveLoad } from '../plug-ins/plugin.ts';
import type { ResourceSchema } from '../resources/schema.ts';
import { HolderSearch } from './holder-search.ts';
import { HolderUnion } from './holder-union.ts';
import { RowLoads } from './row-loads.ts';
import { OrderedIndex } from './ordered-index.ts';
import type { StructureCosts } from './cost-model.ts';
import type { IndexedStructure } from './indexed-structure.ts';
import type { PlacementStructure } from './placement-structure.ts';
import { SlotHolders } from './slot-holders.ts';

export class SharedIndexes {
  readonly #ledger: Ledger;
  readonly #schema: ResourceSchema;
  readonly #scratch: Scratch;
  readonly #scan: PlacementStructure;
  readonly #costs: StructureCosts;
  readonly #indexes = new Map<string, OrderedIndex>();
  readonly #byPolicies = new WeakMap<PolicySet, OrderedIndex>();
  /** By what orders them and by resource set. */
  readonly #holders = new Map<string, HolderSearch>();

  /** @param scan - answers for an index for which there is no memory */
  constructor(
    ledger: Ledger,
    schema: ResourceSchema,
    scratch: Scratch,
    scan: PlacementStructure,
    costs: StructureCosts,
  ) {
    this.#ledger = ledger;
    this.#schema = schema;
    this.#scratch = scratch;
    this.#scan = scan;
    this.#costs = costs;
  }

  /** What can answer a class that ranks by load; undefined for others. @throws StowageError UNKNOWN_RESOURCE */
  structureFor({ policies, taskClass }: BoundClass): IndexedStructure | undefined {
    const { additive } = policies;
    if (additive === undefined) return undefined;
    const index = this.#byPolicies.get(policies) ?? this.#indexFor(policies, additive);
    index.include(taskClass);
    const { labelledRequest } = taskClass;
    if (labelledRequest === undefined) return index;
    return new HolderUnion(index, this.#holdersFor(index, labelledRequest.set));
  }

  /** Broken invariants in words. */
  *verify(): Generator<string> {
    for (const index of this.#indexes.values()) yield* index.verify();
    for (const search of this.#holders.values()) yield* search.verify();
  }

  #holdersFor({ order }: OrderedIndex, set: number): HolderSearch {
    const key = JSON.stringify([order.prefer, order.resources, set]);
    let search = this.#holders.get(key);
    if (search === undefined) {
      const { agents, journal, bookings } = this.#ledger;
      const loads = new RowLoads(order, agents, bookings);
      const keepsLabels = this.#schema.sets[set].rebindAfterMs > 0;
      const holders = new SlotHolders(set, keepsLabels, agents, journal, loads);
      search = new HolderSearch(holders, loads, this.#ledger, this.#scratch);
      this.#holders.set(key, search);
    }
    return search;
  }

  #indexFor(policies: PolicySet, { resources, prefer }: AdditiveLoad): OrderedIndex {
    const { groupedBy } = policies;
    const key = JSON.stringify([prefer, [...resources].sort(), groupedBy]);
    let index = this.#indexes.get(key);
    if (index === undefined) {
      const order = {
        resources: resources.map((resource) => this.#schema.scalar(resource).index),
        prefer,
        groupedBy,
      };
      index = new OrderedIndex(order, this.#ledger, this.#scratch, this.#scan, this.#costs);
      this.#indexes.set(key, index);
    }
    this.#byPolicies.set(policies, index);
    return index;
  }
}
