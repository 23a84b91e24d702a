/**
 * Finds the first row of a ranking that fits: descends the trees in order of rank, and passes over children that are too
 * full by rank (start bound), that cannot fit by their greatest values (joint bounds among them), or that rank behind
 * what is known already (stop bound). Exact: what is passed over cannot be the answer.
 */
import {
  AgentType,
  countersAt,
  dimensionCount,
  Group,
  groupOf,
  groupScoresAt,
  jointCount,
  jointNeedsAt,
  liveAt,
  requestAt,
  rowsAt,
  scalarCount,
  seatOf,
  sign,
  weight,
  word,
} from './memory-map';
import { childAt, columnOf, FAN_OUT, firstRowAt, Node, rowAt, scoreAt } from './node';
import { writeTightness } from './tightness';
import { liveCount } from './upkeep';

/** What the values do not tell about a row. */
declare function accepts(row: i32): bool;

/** Enough for 16^8 leaves. */
const MOST_LEVELS: i32 = 8;
/** The most values that one search compares. Scalars come first, so that all of a task's are among them; the others are bounds only. */
const MOST_NEEDS: i32 = 32;

/** The way down: nodes, and the entries of each that fit and were not looked at. */
const nodes = memory.data(MOST_LEVELS * 4);
const masks = memory.data(MOST_LEVELS * 4);
/** Needs as vectors of equal elements, and where the values to compare them with begin in a node. */
const needs = memory.data(MOST_NEEDS * 16, 16);
const columns = memory.data(MOST_NEEDS * 4);

let needCount: i32 = 0;
/** Needs that are the same for all types. */
let commonNeeds: i32 = 0;
/** What is added to all scores of the tree to come; rows with greater scores than `start` are known not to fit. */
let shift: f64 = 0;
let start: f64 = 0;
/** The best row found so far over all trees, -1 if none. */
let bestRow: i32 = -1;
let bestScore: f64 = 0;

/**
 * The best of a row and of those that fit, -1 if there are neither.
 * @param asks - whether rows that fit must also be accepted by JavaScript
 * @param known - a row that need not fit by what is requested of slots, -1 for none
 */
export function find(asks: bool, known: i32): i32 {
  begin();
  if (known >= 0) startFrom(known);
  for (let i = 0; i < liveCount; i++) improve(liveGroup(i), asks);
  return bestRow;
}

/** As `find`, of the groups of the best score in which one fits. */
export function findByGroups(asks: bool): i32 {
  begin();
  for (let limit = Infinity; bestRow < 0;) {
    let best = -Infinity;
    for (let i = 0; i < liveCount; i++) {
      const score = groupScore(i);
      if (score < limit && score > best) best = score;
    }
    if (best === -Infinity) break;
    for (let i = 0; i < liveCount; i++) if (groupScore(i) === best) improve(liveGroup(i), asks);
    limit = best;
  }
  return bestRow;
}

/** Writes the rows that fit and have the score of the row found last, in any order. @returns their number */
export function findTies(asks: bool, byGroups: bool): i32 {
  const wanted = groupScore(groupOf(seatOf(bestRow).group).liveAt);
  let found = 0;
  for (let i = 0; i < liveCount; i++) {
    if (!byGroups || groupScore(i) === wanted) found = collect(liveGroup(i), asks, found);
  }
  return found;
}

function liveGroup(i: i32): Group {
  return groupOf(load<i32>(word(liveAt, i)));
}

function groupScore(i: i32): f64 {
  return load<f64>(groupScoresAt + ((<usize>i) << 3));
}

function begin(): void {
  bestRow = -1;
  bestScore = -Infinity;
  needCount = 0;
  for (let d = 0; d < dimensionCount - jointCount; d++) require(d, load<i32>(word(requestAt, d)));
  commonNeeds = needCount;
}

function require(dimension: i32, need: i32): void {
  if (need <= 0 || needCount === MOST_NEEDS) return;
  v128.store(needs + ((<usize>needCount) << 4), i32x4.splat(need));
  store<usize>(word(columns, needCount), columnOf(changetype<Node>(0), dimension));
  needCount++;
}

/** Takes a row for the best until there is a better one. */
function startFrom(row: i32): void {
  const seat = seatOf(row);
  aim(groupOf(seat.group).type);
  bestRow = row;
  bestScore = scoreAt(changetype<Node>(seat.leaf), seat.place) + shift;
}

/** Turns to the agents of one group: what the task adds to their load, how full they may be, what they need together. */
function aim(type: AgentType): void {
  let added: f64 = 0;
  for (let r = 0; r < scalarCount; r++) {
    added += weight(type, r) * <f64>load<i32>(word(requestAt, r));
  }
  shift = sign * added;
  start = sign > 0 ? type.fullLoad - added : Infinity;
  needCount = commonNeeds;
  writeTightness(requestAt, type, jointNeedsAt);
  for (let j = 0; j < jointCount; j++) {
    require(dimensionCount - jointCount + j, load<i32>(word(jointNeedsAt, j)));
  }
}

