/**
 * Columns of bits, one for each agent row, for kinds of tasks that come and go; used again, and in bounded memory.
 */
import { wordsFor } from '../support/bits.ts';

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
  #taken = 0;

  constructor(space: RowSpace, mostBytes: number = MOST_BYTES) {
    this.space = space;
    this.#mostBytes = mostBytes;
  }

  /** Bits that are all 0; undefined when there is no memory for more. */
  take(): Int32Array | undefined {
    const words = wordsFor(this.space.capacity);
    if ((this.#taken + 1) * words * 4 > this.#mostBytes) return undefined;
    this.#taken++;
    const spare = this.#spare.pop();
    return spare?.length === words ? spare : new Int32Array(words);
  }

  /** @param bits - all 0 */
  giveBack(bits: Int32Array): void {
    this.#taken--;
    this.#spare.push(bits);
  }
}
