/**
 * Packs vectors into bins: a packing made bin by bin, then improved one goal at a time: one item more, later one
 * opened bin less. A goal is tried with twice the steps whenever it was not reached, from the best
 * packing so far, until the budget ends or a bound shows that nothing better exists.
 */
import { FullestBins } from './fullest-bins.ts';
import { HOMELESS, OUTSIDE, OverloadSearch } from './overload-search.ts';
import { fewestOpened, mostItems } from './packing-bounds.ts';
import { fits, packingModel, type PackingModel, type PackingProblem } from './packing-problem.ts';
import { type PackingOptions, WorkBudget } from './work-budget.ts';

/** @public */
export interface Packing {
  /** Bin by item, -1 for an item that was not placed. */
  readonly binOf: Int32Array;
  /** Items that have a bin. */
  readonly placed: number;
  /** Bins with items that were not in use before. */
  readonly opened: number;
  /** Work done; see `PackingOptions.maxSteps`. */
  readonly steps: number;
}

/** Of the search in one bin: enough for a good set, and for nearly the best one when steps abound. */
const FEW_NODES = 1000;
const MANY_NODES = 20_000;
const SHARE_FOR_BEST_SETS = 1 / 4;
/** Of the first attempt at a goal; and when so few attempts are left, they become one. */
const FIRST_STEPS_PER_ITEM = 100;
const LAST_ATTEMPTS = 3;
/** Of the steps left when not all items could be placed at first. */
const SHARE_FOR_FEWER_BINS = 1 / 2;

/**
 * Places as many items as it can, and those in as few bins as it can that were not in use. Deterministic, and the
 * same on every machine unless `isTimeUp` ends it.
 *
 * Beats the published heuristics for vector bin packing by a wide margin; see `docs/quality.md`. O(bins · items) for
 * the first packing, then as long as the budget lasts.
 *
 * @throws StowageError INVALID_PLANNING_OPTION, PLANNING_CALLBACK_FAILED
 * @public
 */
export function packVectors(problem: PackingProblem, options: PackingOptions = {}): Packing {
  const whole = packingModel(problem);
  const budget = new WorkBudget(options, whole.itemCount);
  const { items, bins } = relevant(whole);
  const binOf = new Int32Array(whole.itemCount).fill(-1);
  if (items.length > 0) {
    const part = reduced(whole, items, bins);
    const packed = improved(part, firstPacking(part, budget), budget);
    items.forEach((item, i) => {
      if (packed[i] >= 0) binOf[item] = bins[packed[i]];
    });
  }
  placeWeightless(whole, binOf);
  return { binOf, placed: countPlaced(binOf), opened: openedBins(whole, binOf).length, steps: budget.taken };
}

/** Items that ask for something and fit somewhere, and bins that can hold the smallest of everything. */
function relevant(model: PackingModel): { items: number[]; bins: number[] } {
  const { dimensions, itemCount, binCount, demands, free } = model;
  const asking = Array.from({ length: itemCount }, (_, item) => item).filter(
    (item) => !isWeightless(model, item),
  );
  const least = new Float64Array(dimensions).fill(Infinity);
  for (const item of asking)
    for (let k = 0; k < dimensions; k++) least[k] = Math.min(least[k], demands[item * dimensions + k]);
  const bins = Array.from({ length: binCount }, (_, bin) => bin).filter((bin) =>
    least.every((demand, k) => demand <= free[bin * dimensions + k]),
  );
  return { items: asking.filter((item) => bins.some((bin) => fits(model, item, bin))), bins };
}

function reduced(model: PackingModel, items: readonly number[], bins: readonly number[]): PackingModel {
  const { dimensions, demands, free, used } = model;
  const rows = (matrix: Float64Array, chosen: readonly number[]): Float64Array =>
    Float64Array.from({ length: chosen.length * dimensions }, (_, i) => {
      const k = i % dimensions;
      return matrix[chosen[(i - k) / dimensions] * dimensions + k];
    });
  return {
    dimensions,
    itemCount: items.length,
    binCount: bins.length,
    demands: rows(demands, items),
    free: rows(free, bins),
    used: Uint8Array.from(bins, (bin) => used[bin]),
  };
}

function firstPacking(model: PackingModel, budget: WorkBudget): Int32Array {
  const maker = new FullestBins(model, scaleOf(model));
  const quick = maker.pack(FEW_NODES, budget);
  const nodes = Math.min(MANY_NODES, Math.floor((budget.left * SHARE_FOR_BEST_SETS) / model.binCount));
  if (nodes <= FEW_NODES) return quick;
  const careful = maker.pack(nodes, budget);
  const gain = countPlaced(careful) - countPlaced(quick);
  const saved = openedBins(model, quick).length - openedBins(model, careful).length;
  return gain > 0 || (gain === 0 && saved > 0) ? careful : quick;
}

