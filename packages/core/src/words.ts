/**
 * Sequential writing and reading of columns of 32-bit words.
 */
import { fail } from './errors.ts';

export class WordWriter {
  readonly #parts: Int32Array[] = [];
  #tail: number[] = [];
  length = 0;

  word(value: number): void {
    this.#tail.push(value);
    this.length++;
  }

  /** Appends the first `count` elements of a column. */
  column(values: Int32Array | Uint8Array, count: number): void {
    this.#flush();
    this.#parts.push(Int32Array.from(values.subarray(0, count)));
    this.length += count;
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

  /** The next `count` words. @throws StowageError INVALID_SNAPSHOT when there are fewer */
  column(count: number): Int32Array {
    if (!Number.isInteger(count) || count < 0 || this.#at + count > this.#words.length) {
      fail('INVALID_SNAPSHOT', 'a column is shorter than the snapshot says; take an older snapshot.');
    }
    this.#at += count;
    return this.#words.subarray(this.#at - count, this.#at);
  }

  /** @throws StowageError INVALID_SNAPSHOT when words are left */
  end(): void {
    if (this.#at !== this.#words.length)
      fail('INVALID_SNAPSHOT', 'the snapshot holds more than it says; take an older one.');
  }
}
