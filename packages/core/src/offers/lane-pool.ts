/**
 * One interface over amounts, ranges and sets, so that the books of an agent need not know the kinds: a lane pool
 * has what is offered and taken of one resource name of one agent, by lane. What a kind does not have (amounts
 * have no values) is empty.
 */
import { AmountPool } from './amount-pool.ts';
import { type Items, itemAlgebra } from './items.ts';
import type { PartIdentity } from './offer.ts';
import { rangeAlgebra, type Ranges, valuesOfRanges } from './ranges.ts';
import { ItemPool, RangePool, type ValuePool } from './value-pool.ts';

/** Concrete values of one kind; the other list is empty. */
export interface Values {
  readonly ranges: Ranges;
  readonly items: Items;
}

export const NO_VALUES: Values = { ranges: rangeAlgebra.none, items: itemAlgebra.none };

export interface LanePool {
  /** Adds what an offer brings to a lane. */
  offer(offerId: string, lane: string, units: number, values: Values): void;
  /** Takes back what `offer` added. */
  withdraw(offerId: string, lane: string, units: number): void;
  /** Units offered and not taken; a value is one unit. */
  free(lane: string): number;
  freeValues(): Values;
  take(task: string, lane: string, units: number): void;
  /** Values of a lane that a task has. */
  heldInLane(task: string, lane: string): Values;
  /** Values of a task that no offer brings. */
  heldOutside(task: string): Values;
  /** All values of a task, ascending. */
  heldBy(task: string): readonly (number | string)[];
  /** @throws StowageError UNAVAILABLE_VALUES unless the values are free */
  claim(task: string, values: Values): void;
  /** @throws StowageError UNAVAILABLE_VALUES when another task has one of the values */
  hold(task: string, values: Values): void;
  release(task: string): void;
}

export function lanePool(kind: PartIdentity['kind']): LanePool {
  if (kind === 'scalar') return new Amounts();
  if (kind === 'ranges') return new ConcreteValues('ranges', new RangePool(), valuesOfRanges);
  return new ConcreteValues('items', new ItemPool(), (items) => items);
}

export function countOf({ ranges, items }: Values): number {
  return rangeAlgebra.count(ranges) + items.length;
}

class Amounts implements LanePool {
  readonly #pool = new AmountPool();

  offer(_offerId: string, lane: string, units: number): void {
    this.#pool.offer(lane, units);
  }

  withdraw(_offerId: string, lane: string, units: number): void {
    this.#pool.withdraw(lane, units);
  }

  free(lane: string): number {
    return this.#pool.free(lane);
  }

  freeValues(): Values {
    return NO_VALUES;
  }

  take(task: string, lane: string, units: number): void {
    this.#pool.take(task, lane, units);
  }

  heldInLane(): Values {
    return NO_VALUES;
  }

  heldOutside(): Values {
    return NO_VALUES;
  }

  heldBy(): readonly never[] {
    return [];
  }

  claim(): void {}

  hold(): void {}

  release(task: string): void {
    this.#pool.release(task);
  }
}

class ConcreteValues<K extends keyof Values> implements LanePool {
  readonly #kind: K;
  readonly #pool: ValuePool<Values[K]>;
  readonly #list: (values: Values[K]) => readonly (number | string)[];

  constructor(
    kind: K,
    pool: ValuePool<Values[K]>,
    list: (values: Values[K]) => readonly (number | string)[],
  ) {
    this.#kind = kind;
    this.#pool = pool;
    this.#list = list;
  }

  offer(offerId: string, lane: string, _units: number, values: Values): void {
    this.#pool.offer(offerId, values[this.#kind], lane);
  }

  withdraw(offerId: string): void {
    this.#pool.withdraw(offerId);
  }

  free(lane: string): number {
    return this.#pool.freeCount(lane);
  }

  freeValues(): Values {
    return this.#wrapped(this.#pool.free());
  }

  take(task: string, lane: string, units: number): void {
    this.#pool.take(task, units, lane);
  }

  heldInLane(task: string, lane: string): Values {
    return this.#wrapped(this.#pool.heldInLane(task, lane));
  }

  heldOutside(task: string): Values {
    return this.#wrapped(this.#pool.heldOutside(task));
  }

  heldBy(task: string): readonly (number | string)[] {
    return this.#list(this.#pool.heldBy(task));
  }

  claim(task: string, values: Values): void {
    this.#pool.claim(task, values[this.#kind]);
  }

  hold(task: string, values: Values): void {
    this.#pool.hold(task, values[this.#kind]);
  }

  release(task: string): void {
    this.#pool.release(task);
  }

  #wrapped(values: Values[K]): Values {
    return { ...NO_VALUES, [this.#kind]: values };
  }
}
