/**
 * The rows that placed tasks of one kind are on, with their number there. While there are some, the kind has a bit for
 * every row, so that asking whether it is on one reads one word among few; the hash table that all kinds of a count share
 * has what it has beyond the first on a row. Where there is no memory for bits, the table has all.
 */
import { bitsInto, flipBit, hasBit } from '../support/bits.ts';
import type { BitPool } from './bit-pool.ts';
import type { PairCounts } from './pair-counts.ts';

/** What all kinds of a count share. */
export interface SharedCounts {
  readonly table: PairCounts;
  readonly pool: BitPool;
}

export class TaskRows {
  readonly #kind: number;
  readonly #shared: SharedCounts;
  /** Undefined without tasks. */
  #bits: Int32Array | undefined = undefined;
  #size = 0;

  constructor(kind: number, shared: SharedCounts) {
    this.#kind = kind;
    this.#shared = shared;
  }

  /** Rows that it is on. */
  get size(): number {
    return this.#size;
  }

  get hasBits(): boolean {
    return this.#bits !== undefined;
  }

  /** Whether such a task is on a row. O(1) with bits, otherwise expected O(1). */
  has(row: number): boolean {
    const bits = this.#bits;
    if (bits !== undefined) return hasBit(bits, row);
    return this.#size > 0 && this.#shared.table.get(this.#kind, row) > 0;
  }

  /** Tasks on a row. Expected O(1). */
  get(row: number): number {
    const bits = this.#bits;
    if (bits === undefined) return this.#size > 0 ? this.#shared.table.get(this.#kind, row) : 0;
    return hasBit(bits, row) ? 1 + this.#shared.table.get(this.#kind, row) : 0;
  }

  /** Expected O(1); O(rows) when the bits are too few. @returns the tasks on the row then */
  add(row: number): number {
    if (this.#size === 0) this.#bits = this.#shared.pool.take();
    else if (this.#bits !== undefined && row >>> 5 >= this.#bits.length) this.#widen(this.#bits);
    const bits = this.#bits;
    if (bits !== undefined && !hasBit(bits, row)) {
      flipBit(bits, row);
      this.#size++;
      return 1;
    }
    const inTable = this.#shared.table.add(this.#kind, row);
    if (bits !== undefined) return 1 + inTable;
    if (inTable === 1) this.#size++;
    return inTable;
  }

  /** Expected O(1). @returns the tasks that are left on the row, -1 if there were none */
  remove(row: number): number {
    const inTable = this.#shared.table.remove(this.#kind, row);
    const bits = this.#bits;
    if (bits === undefined) {
      if (inTable === 0) this.#size--;
      return inTable;
    }
    if (inTable >= 0) return 1 + inTable;
    if (!hasBit(bits, row)) return -1;
    flipBit(bits, row);
    if (--this.#size === 0) this.#giveBack(bits);
    return 0;
  }

  /** Forgets what the table does not have. */
  clear(): void {
    this.#size = 0;
    if (this.#bits !== undefined) this.#giveBack(this.#bits.fill(0));
  }

  /** The rows that have a bit, in order. O(capacity / 32) */
  withBits(): Int32Array {
    const rows = new Int32Array(this.#bits === undefined ? 0 : this.#size);
    if (this.#bits !== undefined) bitsInto(this.#bits, rows);
    return rows;
  }

  /** Makes room for all rows there are, or moves to the table. */
  #widen(bits: Int32Array): void {
    const wider = this.#shared.pool.widen(bits);
    if (wider !== undefined) {
      this.#bits = wider;
      return;
    }
    for (const row of this.withBits()) this.#shared.table.add(this.#kind, row);
    this.#giveBack(bits.fill(0));
  }

  #giveBack(bits: Int32Array): void {
    this.#bits = undefined;
    this.#shared.pool.giveBack(bits);
  }
}
