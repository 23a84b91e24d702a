/** A set of rows, one bit each. */
export class RowSet {
  /** Journal version up to which it is valid, -1 when it is not. */
  seen = -1;
  /** Rows in it. */
  size = 0;
  readonly #words: Int32Array;

  constructor(capacity: number) {
    this.#words = new Int32Array(Math.ceil(capacity / 32));
  }

  get bytes(): number {
    return this.#words.byteLength;
  }

  has(row: number): boolean {
    return ((this.#words[row >>> 5] >>> (row & 31)) & 1) === 1;
  }

  put(row: number, isMember: boolean): void {
    if (this.has(row) === isMember) return;
    this.#words[row >>> 5] ^= 1 << (row & 31);
    this.size += isMember ? 1 : -1;
  }

  clear(): void {
    this.#words.fill(0);
    this.size = 0;
  }

  /** Writes the rows in it, in order. @returns their number. O(capacity / 32 + rows) */
  rowsInto(rows: Int32Array): number {
    const words = this.#words;
    let count = 0;
    for (let w = 0; w < words.length; w++) {
      for (let word = words[w]; word !== 0; word &= word - 1) {
        rows[count++] = (w << 5) + (31 - Math.clz32(word & -word));
      }
    }
    return count;
  }
}
