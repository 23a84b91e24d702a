/**
 * Sequential writing and reading of columns of 32-bit words, and a checksum over them.
 */
import { invalid } from './snapshot-meta.ts';

const LONG_BASE = 2 ** 31;

export class WordWriter {
  readonly #parts: Int32Array[] = [];
  #tail: number[] = [];
  length = 0;

  word(value: number): void {
    this.#tail.push(value);
    this.length++;
  }

  /** Appends a safe integer that is not negative, as two words. */
  long(value: number): void {
    this.word(Math.floor(value / LONG_BASE));
    this.word(value % LONG_BASE);
  }

  /** Appends the first `count` elements of a column. */
  column(values: Int32Array | Uint8Array, count: number): void {
    this.#flush();
    this.#parts.push(Int32Array.from(values.subarray(0, count)));
    this.length += count;
  }

  /** Appends `count` words. */
  words(count: number, valueOf: (i: number) => number): void {
    this.column(
      Int32Array.from({ length: count }, (_, i) => valueOf(i)),
      count,
    );
  }

  copyTo(words: Int32Array, offset: number): void {
    this.#flush();
    for (const part of this.#parts) {
      words.set(part, offset);
      offset += part.length;
    }
  }

  #flush(): void {
    if (this.#tail.length === 0) return;
    this.#parts.push(Int32Array.from(this.#tail));
    this.#tail = [];
  }
}

export class WordReader {
  readonly #words: Int32Array;
  #at: number;

  constructor(words: Int32Array, start: number) {
    this.#words = words;
    this.#at = start;
  }

  /** The next `count` words as a view. @throws StowageError INVALID_SNAPSHOT when there are fewer, or one is out of range */
  column(what: string, count: number, least: number, most: number): Int32Array {
    if (this.#at + count > this.#words.length) invalid(`the column of ${what} is shorter than ${count}`);
    const column = this.#words.subarray(this.#at, this.#at + count);
    const at = column.findIndex((value) => value < least || value > most);
    if (at >= 0) invalid(`${what} ${at} is ${column[at]} instead of ${least} to ${most}`);
    this.#at += count;
    return column;
  }

  /** The next `count` integers of two words each. @throws StowageError INVALID_SNAPSHOT as `column` */
  longColumn(what: string, count: number, most: number): Float64Array {
    const words = this.column(what, 2 * count, 0, LONG_BASE - 1);
    const longs = Float64Array.from({ length: count }, (_, i) => words[2 * i] * LONG_BASE + words[2 * i + 1]);
    const at = longs.findIndex((value) => value > most);
    if (at >= 0) invalid(`${what} ${at} is ${longs[at]} instead of at most ${most}`);
    return longs;
  }

  /** @throws StowageError INVALID_SNAPSHOT when words are left */
  end(): void {
    if (this.#at !== this.#words.length) invalid('the snapshot holds more than it says');
  }
}

/**
 * FNV-1a by words over everything from a word on. Multiplying carries a difference towards the high bits only, so
 * a shift brings it down again: without it, two changes of high bits would often cancel. Both steps are bijections,
 * so a change of one word is always seen.
 */
export function checksum(words: Int32Array, from: number): number {
  let hash = 0x811c9dc5;
  for (let i = from; i < words.length; i++) {
    hash = Math.imul(hash ^ words[i], 0x01000193);
    hash ^= hash >>> 15;
  }
  return hash;
}
