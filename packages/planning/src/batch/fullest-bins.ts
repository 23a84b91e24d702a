/**
 * A packing made bin by bin: the largest item that is left and fits opens the bin, and a bounded depth-first search
 * adds the set of items that leaves least of it. "Minimum bin slack" of Gupta and Ho (1999), with the largest item
 * fixed as in Fleszar and Hindi (2002), for vectors: size is the sum over dimensions, each weighted by how much of it
 * the items left over need ("Avg" of Panigrahy et al., 2011).
 */
import { itemShapes } from './item-shapes.ts';
import type { PackingModel } from './packing-problem.ts';
import type { WorkBudget } from './work-budget.ts';

/** Sums of sizes are at most about 1; what differs by less is rounding. */
const ROUNDING = 1e-12;
/** Weights are taken anew when this share of the items is left. */
const REWEIGH_SHARE = 7 / 8;
/** Passing over a shape costs this much of a step. */
const PASS_SHARE = 1 / 8;

export class FullestBins {
  readonly #model: PackingModel;
  readonly #binOrder: readonly number[];
  /** 1 / greatest capacity, by dimension. */
  readonly #scale: Float64Array;
  readonly #members: readonly (readonly number[])[];
  /** By shape: items that are left, and the size of one. */
  readonly #left: Int32Array;
  readonly #size: Float64Array;
  /** Shapes that are left, largest first, and how many. */
  readonly #queue: Int32Array;
  #count = 0;
  readonly #weight: Float64Array;
  /** Of the bin that is searched. */
  readonly #room: Float64Array;
  /** By depth of the search: position in the queue, size put in so far. Every depth takes an item. */
  readonly #at: Int32Array;
  readonly #filled: Float64Array;
  /** Shapes of the best set, with repetitions. */
  readonly #best: Int32Array;
  #bestLength = 0;

  constructor(model: PackingModel, scale: Float64Array) {
    const { dimensions, itemCount } = model;
    this.#model = model;
    this.#scale = scale;
    this.#binOrder = binOrder(model, scale);
    this.#members = itemShapes(model);
    const shapeCount = this.#members.length;
    this.#left = new Int32Array(shapeCount);
    this.#size = new Float64Array(shapeCount);
    this.#queue = new Int32Array(shapeCount);
    this.#weight = new Float64Array(dimensions);
    this.#room = new Float64Array(dimensions);
    this.#at = new Int32Array(itemCount + 1);
    this.#filled = new Float64Array(itemCount + 1);
    this.#best = new Int32Array(itemCount);
  }

