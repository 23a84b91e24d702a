/** A set of rows, one bit each. */
import { bitsInto, flipBit, hasBit, wordsFor } from '../support/bits.ts';

export class RowSet {
  /** Journal version up to which it is valid, -1 when it is not. */
  seen = -1;
  /** Rows in it. */
  size = 0;
  readonly #words: Int32Array;

  constructor(capacity: number) {
    this.#words = new Int32Array(wordsFor(capacity));
  }

  get bytes(): number {
    return this.#words.byteLength;
  }

  has(row: number): boolean {
    return hasBit(this.#words, row);
  }

  put(row: number, isMember: boolean): void {
    if (this.has(row) === isMember) return;
    flipBit(this.#words, row);
    this.size += isMember ? 1 : -1;
  }

  clear(): void {
    this.#words.fill(0);
    this.size = 0;
  }

  /** Writes the rows in it, in order. @returns their number. O(capacity / 32 + rows) */
  rowsInto(rows: Int32Array): number {
    return bitsInto(this.#words, rows);
  }
}