/**
 * The entries of a node that have all that is needed, as a bit mask. What is needed together is of no use in leaves:
 * their values are those of agents.
 */
function fitting(node: Node): u32 {
  const count = node.level === 0 ? commonNeeds : needCount;
  let lacking = lackingAmong(node, 0, count);
  if (node.count > FAN_OUT / 2) lacking |= lackingAmong(node, 64, count) << 16;
  return ~lacking & (<u32>(((<u64>1) << node.count) - 1));
}

/** One bit per entry, of the sixteen whose values begin so many bytes further on, that lacks something. */
function lackingAmong(node: Node, offset: usize, count: i32): u32 {
  let lack0 = i32x4.splat(0);
  let lack1 = i32x4.splat(0);
  let lack2 = i32x4.splat(0);
  let lack3 = i32x4.splat(0);
  for (let n = 0; n < count; n++) {
    const need = v128.load(needs + ((<usize>n) << 4));
    const column = changetype<usize>(node) + offset + load<usize>(word(columns, n));
    lack0 = v128.or(lack0, i32x4.gt_s(need, v128.load(column)));
    lack1 = v128.or(lack1, i32x4.gt_s(need, v128.load(column, 16)));
    lack2 = v128.or(lack2, i32x4.gt_s(need, v128.load(column, 32)));
    lack3 = v128.or(lack3, i32x4.gt_s(need, v128.load(column, 48)));
  }
  const low = i16x8.narrow_i32x4_s(lack0, lack1);
  const high = i16x8.narrow_i32x4_s(lack2, lack3);
  return i8x16.bitmask(i8x16.narrow_i16x8_s(low, high));
}

function count(candidates: i32, visits: i32): void {
  store<i32>(countersAt, load<i32>(countersAt) + candidates);
  store<i32>(countersAt, load<i32>(countersAt, 4) + visits, 4);
}

/** Looks for a better row in one group. O(levels · fan-out) where the bounds are tight. */
function improve(group: Group, asks: bool): void {
  aim(group.type);
  let best = bestScore - shift;
  let row = bestRow;
  let found = -1;
  let depth = 0;
  let visits = 1;
  let candidates = 0;
  let node = changetype<Node>(group.root);
  let mask = fitting(node);
  for (;;) {
    if (node.level === 0) {
      for (; mask !== 0; mask &= mask - 1) {
        const i = <i32>ctz(mask);
        const score = scoreAt(node, i);
        if (score < best) continue;
        const candidate = rowAt(node, i);
        if (score === best && row >= 0 && candidate >= row) continue;
        candidates++;
        if (asks && !accepts(candidate)) continue;
        best = score;
        row = found = candidate;
      }
      if (found >= 0) break;
    } else if (mask !== 0) {
      const i = <i32>ctz(mask);
      const first = scoreAt(node, i);
      if (first < best || (first === best && row >= 0 && firstRowAt(node, i) >= row)) break;
      mask &= mask - 1;
      if (i + 1 < node.count && scoreAt(node, i + 1) > start) continue;
      store<usize>(word(nodes, depth), changetype<usize>(node));
      store<u32>(word(masks, depth), mask);
      depth++;
      node = childAt(node, i);
      mask = fitting(node);
      visits++;
      continue;
    }
    if (depth === 0) break;
    depth--;
    node = changetype<Node>(load<usize>(word(nodes, depth)));
    mask = load<u32>(word(masks, depth));
  }
  count(candidates, visits);
  if (found < 0) return;
  bestRow = found;
  bestScore = best + shift;
}

/** Adds the rows of one group that fit and have the best score. @returns the number of rows then */
function collect(group: Group, asks: bool, found: i32): i32 {
  aim(group.type);
  return collectBelow(changetype<Node>(group.root), bestScore - shift, asks, found);
}

function collectBelow(node: Node, wanted: f64, asks: bool, found: i32): i32 {
  let candidates = 0;
  for (let mask = fitting(node); mask !== 0; mask &= mask - 1) {
    const i = <i32>ctz(mask);
    if (node.level > 0) {
      if (scoreAt(node, i) < wanted) break;
      if (i + 1 < node.count && scoreAt(node, i + 1) > wanted) continue;
      found = collectBelow(childAt(node, i), wanted, asks, found);
    } else if (scoreAt(node, i) === wanted) {
      candidates++;
      const row = rowAt(node, i);
      if (!asks || accepts(row)) store<i32>(word(rowsAt, found++), row);
    }
  }
  count(candidates, 1);
  return found;
}
