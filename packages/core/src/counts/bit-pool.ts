/**
 * Columns of bits, one for each agent row, for kinds of tasks that come and go; used again, and in bounded memory.
 */
import { wordsFor } from '../support/bits.ts';
import { grown } from '../support/grown.ts';

/** Of all columns together: 2,600 for 100,000 agents. */
const MOST_BYTES = 32 << 20;

/** How many rows there may be, which never falls. */
export interface RowSpace {
  readonly capacity: number;
}

export class BitPool {
  readonly space: RowSpace;
  readonly #mostBytes: number;
  /** All 0. */
  readonly #spare: Int32Array[] = [];
  /** Of all columns in use. */
  #bytes = 0;

  constructor(space: RowSpace, mostBytes: number = MOST_BYTES) {
    this.space = space;
    this.#mostBytes = mostBytes;
  }

  /** Bits that are all 0; undefined when there is no memory for more. */
  take(): Int32Array | undefined {
    const words = wordsFor(this.space.capacity);
    if (!this.#reserve(4 * words)) return undefined;
    const spare = this.#spare.pop();
    return spare?.length === words ? spare : new Int32Array(words);
  }

  /** Bits with room for all rows, in place of some that are too few; undefined, and those stay, when there is no memory. */
  widen(bits: Int32Array): Int32Array | undefined {
    const words = wordsFor(this.space.capacity);
    return this.#reserve(4 * words - bits.byteLength) ? grown(bits, words) : undefined;
  }

  /** @param bits - all 0 */
  giveBack(bits: Int32Array): void {
    this.#bytes -= bits.byteLength;
    if (bits.length === wordsFor(this.space.capacity)) this.#spare.push(bits);
  }

  #reserve(bytes: number): boolean {
    if (this.#bytes + bytes > this.#mostBytes) return false;
    this.#bytes += bytes;
    return true;
  }
}
