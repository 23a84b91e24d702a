/**
 * Finds the first row of a ranking that fits: descends the trees in order of rank, and passes over children that are too
 * full by rank (start bound), that cannot fit by their greatest values (joint bounds among them), or that rank behind
 * what is known already (stop bound). Exact: what is passed over cannot be the answer. Where smaller loads rank first,
 * the first leaf of the tree that has the greatest score often has the answer, so it is looked at first.
 */
import {
  columnsAt,
  countersAt,
  dimensionCount,
  domainOf,
  domainScoresAt,
  Group,
  groupOf,
  jointCount,
  liveDomainsAt,
  liveGroup,
  needsAt,
  requestAt,
  rowsAt,
  seatOf,
  sign,
  typeCount,
  word,
} from './memory-map';
import {
  childAt,
  columnOf,
  entriesBelow,
  FAN_OUT,
  firstRowAt,
  Node,
  NO_SCORE,
  NOTHING,
  rowAt,
  scoreAt,
} from './node';
import { Amounts } from './tightness';
import { liveDomains } from './upkeep';

/** What the values do not tell about a row. */
declare function accepts(row: i32): bool;

/** Enough for 12^8 leaves. */
const MOST_LEVELS: i32 = 8;
/** The way down: nodes, and the entries of each that fit and were not looked at. */
const nodes = memory.data(MOST_LEVELS * 4);
const masks = memory.data(MOST_LEVELS * 4);
/** Needs that are compared without a loop. */
const FIRST_NEEDS: i32 = 2;

/** Rows that are compared one by one; where more fit, vectors tell first which of them do not rank behind the best known. */
const FEW_ROWS: u32 = 8;

/** Needs, of which all but joint ones are the same for all types and come first. */
let needCount: i32 = 0;
let commonNeeds: i32 = 0;
/** What is added to all scores of the tree to come; rows with greater scores than `start` are known not to fit. */
let shift: i64 = 0;
let start: i64 = 0;
/** The best row found so far over all trees, -1 if none. */
let bestRow: i32 = -1;
let bestScore: i64 = 0;
/** Rows that fitted and were not behind the best before, and nodes that were looked at. */
let candidates: i32 = 0;
let visits: i32 = 0;

/**
 * The best of a row and of those that fit, -1 if there are neither.
 * @param asks - whether rows that fit must also be accepted by JavaScript
 * @param known - a row that need not fit by what is requested of slots, -1 for none
 */
export function find(asks: bool, known: i32): i32 {
  begin();
  if (known >= 0) startFrom(known);
  improveDomains(false, 0, asks);
  count();
  return bestRow;
}

/** As `find`, of the domains of the best score in which one fits. */
export function findByDomains(asks: bool): i32 {
  begin();
  for (let limit = Infinity; bestRow < 0;) {
    let best = -Infinity;
    for (let i = 0; i < liveDomains; i++) {
      const score = domainScore(i);
      best = select(score, best, i32(score < limit) & i32(score > best));
    }
    if (best === -Infinity) break;
    improveDomains(true, best, asks);
    limit = best;
  }
  count();
  return bestRow;
}

/** Writes the rows that fit and have the score of the row found last, in any order. @returns their number */
export function findTies(asks: bool, byDomains: bool): i32 {
  const wanted = domainScore(domainOf(seatOf(bestRow).group / typeCount).liveAt);
  let found = 0;
  for (let i = 0; i < liveDomains; i++) {
    if (!byDomains || domainScore(i) === wanted) found = collectIn(liveDomain(i), asks, found);
  }
  count();
  return found;
}

/** Looks for a better row in all domains, or in those of a score. */
function improveDomains(byDomains: bool, score: f64, asks: bool): void {
  for (let i = 0; i < liveDomains; i++) {
    if (byDomains && domainScore(i) !== score) continue;
    const domain = liveDomain(i);
    const groups = domainOf(domain).liveGroups;
    const leader = sign > 0 ? 0 : leaderOf(domain);
    for (let g = -1; g < groups; g++) {
      if (g !== leader) Inline.improve(groupOf(liveGroup(domain, g < 0 ? leader : g)), asks);
    }
  }
}

/** The live group of a domain that has the best row, if the task fits there. */
function leaderOf(domain: i32): i32 {
  const groups = domainOf(domain).liveGroups;
  let leader = 0;
  let best = i64.MIN_VALUE;
  for (let g = 0; g < groups; g++) {
    const group = groupOf(liveGroup(domain, g));
    const score = group.top - Amounts.load(requestAt, group.type);
    if (score <= best) continue;
    best = score;
    leader = g;
  }
  return leader;
}

function liveDomain(i: i32): i32 {
  return load<i32>(word(liveDomainsAt, i));
}

function domainScore(i: i32): f64 {
  return load<f64>(domainScoresAt + ((<usize>i) << 3));
}

