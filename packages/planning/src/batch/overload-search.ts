/**
 * Looks for a packing into given bins by simulated annealing on the overload: all items lie in bins that may hold too
 * much, and exchanges of two items, or moves of one, lower the sum over bins and dimensions of what is above capacity,
 * until nothing is. Half of the moves begin at an item of an overloaded bin ("min-conflicts", Minton et al., 1992),
 * since only those can help at once. Only sums, products and a table decide, so every machine goes the same way.
 */
import type { PackingModel } from './packing-problem.ts';
import type { WorkBudget } from './work-budget.ts';

/** An item outside all bins stays there, or another in its place. */
export const OUTSIDE = -1;
/** An item that is to find a bin. */
export const HOMELESS = -2;

/** Thresholds fall from 0.5 % to 0.05 % of a bin's capacity, in levels of equal length. */
const FIRST_TEMPERATURE = 0.005;
const LEVELS = 64;
const COOLING = 0.965;
/** Steps between two looks at the budget. */
const CHUNK = 1 << 14;
/** In 256ths: moves of one item; moves that begin at any item, not at one of an overloaded bin. */
const SINGLE_MOVES = 32;
const ANY_ITEM = 128;

/** What exponentially distributed numbers are on average, from smallest to largest of 1,024 (Rényi, 1953). */
const EXPONENTIAL = new Float64Array(1024);
for (let i = 0, sum = 0; i < 1024; i++) EXPONENTIAL[i] = sum += 1 / (1024 - i);

export class OverloadSearch {
  readonly #model: PackingModel;
  readonly #scale: Float64Array;
  /** Place by item; the items of every place and where each stands there. Places are the bins of a run, then outside. */
  readonly #place: Int32Array;
  readonly #members: number[][] = [];
  readonly #standsAt: Int32Array;
  /** Room left by place, negative where it is overloaded; overload of a place. */
  readonly #room: Float64Array;
  readonly #overload: Float64Array;
  /** Overloaded places, and where each stands in this list, -1 for the others. */
  readonly #hot: Int32Array;
  readonly #hotAt: Int32Array;
  #hotCount = 0;
  #random: number;

  /** @param scale - 1 / greatest capacity, by dimension */
  constructor(model: PackingModel, scale: Float64Array, seed: number) {
    const { dimensions, itemCount, binCount } = model;
    this.#model = model;
    this.#scale = scale;
    this.#place = new Int32Array(itemCount);
    this.#standsAt = new Int32Array(itemCount);
    this.#hot = new Int32Array(binCount + 1);
    this.#hotAt = new Int32Array(binCount + 1);
    this.#room = new Float64Array((binCount + 1) * dimensions);
    this.#overload = new Float64Array(binCount + 1);
    this.#random = Math.imul(seed, 0x9e3779b1) ^ 0x6d2b79f5 || 1;
  }

