/**
 * Counts keyed by a pair of small integers: open addressing with linear probing in three Int32 columns. A count
 * that returns to zero is removed by shifting its successors back (Knuth, TAOCP 6.4, Algorithm R), so that
 * churn neither allocates nor leaves tombstones.
 */
import type { KindCounts } from './kind-counts.ts';

export class PairCounts implements KindCounts {
  #first: Int32Array;
  #second: Int32Array;
  #counts: Int32Array;
  #mask: number;
  #used = 0;

  constructor(capacity = 64) {
    this.#first = new Int32Array(capacity);
    this.#second = new Int32Array(capacity);
    this.#counts = new Int32Array(capacity);
    this.#mask = capacity - 1;
  }

  /** The count of a pair, 0 when it was never added. Expected O(1). */
  get(first: number, second: number): number {
    return this.#counts[this.#find(first, second)];
  }

  add(first: number, second: number): number {
    const at = this.#find(first, second);
    const count = ++this.#counts[at];
    if (count > 1) return count;
    this.#first[at] = first;
    this.#second[at] = second;
    if (++this.#used * 2 > this.#mask) this.#rehash();
    return 1;
  }

  remove(first: number, second: number): number {
    const at = this.#find(first, second);
    if (this.#counts[at] === 0) return -1;
    const left = --this.#counts[at];
    if (left === 0) this.#delete(at);
    return left;
  }

  clear(): void {
    this.#counts.fill(0);
    this.#used = 0;
  }

  emptyCopy(): PairCounts {
    return new PairCounts();
  }

  /** Whether both hold the same pairs with the same counts. */
  equals(other: PairCounts): boolean {
    return (
      this.#used === other.#used &&
      this.every((first, second) => other.get(first, second) === this.get(first, second))
    );
  }

  /** Whether something holds for all pairs that are counted. */
  every(holds: (first: number, second: number) => boolean): boolean {
    return this.#counts.every((count, at) => count === 0 || holds(this.#first[at], this.#second[at]));
  }

  #home(first: number, second: number): number {
    const hash = Math.imul(first, 0x9e3779b1) ^ Math.imul(second, 0x85ebca6b);
    return (hash ^ (hash >>> 15)) & this.#mask;
  }

  /** Where the pair is, or the empty place where it belongs. */
  #find(first: number, second: number): number {
    let at = this.#home(first, second);
    while (this.#counts[at] !== 0 && (this.#first[at] !== first || this.#second[at] !== second)) {
      at = (at + 1) & this.#mask;
    }
    return at;
  }

  #delete(hole: number): void {
    this.#used--;
    let at = hole;
    for (;;) {
      at = (at + 1) & this.#mask;
      if (this.#counts[at] === 0) return;
      const home = this.#home(this.#first[at], this.#second[at]);
      const distanceFromHome = (at - home) & this.#mask;
      const distanceFromHole = (at - hole) & this.#mask;
      if (distanceFromHome < distanceFromHole) continue;
      this.#first[hole] = this.#first[at];
      this.#second[hole] = this.#second[at];
      this.#counts[hole] = this.#counts[at];
      this.#counts[at] = 0;
      hole = at;
    }
  }

  #rehash(): void {
    const [first, second, counts] = [this.#first, this.#second, this.#counts];
    const capacity = counts.length * 2;
    this.#first = new Int32Array(capacity);
    this.#second = new Int32Array(capacity);
    this.#counts = new Int32Array(capacity);
    this.#mask = capacity - 1;
    for (let old = 0; old < counts.length; old++) {
      if (counts[old] === 0) continue;
      const at = this.#find(first[old], second[old]);
      this.#first[at] = first[old];
      this.#second[at] = second[old];
      this.#counts[at] = counts[old];
    }
  }
}
