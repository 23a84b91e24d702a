/**
 * Finds the first row of a ranking that fits: descends a tree of a `RankForest` in order of rank, and passes over
 * children that are too full by rank (start bound), that cannot fit by their greatest values (joint bounds among them),
 * or that rank behind what is known already (stop bound). Exact: what is passed over cannot be the answer.
 *
 * What is asked and what was found stand in registers of the search, since doubles in arguments and results are boxed.
 */
import { NEXT_FITTING } from './fit-kernels.ts';
import { FAN_OUT } from './rank-nodes.ts';
import type { RankForest } from './rank-forest.ts';

/** The most values that one search compares; more than these are no bounds, and must be tested row by row. */
export const MOST_NEEDS = 8;
const MOST_LEVELS = 8;

/** Register: score of the best row found so far. */
export const BEST = 0;
/** Register: what is added to all scores of the tree to come. */
export const SHIFT = 1;
/** Register: rows of the tree to come with greater scores are known not to fit. */
export const START = 2;

export class RankSearch {
  /** Where the values to compare stand among those of a node, and the least that they must be. */
  readonly offsets: Int32Array = new Int32Array(MOST_NEEDS);
  readonly needs: Int32Array = new Int32Array(MOST_NEEDS);
  needCount = 0;
  readonly registers: Float64Array = new Float64Array(3);
  /** Best row found so far over all trees, -1 if none. */
  row = -1;
  /** Entries of leaves that fitted, and nodes that were looked at, since the search was made. */
  candidates = 0;
  visits = 0;
  readonly #nodes = new Int32Array(MOST_LEVELS);
  readonly #entries = new Int32Array(MOST_LEVELS);

  /** Begins anew. */
  begin(): void {
    this.row = -1;
    this.needCount = 0;
    this.registers[BEST] = -Infinity;
  }

  /** Adds a dimension that must have at least a value; without effect when there are `MOST_NEEDS` already. */
  require(dimension: number, need: number): void {
    if (this.needCount === MOST_NEEDS) return;
    this.offsets[this.needCount] = dimension * FAN_OUT;
    this.needs[this.needCount++] = need;
  }

  /**
   * Looks for a better row in one tree. O(levels · fan-out) where the bounds are tight.
   * @param accepts - what the values do not tell about a row; undefined accepts all
   */
  improve(forest: RankForest, root: number, accepts: ((row: number) => boolean) | undefined): void {
    const { level, count, item, score, row, values, dimensions } = forest.nodes;
    const { offsets, needs } = this;
    const next = NEXT_FITTING[this.needCount];
    const stride = dimensions * FAN_OUT;
    const start = this.registers[START];
    const nodes = this.#nodes;
    const entries = this.#entries;
    let bestScore = this.registers[BEST] - this.registers[SHIFT];
    let bestRow = this.row;
    let found = -1;
    let depth = 0;
    let visits = 0;
    nodes[0] = root;
    entries[0] = 0;
    while (depth >= 0) {
      const node = nodes[depth];
      const base = node * FAN_OUT;
      const end = count[node];
      visits++;
      if (level[node] === 0) {
        for (let i = 0; (i = next(values, node * stride, offsets, needs, i, end)) < end; i++) {
          const at = base + i;
          const candidate = score[at];
          if (candidate < bestScore || (candidate === bestScore && bestRow >= 0 && item[at] >= bestRow))
            continue;
          this.candidates++;
          if (accepts !== undefined && !accepts(item[at])) continue;
          bestScore = candidate;
          bestRow = found = item[at];
        }
        if (found >= 0) break;
        depth--;
        continue;
      }
      const i = next(values, node * stride, offsets, needs, entries[depth], end);
      if (i === end) {
        depth--;
        continue;
      }
      const first = score[base + i];
      if (first < bestScore || (first === bestScore && bestRow >= 0 && row[base + i] >= bestRow)) break;
      entries[depth] = i + 1;
      if (i + 1 < end && score[base + i + 1] > start) continue;
      nodes[++depth] = item[base + i];
      entries[depth] = 0;
    }
    this.visits += visits;
    if (found < 0) return;
    this.row = found;
    this.registers[BEST] = bestScore + this.registers[SHIFT];
  }

  /** Adds the rows of one tree that fit and have the score of the best row, in any order. @returns their number */
  tiesInto(
    forest: RankForest,
    root: number,
    accepts: ((row: number) => boolean) | undefined,
    rows: Int32Array,
    found: number,
  ): number {
    const { level, count, item, score, values, dimensions } = forest.nodes;
    const { offsets, needs } = this;
    const next = NEXT_FITTING[this.needCount];
    const stride = dimensions * FAN_OUT;
    const wanted = this.registers[BEST] - this.registers[SHIFT];
    const nodes = this.#nodes;
    const entries = this.#entries;
    let depth = 0;
    nodes[0] = root;
    entries[0] = 0;
    while (depth >= 0) {
      const node = nodes[depth];
      const base = node * FAN_OUT;
      const end = count[node];
      if (level[node] === 0) {
        for (let i = 0; (i = next(values, node * stride, offsets, needs, i, end)) < end; i++) {
          if (score[base + i] !== wanted) continue;
          this.candidates++;
          if (accepts === undefined || accepts(item[base + i])) rows[found++] = item[base + i];
        }
        depth--;
        continue;
      }
      const i = next(values, node * stride, offsets, needs, entries[depth], end);
      if (i === end || score[base + i] < wanted) {
        depth--;
        continue;
      }
      entries[depth] = i + 1;
      if (i + 1 < end && score[base + i + 1] > wanted) continue;
      nodes[++depth] = item[base + i];
      entries[depth] = 0;
    }
    return found;
  }
}
