/**
 * The newest changes, as many as the capacity, by their sequence number. Adding one over the capacity drops the oldest.
 */
import type { LoggedChange } from './job-change.ts';

/** O(1) everywhere. */
export class ChangeRing {
  readonly #capacity: number;
  readonly #places: LoggedChange[] = [];
  readonly #first: number;
  #last: number;

  /** @param first - number of the first change */
  constructor(capacity: number, first: number) {
    this.#capacity = capacity;
    this.#first = first;
    this.#last = first - 1;
  }

  /** Number of the newest change; one less than the first when there was none. */
  get last(): number {
    return this.#last;
  }

  /** Number of the oldest change that is held; `last + 1` when there is none. */
  get oldest(): number {
    return Math.max(this.#first, this.#last - this.#capacity + 1);
  }

  /** Adds the change that has the number `last + 1`. */
  push(entry: LoggedChange): void {
    this.#last++;
    this.#places[(this.#last - this.#first) % this.#capacity] = entry;
  }

  /** @param sequence - from `oldest` to `last` */
  at(sequence: number): LoggedChange {
    return this.#places[(sequence - this.#first) % this.#capacity];
  }
}
