/**
 * The line of the agents for demands of one size, as level-waste.ts needs it: ordered by what the demand costs in waste
 * on each, the greatest saving first; with the probability that an agent is reached before the end, and what the
 * demand costs if it is not taken there but behind.
 */

/**
 * Share of the cost elsewhere that counts. It lies between 0, every other agent being lost to the demand by the time it
 * comes, and 1, all of them still waiting.
 */
const ELSEWHERE = 1 / 2;

/** What lines come to, by gap and line: λ for one more agent with this gap and for the last that there is, and ½ c. */
export class Rates {
  readonly width: number;
  readonly ofAdded: Float64Array;
  readonly ofLast: Float64Array;
  readonly elsewhere: Float64Array;

  constructor(levels: number, width: number) {
    this.width = width;
    this.ofAdded = new Float64Array(levels * width);
    this.ofLast = new Float64Array(levels * width);
    this.elsewhere = new Float64Array(levels * width);
  }
}

/** How the agents stand in line for demands of one size. */
export class DemandLine {
  readonly size: number;
  /** Gaps in the order of the line, and what each costs. Kept from lesson to lesson, when they are nearly right. */
  readonly #gaps: Int32Array;
  readonly #costs: Float64Array;
  /** By place in the line: probability that none of the agents with this gap is left. */
  readonly #used: Float64Array;
  /** What a demand costs that opens an agent, and on average. */
  #ofNew = 0;
  #usual = NaN;

  constructor(size: number, levels: number) {
    this.size = size;
    this.#gaps = Int32Array.from({ length: levels - size }, (_, i) => size + i);
    this.#costs = new Float64Array(levels - size);
    this.#used = new Float64Array(levels - size);
  }

  /** Puts the gaps in order by cost, the smaller one first among equals at the beginning, and looks what is paid. */
  stand(added: Float64Array, last: Float64Array, counts: Int32Array, forgotten: number): void {
    const gaps = this.#gaps;
    const costs = this.#costs;
    // Insertion sort, linear for a line that is nearly in order.
    for (let i = 0; i < gaps.length; i++) {
      const gap = gaps[i];
      const cost = added[gap - this.size] - last[gap];
      let at = i;
      for (; at > 0 && costs[at - 1] > cost; at--) {
        costs[at] = costs[at - 1];
        gaps[at] = gaps[at - 1];
      }
      costs[at] = cost;
      gaps[at] = gap;
    }
    this.#ofNew = added[added.length - 1 - this.size];
    const first = gaps.findIndex((gap) => counts[gap] > 0);
    const paid = first < 0 ? this.#ofNew : Math.min(costs[first], this.#ofNew);
    this.#usual = Number.isNaN(this.#usual) ? paid : this.#usual + forgotten * (paid - this.#usual);
  }

  /** @param another - probability that another such demand comes before the end */
  rateInto(
    { ofAdded, ofLast, elsewhere, width }: Rates,
    index: number,
    counts: Int32Array,
    another: number,
  ): void {
    const gaps = this.#gaps;
    let reached = 1;
    for (let i = 0; i < gaps.length; i++) {
      const count = counts[gaps[i]];
      this.#used[i] = count > 0 ? another ** count : 1;
      reached *= this.#used[i];
      const at = gaps[i] * width + index;
      ofAdded[at] = rateOf(reached * another);
      ofLast[at] = rateOf(Math.min(reached, another));
    }
    const most = Math.min(this.#usual, this.#ofNew);
    let cost = most;
    for (let i = gaps.length - 1; i >= 0; i--) {
      elsewhere[gaps[i] * width + index] = ELSEWHERE * cost;
      const used = this.#used[i];
      cost = (1 - used) * Math.min(this.#costs[i], most) + used * cost;
    }
  }
}

/** The rate at which an event happens before an end of rate 1 with a probability below 1. */
function rateOf(probability: number): number {
  return probability / (1 - probability);
}