function improved(model: PackingModel, start: Int32Array, budget: WorkBudget): Int32Array {
  const search = new OverloadSearch(model, scaleOf(model), budget.seed);
  let best = start;
  let steps = FIRST_STEPS_PER_ITEM * model.itemCount;
  const reach = (goal: Int32Array, bins: readonly number[], kept: number): void => {
    const last = budget.left - kept < LAST_ATTEMPTS * steps;
    if (search.run(goal, bins, last ? budget.left - kept : steps, budget)) best = goal;
    else steps *= 2;
  };

  const all = Array.from({ length: model.binCount }, (_, bin) => bin);
  const most = mostItems(model);
  const kept = budget.left === Infinity ? 0 : Math.floor(budget.left * SHARE_FOR_FEWER_BINS);
  for (let placed = countPlaced(best); placed < most && budget.left > kept; placed = countPlaced(best)) {
    const goal = best.slice();
    goal[smallestOutside(model, best)] = HOMELESS;
    reach(goal, all, kept);
  }

  const fewest = fewestOpened(model, countPlaced(best));
  for (
    let opened = openedBins(model, best);
    opened.length > fewest && budget.left > 0;
    opened = openedBins(model, best)
  ) {
    const closing = emptiest(model, best, opened);
    const isOpened = new Set(opened);
    const bins = all.filter((bin) => bin !== closing && (model.used[bin] === 1 || isOpened.has(bin)));
    if (bins.length === 0) break;
    reach(
      best.map((bin) => (bin === closing ? HOMELESS : bin)),
      bins,
      0,
    );
  }
  return best;
}

function scaleOf({ dimensions, binCount, free }: PackingModel): Float64Array {
  const greatest = new Float64Array(dimensions);
  for (let i = 0; i < binCount * dimensions; i++)
    greatest[i % dimensions] = Math.max(greatest[i % dimensions], free[i]);
  return greatest.map((capacity) => 1 / Math.max(1, capacity));
}

function smallestOutside(model: PackingModel, binOf: Int32Array): number {
  const size = sizes(model);
  let smallest = binOf.indexOf(OUTSIDE);
  for (let item = smallest; item < binOf.length; item++)
    if (binOf[item] === OUTSIDE && size[item] < size[smallest]) smallest = item;
  return smallest;
}

function emptiest(model: PackingModel, binOf: Int32Array, among: readonly number[]): number {
  const load = new Float64Array(model.binCount);
  sizes(model).forEach((size, item) => {
    if (binOf[item] !== OUTSIDE) load[binOf[item]] += size;
  });
  return among.reduce((least, bin) => (load[bin] < load[least] ? bin : least));
}

/** Sum over dimensions, each as a share of the greatest capacity. */
function sizes(model: PackingModel): Float64Array {
  const { dimensions, itemCount, demands } = model;
  const scale = scaleOf(model);
  const size = new Float64Array(itemCount);
  for (let i = 0; i < demands.length; i++)
    size[Math.floor(i / dimensions)] += demands[i] * scale[i % dimensions];
  return size;
}

function countPlaced(binOf: Int32Array): number {
  let count = 0;
  for (const bin of binOf) if (bin >= 0) count++;
  return count;
}

/** Bins with items that were not in use before, in order. */
function openedBins({ binCount, used }: PackingModel, binOf: Int32Array): number[] {
  const opened = new Uint8Array(binCount);
  for (const bin of binOf) if (bin >= 0 && used[bin] === 0) opened[bin] = 1;
  return Array.from(opened.keys()).filter((bin) => opened[bin] === 1);
}

function isWeightless({ dimensions, demands }: PackingModel, item: number): boolean {
  for (let k = 0; k < dimensions; k++) if (demands[item * dimensions + k] > 0) return false;
  return true;
}

/** Items that ask for nothing lie where something lies already, if anywhere. */
function placeWeightless(model: PackingModel, binOf: Int32Array): void {
  if (model.binCount === 0) return;
  const inUse = model.used.indexOf(1);
  const bin = inUse >= 0 ? inUse : (openedBins(model, binOf)[0] ?? 0);
  for (let item = 0; item < model.itemCount; item++) if (isWeightless(model, item)) binOf[item] = bin;
}