/** Adds the rows of one domain that fit and have the best score. @returns the number of rows then */
function collectIn(domain: i32, asks: bool, found: i32): i32 {
  for (let i = 0; i < domainOf(domain).liveGroups; i++)
    found = collect(groupOf(liveGroup(domain, i)), asks, found);
  return found;
}

function begin(): void {
  bestRow = -1;
  bestScore = NO_SCORE / 2;
  candidates = 0;
  visits = 0;
  needCount = 0;
  for (let d = 0; d < dimensionCount - jointCount; d++) {
    const need = load<i32>(word(requestAt, d));
    if (need > 0) require(d, need);
  }
  while (needCount < FIRST_NEEDS) require(0, NOTHING + 1);
  commonNeeds = needCount;
  for (let j = 0; j < jointCount; j++) require(dimensionCount - jointCount + j, 0);
}

function require(dimension: i32, need: i32): void {
  store<i32>(word(needsAt, needCount), need);
  store<usize>(word(columnsAt, needCount++), columnOf(changetype<Node>(0), dimension));
}

/** Takes a row for the best until there is a better one. */
function startFrom(row: i32): void {
  const seat = seatOf(row);
  Inline.aim(groupOf(seat.group));
  bestRow = row;
  bestScore = scoreAt(changetype<Node>(seat.leaf), seat.place) + shift;
}

function count(): void {
  store<i32>(countersAt, candidates);
  store<i32>(countersAt, visits, 4);
}

/** As `improveIn`, among some rows of a leaf, of which JavaScript accepts some. */
function improveByAsking(leaf: Node, rows: u32): bool {
  const before = bestRow;
  for (; rows !== 0; rows &= rows - 1) {
    const i = <i32>ctz(rows);
    const score = scoreAt(leaf, i) + shift;
    const row = rowAt(leaf, i);
    if (score < bestScore || (score === bestScore && <u32>row >= <u32>bestRow)) continue;
    candidates++;
    if (!accepts(row)) continue;
    bestRow = row;
    bestScore = score;
  }
  return bestRow !== before;
}

/** Adds the rows of one group that fit and have the best score. @returns the number of rows then */
function collect(group: Group, asks: bool, found: i32): i32 {
  Inline.aim(group);
  return collectBelow(changetype<Node>(group.root), bestScore - shift, asks, found);
}