  /**
   * @param binOf - bin by item, `OUTSIDE` or `HOMELESS`; a packing without homeless items when the search succeeds
   * @param bins - the bins that may be used; at least one
   * @returns whether a packing was found; otherwise `binOf` is as it was
   */
  run(binOf: Int32Array, bins: readonly number[], steps: number, budget: WorkBudget): boolean {
    this.#begin(binOf, bins);
    let temperature = FIRST_TEMPERATURE;
    let left = steps;
    for (let level = 0; level < LEVELS; level++) {
      let ofLevel = Math.ceil(left / (LEVELS - level));
      left -= ofLevel;
      while (ofLevel > 0 && this.#hotCount > 0 && budget.left > 0) {
        const chunk = Math.min(ofLevel, CHUNK);
        const taken = this.#anneal(chunk, bins.length, temperature);
        ofLevel -= chunk;
        budget.take(taken);
      }
      temperature *= COOLING;
    }
    if (this.#hotCount > 0) return false;
    for (let item = 0; item < binOf.length; item++) {
      const place = this.#place[item];
      binOf[item] = place === bins.length ? OUTSIDE : bins[place];
    }
    return true;
  }

  /** Puts everything in its place; homeless items in random bins. */
  #begin(binOf: Int32Array, bins: readonly number[]): void {
    const { dimensions, free, demands, binCount } = this.#model;
    const placeOf = new Int32Array(binCount).fill(-1);
    const room = this.#room;
    const outside = bins.length;
    bins.forEach((bin, place) => {
      placeOf[bin] = place;
      for (let k = 0; k < dimensions; k++) room[place * dimensions + k] = free[bin * dimensions + k];
    });
    room.fill(Infinity, outside * dimensions, (outside + 1) * dimensions);
    this.#members.length = 0;
    for (let place = 0; place <= outside; place++) this.#members.push([]);
    this.#hotAt.fill(-1);
    this.#hotCount = 0;
    for (let item = 0; item < binOf.length; item++) {
      const bin = binOf[item];
      const place =
        bin === HOMELESS ? (this.#draw() >>> 1) % outside : bin === OUTSIDE ? outside : placeOf[bin];
      for (let k = 0; k < dimensions; k++) room[place * dimensions + k] -= demands[item * dimensions + k];
      this.#link(item, place);
    }
    for (let place = 0; place <= outside; place++) {
      let overload = 0;
      for (let k = 0; k < dimensions; k++)
        overload += Math.max(0, -room[place * dimensions + k]) * this.#scale[k];
      this.#setOverload(place, overload);
    }
  }

  /** Up to so many steps at one temperature. @returns steps taken; fewer when nothing is overloaded any more */
  #anneal(steps: number, binCount: number, temperature: number): number {
    const { dimensions, itemCount, demands } = this.#model;
    const room = this.#room;
    const scale = this.#scale;
    const placeOf = this.#place;
    for (let step = 0; step < steps; step++) {
      if (this.#hotCount === 0) return step;
      const bits = this.#draw();
      const single = ((bits >>> 10) & 255) < SINGLE_MOVES;
      const any = ((bits >>> 18) & 255) < ANY_ITEM;
      const draw = this.#draw() >>> 1;
      const item = any ? draw % itemCount : this.#memberOf(this.#hot[draw % this.#hotCount]);
      const from = placeOf[item];
      const other = single ? -1 : (this.#draw() >>> 1) % itemCount;
      const to = single ? (this.#draw() >>> 1) % binCount : placeOf[other];
      // As many items stay outside as there were.
      if (from === to || (single && from === binCount)) continue;

      const limit = this.#overload[from] + this.#overload[to] + temperature * EXPONENTIAL[bits & 1023];
      const itemRow = item * dimensions;
      const otherRow = other * dimensions;
      const fromRow = from * dimensions;
      const toRow = to * dimensions;
      let overloadFrom = 0;
      let overloadTo = 0;
      let k = 0;
      for (; k < dimensions; k++) {
        const shift = single ? demands[itemRow + k] : demands[itemRow + k] - demands[otherRow + k];
        const roomFrom = room[fromRow + k] + shift;
        const roomTo = room[toRow + k] - shift;
        if (roomFrom < 0) overloadFrom -= roomFrom * scale[k];
        if (roomTo < 0) overloadTo -= roomTo * scale[k];
        if (overloadFrom + overloadTo > limit) break;
      }
      if (k < dimensions) continue;
      for (k = 0; k < dimensions; k++) {
        const shift = single ? demands[itemRow + k] : demands[itemRow + k] - demands[otherRow + k];
        room[fromRow + k] += shift;
        room[toRow + k] -= shift;
      }
      this.#unlink(item, from);
      this.#link(item, to);
      if (!single) {
        this.#unlink(other, to);
        this.#link(other, from);
      }
      this.#setOverload(from, overloadFrom);
      this.#setOverload(to, overloadTo);
    }
    return steps;
  }

  #setOverload(place: number, overload: number): void {
    this.#overload[place] = overload;
    const at = this.#hotAt[place];
    if (overload > 0 && at < 0) {
      this.#hotAt[place] = this.#hotCount;
      this.#hot[this.#hotCount++] = place;
    } else if (overload === 0 && at >= 0) {
      const last = this.#hot[--this.#hotCount];
      this.#hot[at] = last;
      this.#hotAt[last] = at;
      this.#hotAt[place] = -1;
    }
  }

  /** A random item of a place that has some. */
  #memberOf(place: number): number {
    const members = this.#members[place];
    return members[(this.#draw() >>> 1) % members.length];
  }

  #link(item: number, place: number): void {
    this.#place[item] = place;
    this.#standsAt[item] = this.#members[place].push(item) - 1;
  }

  #unlink(item: number, place: number): void {
    const members = this.#members[place];
    const last = members.pop()!;
    if (last === item) return;
    members[this.#standsAt[item]] = last;
    this.#standsAt[last] = this.#standsAt[item];
  }

  /** 32 random bits: xorshift of Marsaglia (2003). */
  #draw(): number {
    let bits = this.#random;
    bits ^= bits << 13;
    bits ^= bits >>> 17;
    return (this.#random = bits ^ (bits << 5));
  }
}
