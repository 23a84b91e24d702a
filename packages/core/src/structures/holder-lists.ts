/**
 * Lists of slots by label, each with its row and what a search compares of that: score by load, in steps, and free units
 * of two resources. All lists are spans of one column, so that an entry is found by one number and a list is read from
 * front to back. A span that is full is exchanged for one twice as long; spans are used again.
 */
import { grown } from '../support/grown.ts';

/** Words of an entry: what a search compares stands side by side. */
export const STEPS = 0;
export const FIRST_FREE = 1;
export const SECOND_FREE = 2;
export const ROW = 3;
export const WORDS = 4;

/** Binary logarithm of the entries in the shortest span: two lines of the cache. */
const FIRST_BITS = 3;
const FIRST_ENTRIES = 256;
const UNLISTED = -1;

export class HolderLists {
  /** First word of the entry of each slot, -1 for one that is not listed. */
  readonly wordsOf: Int32Array;
  /** Entries of all lists; but for the row, the words are written by whoever adds. */
  words: Int32Array = new Int32Array(FIRST_ENTRIES * WORDS);
  #slots: Int32Array = new Int32Array(FIRST_ENTRIES);
  /** Entries that are in spans. */
  #end = 0;
  /** By label: first entry of its span, slots listed, and the binary logarithm of the span's length, 0 for none. */
  #starts: Int32Array = new Int32Array(64);
  #sizes: Int32Array = new Int32Array(64);
  #bits: Int32Array = new Int32Array(64);
  /** First entries of spans that no label has, by logarithm of their length. */
  readonly #free: number[][] = Array.from({ length: 32 }, () => []);

  constructor(slotCount: number) {
    this.wordsOf = new Int32Array(slotCount).fill(UNLISTED);
  }

  /** First word of the list of a label. */
  startOf(label: number): number {
    return label < this.#starts.length ? WORDS * this.#starts[label] : 0;
  }

  sizeOf(label: number): number {
    return label < this.#sizes.length ? this.#sizes[label] : 0;
  }

  /** Slots in all lists. */
  get total(): number {
    return this.#sizes.reduce((sum, size) => sum + size, 0);
  }

  /** Appends a slot to the list of a label. Amortised O(1). @returns the first word of its entry */
  add(label: number, slot: number, row: number): number {
    if (label >= this.#sizes.length) this.#makeRoomForLabel(label);
    const size = this.#sizes[label];
    if (this.#bits[label] === 0 || size === 1 << this.#bits[label]) this.#lengthen(label);
    this.#sizes[label] = size + 1;
    const entry = this.#starts[label] + size;
    this.#slots[entry] = slot;
    this.words[WORDS * entry + ROW] = row;
    return (this.wordsOf[slot] = WORDS * entry);
  }

  /** Takes a slot out of the list of a label; the last one of that takes its place. */
  remove(label: number, slot: number): void {
    this.#copy(this.#starts[label] + --this.#sizes[label], this.wordsOf[slot] / WORDS);
    this.wordsOf[slot] = UNLISTED;
    if (this.#sizes[label] > 0) return;
    this.#free[this.#bits[label]].push(this.#starts[label]);
    this.#bits[label] = 0;
  }

  #lengthen(label: number): void {
    const bits = this.#bits[label];
    const longer = bits === 0 ? FIRST_BITS : bits + 1;
    const from = this.#starts[label];
    const to = this.#takeSpan(longer);
    for (let i = 0; i < this.#sizes[label]; i++) this.#copy(from + i, to + i);
    if (bits > 0) this.#free[bits].push(from);
    this.#starts[label] = to;
    this.#bits[label] = longer;
  }

  #copy(from: number, to: number): void {
    this.words.copyWithin(WORDS * to, WORDS * from, WORDS * (from + 1));
    this.#slots[to] = this.#slots[from];
    this.wordsOf[this.#slots[to]] = WORDS * to;
  }

  #takeSpan(bits: number): number {
    const known = this.#free[bits].pop();
    if (known !== undefined) return known;
    const start = this.#end;
    this.#end += 1 << bits;
    if (this.#end > this.#slots.length) {
      const length = Math.max(this.#end, 2 * this.#slots.length);
      this.#slots = grown(this.#slots, length);
      this.words = grown(this.words, WORDS * length);
    }
    return start;
  }

  #makeRoomForLabel(label: number): void {
    const length = Math.max(label + 1, 2 * this.#sizes.length);
    this.#starts = grown(this.#starts, length);
    this.#sizes = grown(this.#sizes, length);
    this.#bits = grown(this.#bits, length);
  }
}