function collectBelow(node: Node, wanted: i64, asks: bool, found: i32): i32 {
  visits++;
  for (
    let mask = node.level === 0 ? Inline.fittingRows(node) : Inline.fittingChildren(node);
    mask !== 0;
    mask &= mask - 1
  ) {
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
  return found;
}

/** What takes no longer than a call would. Decorators stand on methods only. */
class Inline {
  /** Looks for a better row in one group. O(levels · fan-out) where the bounds are tight. */
  @inline
  static improve(group: Group, asks: bool): void {
    Inline.aim(group);
    const best = bestScore - shift;
    if (group.top < best) return;
    const row = bestRow;
    let depth = 0;
    let looked = 1;
    let node = changetype<Node>(group.root);
    let seen: usize = 0;
    if (sign < 0 || node.level === 0) {
      if (Inline.improveInFirst(group, asks)) return;
      seen = group.first;
    }
    let mask = Inline.fittingChildren(node);
    for (;;) {
      while (mask !== 0) {
        const i = <i32>ctz(mask);
        const first = scoreAt(node, i);
        if (first <= best) {
          if (first < best || <u32>firstRowAt(node, i) >= <u32>row) {
            visits += looked;
            return;
          }
        }
        mask &= mask - 1;
        if (i + 1 < node.count && scoreAt(node, i + 1) > start) continue;
        const child = childAt(node, i);
        if (changetype<usize>(child) === seen) continue;
        looked++;
        if (node.level === 1) {
          if (!Inline.improveIn(child, Inline.fittingRows(child), asks)) continue;
          visits += looked;
          return;
        }
        store<usize>(word(nodes, depth), changetype<usize>(node));
        store<u32>(word(masks, depth), mask);
        depth++;
        node = child;
        mask = Inline.fittingChildren(node);
      }
      if (depth === 0) break;
      depth--;
      node = changetype<Node>(load<usize>(word(nodes, depth)));
      mask = load<u32>(word(masks, depth));
    }
    visits += looked;
  }

  /** Looks for a better row in the first leaf of a group. @returns whether no other leaf can have one */
  @inline
  static improveInFirst(group: Group, asks: bool): bool {
    const leaf = changetype<Node>(group.first);
    const isRoot = leaf.parent === 0;
    if (isRoot || Inline.mayFit(leaf)) {
      visits++;
      const rows = Inline.fittingRows(leaf);
      if (Inline.improveIn(leaf, asks ? rows : Inline.leading(rows, group), asks)) return true;
    }
    const best = bestScore - shift;
    return isRoot || leaf.highScore < best || (leaf.highScore === best && <u32>leaf.highRow >= <u32>bestRow);
  }

  /** Of many rows of the first leaf of a group those with the greatest score of all, if there are any. */
  @inline
  static leading(rows: u32, group: Group): u32 {
    if (sign > 0 || popcnt(rows) <= FEW_ROWS) return rows;
    const leading = rows & ~entriesBelow(changetype<Node>(group.first), group.top);
    return leading === 0 ? rows : leading;
  }

  /** Looks for a better row among some of a leaf. @returns whether there is one */
  @inline
  static improveIn(leaf: Node, rows: u32, asks: bool): bool {
    if (asks) return improveByAsking(leaf, rows);
    let best = bestScore - shift;
    let row = bestRow;
    let better = 0;
    if (row >= 0 && popcnt(rows) > FEW_ROWS) rows &= ~entriesBelow(leaf, best);
    for (; rows !== 0; rows &= rows - 1) {
      const i = <i32>ctz(rows);
      const score = scoreAt(leaf, i);
      if (score < best) continue;
      const candidate = rowAt(leaf, i);
      if (score === best) if (<u32>candidate >= <u32>row) continue;
      better++;
      best = score;
      row = candidate;
    }
    if (better === 0) return false;
    candidates += better;
    bestRow = row;
    bestScore = best + shift;
    return true;
  }

  /**
   * Turns to the agents of one group: what the task adds to their load, how full they may be, what they need together.
   * A load that overflows is that of more than any agent of the type has.
   */
  @inline
  static aim(group: Group): void {
    const added = Amounts.weigh(requestAt, group.type, word(needsAt, commonNeeds));
    shift = sign * added;
    start = sign > 0 ? group.type.fullLoad - added : i64.MAX_VALUE;
  }

  /** Whether rows of the first leaf of a tree may fit, by what its parent knows. */
  @inline
  static mayFit(leaf: Node): bool {
    let isLacking = 0;
    for (let n = 0; n < needCount; n++) {
      isLacking |= i32(
        load<i32>(word(needsAt, n)) > load<i32>(leaf.parent + load<usize>(word(columnsAt, n))),
      );
    }
    return isLacking === 0;
  }

  /** The children of an inner node below which rows may fit, as a bit mask. */
  @inline
  static fittingChildren(node: Node): u32 {
    const at = changetype<usize>(node);
    const low = Inline.lackingAmong(at, needCount);
    return ~(node.count > FAN_OUT / 2
      ? low | (Inline.lackingAmong(at + 64, needCount) << 16)
      : low | 0xffff0000);
  }

  /** The rows of a leaf that fit, as a bit mask. What is needed together is of no use there: values are those of agents. */
  @inline
  static fittingRows(leaf: Node): u32 {
    const at = changetype<usize>(leaf);
    return ~(Inline.lackingAmong(at, commonNeeds) | (Inline.lackingAmong(at + 64, commonNeeds) << 16));
  }

  /** One bit per entry, of sixteen, that lacks something that is needed. */
  @inline
  static lackingAmong(at: usize, count: i32): u32 {
    let need = v128.load32_splat(needsAt);
    let column = at + load<usize>(columnsAt);
    const second = v128.load32_splat(needsAt, 4);
    const secondColumn = at + load<usize>(columnsAt, 4);
    let lack0 = v128.or(i32x4.gt_s(need, v128.load(column)), i32x4.gt_s(second, v128.load(secondColumn)));
    let lack1 = v128.or(
      i32x4.gt_s(need, v128.load(column, 16)),
      i32x4.gt_s(second, v128.load(secondColumn, 16)),
    );
    let lack2 = v128.or(
      i32x4.gt_s(need, v128.load(column, 32)),
      i32x4.gt_s(second, v128.load(secondColumn, 32)),
    );
    let lack3 = v128.or(
      i32x4.gt_s(need, v128.load(column, 48)),
      i32x4.gt_s(second, v128.load(secondColumn, 48)),
    );
    for (let n = FIRST_NEEDS; n < count; n++) {
      need = v128.load32_splat(word(needsAt, n));
      column = at + load<usize>(word(columnsAt, n));
      lack0 = v128.or(lack0, i32x4.gt_s(need, v128.load(column)));
      lack1 = v128.or(lack1, i32x4.gt_s(need, v128.load(column, 16)));
      lack2 = v128.or(lack2, i32x4.gt_s(need, v128.load(column, 32)));
      lack3 = v128.or(lack3, i32x4.gt_s(need, v128.load(column, 48)));
    }
    const low = i16x8.narrow_i32x4_s(lack0, lack1);
    const high = i16x8.narrow_i32x4_s(lack2, lack3);
    return i8x16.bitmask(i8x16.narrow_i16x8_s(low, high));
  }
}