  /**
   * Bin by item, -1 where no bin was found or the budget ended. O(bins · shapes) and the nodes of the search.
   * @param maxNodes - of the search in one bin, beyond its first descent
   */
  pack(maxNodes: number, budget: WorkBudget): Int32Array {
    const binOf = new Int32Array(this.#model.itemCount).fill(-1);
    this.#count = this.#members.length;
    for (let shape = 0; shape < this.#count; shape++) {
      this.#queue[shape] = shape;
      this.#left[shape] = this.#members[shape].length;
    }
    let items = binOf.length;
    let weighedAt = Infinity;
    for (const bin of this.#binOrder) {
      if (items === 0 || budget.left === 0) break;
      if (items <= weighedAt * REWEIGH_SHARE) {
        weighedAt = items;
        this.#weigh();
      }
      budget.take(this.#fill(bin, Math.min(maxNodes, budget.left)));
      for (let i = 0; i < this.#bestLength; i++) {
        const shape = this.#best[i];
        const members = this.#members[shape];
        binOf[members[members.length - this.#left[shape]--]] = bin;
      }
      items -= this.#bestLength;
      if (this.#bestLength > 0)
        this.#count = keep(this.#queue, this.#count, (shape) => this.#left[shape] > 0);
    }
    return binOf;
  }

  #weigh(): void {
    const { dimensions, demands } = this.#model;
    const weight = this.#weight.fill(0);
    const shapes = this.#queue.subarray(0, this.#count);
    for (const shape of shapes) {
      const row = this.#members[shape][0] * dimensions;
      for (let k = 0; k < dimensions; k++) weight[k] += this.#left[shape] * demands[row + k] * this.#scale[k];
    }
    const sum = weight.reduce((total, value) => total + value, 0);
    for (let k = 0; k < dimensions; k++) weight[k] *= this.#scale[k] / sum;
    const size = this.#size;
    for (const shape of shapes) size[shape] = weighted(weight, demands, this.#members[shape][0]);
    shapes.sort((a, b) => size[b] - size[a] || a - b);
  }

  /** Leaves the best set for an empty bin in `#best`. @returns steps taken */
  #fill(bin: number, maxNodes: number): number {
    const { dimensions, free } = this.#model;
    const size = this.#size;
    const queue = this.#queue;
    this.#bestLength = 0;
    this.#room.set(free.subarray(bin * dimensions, (bin + 1) * dimensions));
    let seed = 0;
    while (seed < this.#count && !this.#fits(queue[seed])) seed++;
    const passed = Math.ceil(this.#count * PASS_SHARE);
    if (seed === this.#count) return passed;

    const at = this.#at;
    const filled = this.#filled;
    const room = weighted(this.#weight, free, bin);
    const smallest = size[queue[this.#count - 1]];
    let best = 0;
    let nodes = 0;
    let limit = Infinity;
    let depth = 0;
    at[0] = seed;
    filled[0] = 0;
    for (;;) {
      const position = at[depth];
      // No more items than this can follow, and none larger than the one here.
      const most = position === this.#count ? 0 : Math.floor((room - filled[depth] + ROUNDING) / smallest);
      if (most <= 0 || filled[depth] + most * size[queue[position]] <= best || nodes >= limit) {
        if (filled[depth] > best) {
          best = filled[depth];
          this.#bestLength = depth;
          for (let i = 0; i < depth; i++) this.#best[i] = queue[at[i]];
        }
        if (limit === Infinity) limit = nodes + maxNodes;
        depth--;
        this.#take(queue[at[depth]++], -1);
        // The seed, at depth 0, stays.
        if (depth === 0 || nodes >= limit || room - best < ROUNDING) break;
        continue;
      }
      nodes++;
      const shape = queue[position];
      if (this.#left[shape] === 0 || !this.#fits(shape)) {
        at[depth]++;
        continue;
      }
      this.#take(shape, 1);
      filled[depth + 1] = filled[depth] + size[shape];
      depth++;
      at[depth] = this.#firstWithin(position, room - filled[depth] + ROUNDING);
    }
    while (depth > 0) this.#take(queue[at[--depth]], -1);
    return passed + nodes;
  }

  #fits(shape: number): boolean {
    const { dimensions, demands } = this.#model;
    const row = this.#members[shape][0] * dimensions;
    for (let k = 0; k < dimensions; k++) if (demands[row + k] > this.#room[k]) return false;
    return true;
  }

  #take(shape: number, items: 1 | -1): void {
    const { dimensions, demands } = this.#model;
    const row = this.#members[shape][0] * dimensions;
    for (let k = 0; k < dimensions; k++) this.#room[k] -= items * demands[row + k];
    this.#left[shape] -= items;
  }

  /** First position from `low` on whose items are at most this large. O(log shapes). */
  #firstWithin(low: number, size: number): number {
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#size[this.#queue[middle]] > size) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Bins in use first, smallest first, so that large room is kept; then the others, largest first, so that few open. */
function binOrder({ binCount, free, used }: PackingModel, scale: Float64Array): number[] {
  const room = Float64Array.from({ length: binCount }, (_, bin) => weighted(scale, free, bin));
  return Array.from(room.keys()).sort(
    (a, b) => used[b] - used[a] || (used[a] ? room[a] - room[b] : room[b] - room[a]) || a - b,
  );
}

/** A row of a matrix as one number. */
function weighted(weight: Float64Array, matrix: Float64Array, row: number): number {
  let sum = 0;
  for (let k = 0; k < weight.length; k++) sum += weight[k] * matrix[row * weight.length + k];
  return sum;
}

/** Keeps the numbers of a list for which a test holds, in order. @returns how many */
function keep(list: Int32Array, count: number, test: (number: number) => boolean): number {
  let kept = 0;
  for (let i = 0; i < count; i++) if (test(list[i])) list[kept++] = list[i];
  return kept;
}
