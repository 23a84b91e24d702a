/**
 * Random numbers that are the same everywhere: mulberry32 (Tommy Ettinger, public domain), 32-bit integers only.
 * 2^32 states are plenty for shuffling a trace, and too few for anything that must not be guessed.
 */

/**
 * A deterministic source of random integers.
 * @public
 */
export class SeededRandom {
  #state: number;

  /** @param seed - integer, of which the lowest 32 bits count */
  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** The next 32 random bits as an integer from 0 to 2^32 − 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  }

  /** A uniform integer from 0 to bound − 1; values that would favour the small ones are drawn again. */
  below(bound: number): number {
    const limit = 2 ** 32 - (2 ** 32 % bound);
    let value = this.next();
    while (value >= limit) value = this.next();
    return value % bound;
  }

  /** A copy in random order (Fisher and Yates). */
  shuffled<T>(items: readonly T[]): T[] {
    const copy = [...items];
    for (let i = copy.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      [copy[i], copy[j]] = [copy[j], copy[i]];
    }
    return copy;
  }
}
