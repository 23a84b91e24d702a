/**
 * Expected waste of a gap when tasks ask for one resource in small units, so that gaps are levels 0, 1, …, C.
 *
 * W(g) is what of a gap g will never be used. Demands s come at rates seen so far until an unknown end, a geometric
 * horizon of R arrivals, and whoever holds the gap takes one if that is better than to wait:
 *   W(g) = g − Σ_s λ_s(g) · max(0, W(g) − W(g − s) + c_s(g)).
 * Agents compete: for demand s they stand in line by W(g − s) − W(g), the greatest saving first, and an agent behind
 * k − 1 others is reached with probability q_s^k, q_s = R p_s / (1 + R p_s), hence λ_s = q_s^k / (1 − q_s^k). c_s is half
 * of what the demand is expected to cost behind it in the line. This is the self-correction of Sum-of-Squares (Csirik
 * et al., JACM 2006) and of Lagrangian penalties (Gupta and Radovanović, Operations Research 2020), with a value that
 * falls with the number of equal gaps, but derived from a model instead of a potential.
 */
import type { ArrivalHistory } from './arrival-history.ts';
import { DemandLine, Rates } from './demand-line.ts';

/** Arrivals planned for at first; a horizon that is reached is extended to so many times as many. */
const FIRST_HORIZON = 512;
const EXTENSION = 4;

/** Usual costs follow the arrivals of about the latest half. */
const FORGETTING = 2;

/** Lessons follow each other closely enough for one step each, but the first begins with nothing. */
const FIRST_ROUNDS = 16;

const PRECISION = 1e-9;
const MAX_STEPS = 64;

export class LevelWaste {
  readonly #levels: number;
  /** By level: waste of one more agent with this gap, and of the last of those that there are. */
  readonly #added: Float64Array;
  readonly #last: Float64Array;
  /** Agents by gap when the waste was worked out. */
  readonly #counted: Int32Array;
  /** By size, ascending. */
  #lines: DemandLine[] = [];
  #rates: Rates;
  #learnt = 0;
  #nextLesson = 0;

  /** @param levels - greatest gap, the total of the largest agent */
  constructor(levels: number) {
    this.#levels = levels;
    this.#added = Float64Array.from({ length: levels + 1 }, (_, gap) => gap);
    this.#last = this.#added.slice();
    this.#counted = new Int32Array(levels + 1);
    this.#rates = new Rates(levels, 0);
  }

  /**
   * Learns from what arrived since, unless that is too little. O(distinct demands · levels) when it learns.
   * @param counts - agents in use by gap
   */
  learn(history: ArrivalHistory, counts: Int32Array): void {
    if (history.count < this.#nextLesson) return;
    const { count } = history;
    const isFirst = this.#learnt === 0;
    const forgotten = isFirst ? 1 : (FORGETTING * (count - this.#learnt)) / count;
    this.#learnt = count;
    this.#nextLesson = history.nextLesson();
    this.#counted.set(counts);
    this.#addLines(history.amounts());
    for (let round = isFirst ? FIRST_ROUNDS : 1; round > 0; round--)
      this.#improve(history, Math.min(1, forgotten), counts);
  }

  /** One step towards the waste that agrees with itself: it decides the order of the lines, and these decide it. */
  #improve(history: ArrivalHistory, forgotten: number, counts: Int32Array): void {
    const { count } = history;
    const horizon = horizonAfter(count);
    this.#lines.forEach((line, i) => {
      const expected = (horizon * history.amounts().get(line.size)!) / count;
      line.stand(this.#added, this.#last, counts, forgotten);
      line.rateInto(this.#rates, i, counts, expected / (1 + expected));
    });
    const { ofAdded, ofLast } = this.#rates;
    for (let gap = 0, sizes = 0; gap < this.#levels; gap++) {
      while (sizes < this.#lines.length && this.#lines[sizes].size <= gap) sizes++;
      this.#added[gap] = this.#solved(gap, sizes, ofAdded, this.#added[gap]);
      this.#last[gap] = this.#solved(gap, sizes, ofLast, this.#last[gap]);
    }
  }

  /** Waste that one more agent with this gap is expected to come to. */
  ofAdded(gap: number, counts: Int32Array): number {
    return this.#since(this.#added[gap], gap, counts);
  }

  /** Waste that an agent with this gap, the last in line among its like, is expected to come to. */
  ofLast(gap: number, counts: Int32Array): number {
    return this.#since(this.#last[gap], gap, counts);
  }

  /** Corrects for agents with the same gap that came or went since the lesson, by what one of them makes out. */
  #since(waste: number, gap: number, counts: Int32Array): number {
    const perAgent = this.#added[gap] - this.#last[gap];
    return Math.min(gap, Math.max(0, waste + perAgent * (counts[gap] - this.#counted[gap])));
  }

  #addLines(amounts: ReadonlyMap<number, number>): void {
    const known = new Set(this.#lines.map(({ size }) => size));
    const sizes = [...amounts.keys()].filter((size) => size > 0 && size <= this.#levels && !known.has(size));
    if (sizes.length === 0) return;
    const lines = [...this.#lines, ...sizes.map((size) => new DemandLine(size, this.#levels))];
    this.#lines = lines.sort((a, b) => a.size - b.size);
    this.#rates = new Rates(this.#levels, lines.length);
  }

  /**
   * The root w of w − gap + Σ λ·max(0, w − W(gap − s) + c), by Newton's method: the function rises and is convex, in
   * straight pieces, so that few steps lead there from anywhere.
   * @param sizes - how many sizes fit into the gap
   */
  #solved(gap: number, sizes: number, rates: Float64Array, start: number): number {
    const added = this.#added;
    const lines = this.#lines;
    const { elsewhere, width } = this.#rates;
    let waste = start;
    for (let step = 0; step < MAX_STEPS; step++) {
      let value = waste - gap;
      let slope = 1;
      for (let i = 0; i < sizes; i++) {
        const saved = waste - added[gap - lines[i].size] + elsewhere[gap * width + i];
        if (saved <= 0) continue;
        const rate = rates[gap * width + i];
        value += rate * saved;
        slope += rate;
      }
      const change = value / slope;
      waste -= change;
      if (Math.abs(change) < PRECISION) return waste;
    }
    return waste;
  }
}

function horizonAfter(arrivals: number): number {
  let horizon = FIRST_HORIZON;
  while (horizon <= arrivals) horizon *= EXTENSION;
  return horizon;
}
