/**
 * Expected use of a gap in several resources: how much of it tasks like the latest 64 will take, by sizes
 * |s| = Σ_k s_k / total_k. An open gap is offered `OFFERS` further tasks on average until an unknown end, and takes one if
 * that is better than to wait (optimal stopping), after which it is a smaller gap that may take one more:
 *   U(g) = λ · Σ_s max(0, |s| + U₁(g − s) − U(g)),   U₁(g) = λ · Σ_s max(0, |s| − U₁(g)),   λ = OFFERS / shapes,
 * over the shapes s that fit. U₁ depends only on which shapes fit, and those are bit masks: one per resource and rank of
 * what is left among the sizes of the shapes, all of them joined by AND.
 */

/** Offers to an open gap on average. */
const OFFERS = 16;

/** Bits of a mask, in two words of 32; the largest shape has the highest bit of the first. */
const WORD = 32;
const HIGHEST = 0x80000000;

/** Steps in which ranks are looked up; from the beginning of a step it is seldom more than one size to the rank. */
const STEPS = 256;

const MAX_ROUNDS = 64;

export class SampledGain {
  readonly #count: number;
  readonly #rate: number;
  readonly #sizes: Float64Array;
  readonly #units: readonly Int32Array[];
  readonly #ladders: readonly Ladder[];
  readonly #left: Int32Array;
  readonly #values = new Float64Array(2 * WORD);
  #head = 0;
  #tail = 0;

  /**
   * @param shapes - at most 64
   * @param totals - greatest total of an agent by resource
   */
  constructor(shapes: readonly Int32Array[], totals: Int32Array) {
    const sizeOf = (shape: Int32Array): number =>
      shape.reduce((sum, units, k) => sum + shareOf(units, totals[k]), 0);
    const sorted = shapes.map((shape) => ({ shape, size: sizeOf(shape) })).sort((a, b) => b.size - a.size);
    this.#count = shapes.length;
    this.#rate = OFFERS / Math.max(1, shapes.length);
    this.#sizes = Float64Array.from(sorted, ({ size }) => size);
    this.#units = sorted.map(({ shape }) => shape);
    this.#ladders = Array.from(
      totals,
      (total, k) =>
        new Ladder(
          this.#units.map((shape) => shape[k]),
          total,
        ),
    );
    this.#left = new Int32Array(totals.length);
  }

  /** U of a gap, in totals of an agent. O(shapes that fit · (resources + shapes that fit)), mostly a fraction of it. */
  of(gap: Int32Array): number {
    this.#mask(gap);
    const head = this.#head;
    const tail = this.#tail;
    const once = this.#once();
    let count = 0;
    let sum = 0;
    let rates = 1;
    for (let at = 0; at < this.#count; at += WORD) {
      for (let word = at === 0 ? head : tail; word !== 0;) {
        const bit = Math.clz32(word);
        word &= ~(HIGHEST >>> bit);
        const size = this.#sizes[at + bit];
        // A smaller gap has no greater U₁, and any of the shapes alone give no greater U: the rest are worth no more.
        if ((size + once) * rates <= sum) return this.#solved(count);
        const value = size + this.#after(gap, at + bit);
        this.#values[count++] = value;
        if (value * rates <= sum) continue;
        sum += this.#rate * value;
        rates += this.#rate;
      }
    }
    return this.#solved(count);
  }

  /** U₁ of what a shape leaves of a gap. */
  #after(gap: Int32Array, shape: number): number {
    const units = this.#units[shape];
    for (let k = 0; k < units.length; k++) this.#left[k] = gap[k] - units[k];
    this.#mask(this.#left);
    return this.#once();
  }

  /** U₁ of the gap that was looked at last. */
  #once(): number {
    let gain = 0;
    let sum = 0;
    let rates = 1;
    for (let at = 0; at < this.#count; at += WORD) {
      for (let word = at === 0 ? this.#head : this.#tail; word !== 0;) {
        const bit = Math.clz32(word);
        word &= ~(HIGHEST >>> bit);
        const size = this.#sizes[at + bit];
        // From the largest on; those that are not worth more than to wait end it.
        if (size <= gain) return gain;
        sum += this.#rate * size;
        rates += this.#rate;
        gain = sum / rates;
      }
    }
    return gain;
  }

  /** The root u of u = λ Σ max(0, value − u), by Newton's method from the left: it falls to the right and is convex. */
  #solved(count: number): number {
    let gain = 0;
    for (let round = 0; round < MAX_ROUNDS; round++) {
      let sum = 0;
      let rates = 1;
      for (let i = 0; i < count; i++) {
        if (this.#values[i] <= gain) continue;
        sum += this.#rate * this.#values[i];
        rates += this.#rate;
      }
      const next = sum / rates;
      if (next <= gain) return gain;
      gain = next;
    }
    return gain;
  }

  /** Finds the shapes that fit into a gap. */
  #mask(gap: Int32Array): void {
    let head = -1;
    let tail = -1;
    for (let k = 0; k < gap.length; k++) {
      const ladder = this.#ladders[k];
      const rank = ladder.rankOf(gap[k]);
      head &= ladder.heads[rank];
      tail &= ladder.tails[rank];
    }
    this.#head = head;
    this.#tail = tail;
  }
}

/** The shapes by what they ask of one resource. */
class Ladder {
  /** By rank, how many shapes ask for no more: which ones. */
  readonly heads: Int32Array;
  readonly tails: Int32Array;
  /** Ascending, and a sentinel. */
  readonly #units: Float64Array;
  readonly #ranks = new Uint8Array(STEPS + 1);
  readonly #perUnit: number;

  constructor(units: readonly number[], total: number) {
    const order = units.map((_, shape) => shape).sort((a, b) => units[a] - units[b]);
    this.#units = Float64Array.from([...order.map((shape) => units[shape]), Infinity]);
    this.heads = new Int32Array(units.length + 1);
    this.tails = new Int32Array(units.length + 1);
    order.forEach((shape, i) => {
      this.heads[i + 1] = this.heads[i] | (shape < WORD ? HIGHEST >>> shape : 0);
      this.tails[i + 1] = this.tails[i] | (shape < WORD ? 0 : HIGHEST >>> (shape - WORD));
    });
    this.#perUnit = STEPS / (total + 1);
    for (let step = 0, rank = 0; step <= STEPS; step++) {
      while (this.#stepOf(this.#units[rank]) < step) rank++;
      this.#ranks[step] = rank;
    }
  }

  /** How many shapes ask for at most so many units. */
  rankOf(units: number): number {
    let rank = this.#ranks[this.#stepOf(units)];
    while (this.#units[rank] <= units) rank++;
    return rank;
  }

  #stepOf(units: number): number {
    return Math.min(STEPS, Math.floor(units * this.#perUnit));
  }
}

/** A resource that no agent has counts nothing. */
export function shareOf(units: number, total: number): number {
  return total > 0 ? units / total : 0;
}
