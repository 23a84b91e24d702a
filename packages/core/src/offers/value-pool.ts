/**
 * Concrete values of one resource of one agent (its ports, its devices), given out to tasks. Offers bring values
 * and take them away again; a task's values are its own until it releases them, whatever happens to the offers.
 * Invariant: free = offered − held, and no value is held twice. Overlapping offers count a value once.
 *
 * Lanes keep apart what is reserved differently. A value belongs to the first lane, in the order of their keys,
 * that offers it. Costs are linear in ranges or items, not in values.
 */
import { fail } from '../errors.ts';
import { show } from '../support/show.ts';
import { type Items, itemAlgebra } from './items.ts';
import { failOffer } from './offer-errors.ts';
import { type Ranges, rangeAlgebra } from './ranges.ts';
import type { ValueAlgebra } from './value-algebra.ts';

/** @public */
export class ValuePool<V> {
  readonly #algebra: ValueAlgebra<V>;
  /** Values by offer, then lane. */
  readonly #offers = new Map<string, Map<string, V>>();
  readonly #holders = new Map<string, V>();
  #held: V;
  /** Values by lane in lane order, disjoint; undefined when an offer came or went since. */
  #lanes: Map<string, V> | undefined;

  /** @internal */
  constructor(algebra: ValueAlgebra<V>) {
    this.#algebra = algebra;
    this.#held = algebra.none;
  }

  /** Adds the values of an offer; they may overlap others. @throws StowageError INVALID_OFFER */
  offer(offerId: string, given: V, lane = ''): void {
    const values = this.#algebra.canonical(given, `offer "${offerId}"`);
    const lanes = this.#offers.get(offerId) ?? new Map<string, V>();
    lanes.set(lane, this.#algebra.union(lanes.get(lane) ?? this.#algebra.none, values));
    this.#offers.set(offerId, lanes);
    this.#lanes = undefined;
  }

  /** Takes away what an offer brought and no other one brings too; values held stay held. */
  withdraw(offerId: string): void {
    if (this.#offers.delete(offerId)) this.#lanes = undefined;
  }

  /** Values offered and not held, of one lane or of all. */
  free(lane?: string): V {
    return this.#algebra.without(this.#offered(lane), this.#held);
  }

  freeCount(lane?: string): number {
    return this.#algebra.count(this.free(lane));
  }

  /** The values that a holder has, `none` when it has none. */
  heldBy(holder: string): V {
    return this.#holders.get(holder) ?? this.#algebra.none;
  }

  /** Those of a holder's values that no offer brings. */
  heldOutside(holder: string): V {
    return this.#algebra.without(this.heldBy(holder), this.#offered(undefined));
  }

  /** Those of a holder's values that a lane offers. */
  heldInLane(holder: string, lane: string): V {
    return this.#algebra.common(this.#offered(lane), this.heldBy(holder));
  }

  /**
   * Gives a holder the lowest free values, in addition to those that it has.
   * @throws StowageError UNAVAILABLE_VALUES when fewer are free, INVALID_QUANTITY
   */
  take(holder: string, count: number, lane?: string): V {
    if (!Number.isSafeInteger(count) || count < 0)
      fail('INVALID_QUANTITY', `"${holder}" asks for ${show(count)} values; give an integer of at least 0.`);
    const free = this.free(lane);
    const taken = this.#algebra.lowest(free, count);
    if (this.#algebra.count(taken) < count) {
      failOffer(
        'UNAVAILABLE_VALUES',
        `"${holder}" asks for ${count} values, but ${this.#algebra.count(free)} are free; ask for fewer or wait for an offer.`,
      );
    }
    this.#give(holder, taken);
    return taken;
  }

  /** Gives a holder certain free values. @throws StowageError UNAVAILABLE_VALUES unless all of them are free, INVALID_OFFER */
  claim(holder: string, given: V): void {
    const values = this.#algebra.canonical(given, `what "${holder}" asks for`);
    const missing = this.#algebra.without(values, this.free());
    if (this.#algebra.count(missing) > 0) {
      failOffer(
        'UNAVAILABLE_VALUES',
        `"${holder}" asks for ${show(values)}, but ${show(missing)} is not free; ask for other values.`,
      );
    }
    this.#give(holder, values);
  }

  /**
   * Records values that a holder has in fact, offered or not.
   * @throws StowageError UNAVAILABLE_VALUES when another holder has one of them, INVALID_OFFER
   */
  hold(holder: string, given: V): void {
    const values = this.#algebra.canonical(given, `what "${holder}" has`);
    const others = this.#algebra.without(this.#held, this.heldBy(holder));
    const shared = this.#algebra.common(values, others);
    if (this.#algebra.count(shared) > 0) {
      failOffer(
        'UNAVAILABLE_VALUES',
        `"${holder}" is said to have ${show(values)}, but another task has ${show(shared)}; release that one first.`,
      );
    }
    this.#give(holder, values);
  }

  /** Takes all values from a holder; those still offered are free again. */
  release(holder: string): V {
    const values = this.heldBy(holder);
    this.#holders.delete(holder);
    this.#held = this.#algebra.without(this.#held, values);
    return values;
  }

  #give(holder: string, values: V): void {
    if (this.#algebra.count(values) === 0) return;
    this.#holders.set(holder, this.#algebra.union(this.heldBy(holder), values));
    this.#held = this.#algebra.union(this.#held, values);
  }

  #offered(lane: string | undefined): V {
    this.#lanes ??= this.#arrange();
    if (lane !== undefined) return this.#lanes.get(lane) ?? this.#algebra.none;
    let all = this.#algebra.none;
    for (const values of this.#lanes.values()) all = this.#algebra.union(all, values);
    return all;
  }

  #arrange(): Map<string, V> {
    const algebra = this.#algebra;
    const byLane = new Map<string, V>();
    for (const lanes of this.#offers.values()) {
      for (const [lane, values] of lanes)
        byLane.set(lane, algebra.union(byLane.get(lane) ?? algebra.none, values));
    }
    const arranged = new Map<string, V>();
    let earlier = algebra.none;
    for (const lane of [...byLane.keys()].sort()) {
      const values = byLane.get(lane)!;
      arranged.set(lane, algebra.without(values, earlier));
      earlier = algebra.union(earlier, values);
    }
    return arranged;
  }
}

/** Integers in ranges, such as the ports of an agent. @public */
export class RangePool extends ValuePool<Ranges> {
  constructor() {
    super(rangeAlgebra);
  }
}

/** Texts, such as the devices of an agent. @public */
export class ItemPool extends ValuePool<Items> {
  constructor() {
    super(itemAlgebra);
  }
}
