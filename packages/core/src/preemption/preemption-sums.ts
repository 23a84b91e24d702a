/**
 * The greatest sum that a number of values can have when only values from a position on may be taken: what a search
 * needs to know to turn back early. Exact for few values; for more, those beyond are taken to be as great as the last
 * one that was counted, which is never too little. So the table stays small, and building it takes O(values · depth).
 */
const MAX_DEPTH = 16;

export class SuffixSums {
  readonly #width: number;
  /** At `from * width + count`. */
  readonly #sums: Float64Array;

  /** @param count - the most values that will be asked for */
  constructor(values: Float64Array, count: number) {
    const depth = Math.max(1, Math.min(count, MAX_DEPTH));
    this.#width = depth + 1;
    this.#sums = new Float64Array((values.length + 1) * this.#width);
    const greatest = new Float64Array(depth).fill(-Infinity);
    for (let from = values.length - 1; from >= 0; from--) {
      let value = values[from];
      let sum = 0;
      for (let i = 0; i < depth; i++) {
        if (value > greatest[i]) [greatest[i], value] = [value, greatest[i]];
        if (greatest[i] !== -Infinity) sum += greatest[i];
        this.#sums[from * this.#width + i + 1] = sum;
      }
    }
  }

  /** An upper bound on the sum of `count` values at positions from `from` on; there must be as many. */
  most(from: number, count: number): number {
    const base = from * this.#width;
    const depth = this.#width - 1;
    if (count <= depth) return this.#sums[base + count];
    const last = this.#sums[base + depth] - this.#sums[base + depth - 1];
    return this.#sums[base + depth] + (count - depth) * last;
  }
}
