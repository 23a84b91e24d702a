/**
 * Nodes of B+ trees. A node has up to `FAN_OUT` entries: of a leaf, agent rows; of an inner node, children. Every entry
 * has a place in the ranking (score descending, row ascending), and a value per dimension: what is free on the agent, or
 * the greatest of that below the child. So one search can skip by rank and by what fits, and the same loop serves leaves
 * and inner nodes. Entries side by side fill vectors; entries not in use have `NOTHING` in every dimension.
 */
import { dimensionCount, take, word } from './memory-map';

/** Entries of a node: more make a search read more of each, fewer make trees higher. */
export const FAN_OUT: i32 = 32;
/** Less than every value that an agent has: four equal bytes. */
export const NOTHING: i32 = 0x80808080;
/** Less than every score; that of entries that are not in use. */
export const NO_SCORE: i64 = i64.MIN_VALUE;

const ITEMS: usize = 64;
const SCORES: usize = ITEMS + FAN_OUT * 4;
const ROWS: usize = SCORES + FAN_OUT * 8;
const VALUES: usize = ROWS + FAN_OUT * 4;
export const COLUMN_BYTES: usize = FAN_OUT * 4;

@unmanaged
export class Node {
  /** Entries in use. */
  count: i32;
  /** 0 for leaves. */
  level: i32;
  /** 0 for a root; the next free one for a node that is free. */
  parent: usize;
  /** Number of the entry that stands for the node in its parent. */
  place: i32;
  group: i32;
  /** Range of a leaf: from the low rank, inclusive, to the high one, exclusive. */
  lowRow: i32;
  highRow: i32;
  padding: i32;
  lowScore: i64;
  highScore: i64;
}

let nodesAt: usize = 0;
let nodeCount: i32 = 0;
let nodeBytes: usize = 0;
let used: usize = 0;
let firstFree: usize = 0;
/** Nodes that can be taken. */
export let freeNodes: i32 = 0;

export function layOutNodes(count: i32): void {
  nodeCount = count;
  nodeBytes = VALUES + <usize>dimensionCount * COLUMN_BYTES;
  nodesAt = take(count, nodeBytes);
}

/** Forgets all nodes. */
export function clearNodes(): void {
  used = nodesAt;
  firstFree = 0;
  freeNodes = nodeCount;
}

/** A node without entries and parent. There must be a free one. */
export function newNode(level: i32, group: i32): Node {
  let node = changetype<Node>(firstFree);
  if (firstFree !== 0) {
    firstFree = node.parent;
  } else {
    node = changetype<Node>(used);
    used += nodeBytes;
  }
  freeNodes--;
  node.count = 0;
  node.level = level;
  node.parent = 0;
  node.place = 0;
  node.group = group;
  memory.fill(changetype<usize>(node) + VALUES, <u8>NOTHING, <usize>dimensionCount * COLUMN_BYTES);
  for (let i = 0; i < FAN_OUT; i++) setScore(node, i, NO_SCORE);
  return node;
}

export function freeNode(node: Node): void {
  node.parent = firstFree;
  firstFree = changetype<usize>(node);
  freeNodes++;
}

/** Row of an entry of a leaf. */
export function rowAt(leaf: Node, i: i32): i32 {
  return load<i32>(word(changetype<usize>(leaf), i), ITEMS);
}

/** Child of an entry of an inner node. */
export function childAt(node: Node, i: i32): Node {
  return changetype<Node>(load<usize>(word(changetype<usize>(node), i), ITEMS));
}

export function setItem(node: Node, i: i32, item: i32): void {
  store<i32>(word(changetype<usize>(node), i), item, ITEMS);
}

/** Score of a row, or the first that belongs to a child. */
export function scoreAt(node: Node, i: i32): i64 {
  return load<i64>(changetype<usize>(node) + ((<usize>i) << 3), SCORES);
}

/** Greatest score of a tree by its first leaf; a bound of it while that is empty. */
export function firstScore(leaf: Node): i64 {
  if (leaf.count === 0) return leaf.highScore;
  let most = Eight.greatestScores(leaf, 0);
  for (let i = 8; i < leaf.count; i += 8) most = greater(most, Eight.greatestScores(leaf, i));
  return max(i64x2.extract_lane(most, 0), i64x2.extract_lane(most, 1));
}

function greater(a: v128, b: v128): v128 {
  return v128.bitselect(a, b, i64x2.gt_s(a, b));
}

/** The entries of a leaf that have a smaller score, as a bit mask; anything for those not in use. */
export function entriesBelow(leaf: Node, score: i64): u32 {
  const scores = i64x2.splat(score);
  let mask: u32 = 0;
  for (let i = FAN_OUT - 8; i >= 0; i -= 8) mask = (mask << 8) | Eight.below(leaf, scores, i);
  return mask;
}

/** Entries of an inner node that begin at a greater score. */
export function entriesAbove(node: Node, score: i64): i32 {
  const scores = i64x2.splat(score);
  let above = i64x2.add(Eight.above(node, scores, 0), Eight.above(node, scores, 8));
  if (node.count > FAN_OUT / 2) {
    above = i64x2.add(above, i64x2.add(Eight.above(node, scores, 16), Eight.above(node, scores, 24)));
  }
  return -(<i32>(i64x2.extract_lane(above, 0) + i64x2.extract_lane(above, 1)));
}

/** Eight entries side by side; inlined. */
class Eight {
  /** Which have a smaller score, as a bit mask. */
  @inline
  static below(node: Node, scores: v128, i: i32): u32 {
    const at = changetype<usize>(node) + ((<usize>i) << 3);
    const below0 = i64x2.gt_s(scores, v128.load(at, SCORES));
    const below1 = i64x2.gt_s(scores, v128.load(at, SCORES + 16));
    const below2 = i64x2.gt_s(scores, v128.load(at, SCORES + 32));
    const below3 = i64x2.gt_s(scores, v128.load(at, SCORES + 48));
    const low = i32x4.shuffle(below0, below1, 0, 2, 4, 6);
    const high = i32x4.shuffle(below2, below3, 0, 2, 4, 6);
    return i16x8.bitmask(i16x8.narrow_i32x4_s(low, high));
  }

  /** The greatest scores of every other one. */
  @inline
  static greatestScores(leaf: Node, i: i32): v128 {
    const at = changetype<usize>(leaf) + ((<usize>i) << 3);
    return greater(
      greater(v128.load(at, SCORES), v128.load(at, SCORES + 16)),
      greater(v128.load(at, SCORES + 32), v128.load(at, SCORES + 48)),
    );
  }

  /** How many begin at a greater score: two numbers to be added, negative. */
  @inline
  static above(node: Node, scores: v128, i: i32): v128 {
    const at = changetype<usize>(node) + ((<usize>i) << 3);
    return i64x2.add(
      i64x2.add(i64x2.gt_s(v128.load(at, SCORES), scores), i64x2.gt_s(v128.load(at, SCORES + 16), scores)),
      i64x2.add(
        i64x2.gt_s(v128.load(at, SCORES + 32), scores),
        i64x2.gt_s(v128.load(at, SCORES + 48), scores),
      ),
    );
  }
}

export function setScore(node: Node, i: i32, score: i64): void {
  store<i64>(changetype<usize>(node) + ((<usize>i) << 3), score, SCORES);
}

/** The first row that belongs to a child at its first score; of inner nodes only. */
export function firstRowAt(node: Node, i: i32): i32 {
  return load<i32>(word(changetype<usize>(node), i), ROWS);
}

export function setFirstRow(node: Node, i: i32, row: i32): void {
  store<i32>(word(changetype<usize>(node), i), row, ROWS);
}

export function valueAt(node: Node, dimension: i32, i: i32): i32 {
  return load<i32>(word(columnOf(node, dimension), i));
}

export function setValue(node: Node, dimension: i32, i: i32, value: i32): void {
  store<i32>(word(columnOf(node, dimension), i), value);
}

/** Where the values of a dimension begin. */
export function columnOf(node: Node, dimension: i32): usize {
  return changetype<usize>(node) + VALUES + ((<usize>dimension) << 7);
}

/** Copies an entry, also within a node; the caller keeps counts and parents right. */
export function copyEntry(from: Node, i: i32, to: Node, j: i32): void {
  setItem(to, j, rowAt(from, i));
  setScore(to, j, scoreAt(from, i));
  setFirstRow(to, j, firstRowAt(from, i));
  for (let d = 0; d < dimensionCount; d++) setValue(to, d, j, valueAt(from, d, i));
}

/** Empties the last entry. */
export function dropLast(node: Node): void {
  const last = --node.count;
  setScore(node, last, NO_SCORE);
  for (let d = 0; d < dimensionCount; d++) setValue(node, d, last, NOTHING);
}

/** Greatest value of a dimension among the entries of a node. */
export function greatest(node: Node, dimension: i32): i32 {
  const column = columnOf(node, dimension);
  let most = i32x4.max_s(v128.load(column), v128.load(column, 16));
  let other = i32x4.max_s(v128.load(column, 32), v128.load(column, 48));
  if (node.count > FAN_OUT / 2) {
    most = i32x4.max_s(most, i32x4.max_s(v128.load(column, 64), v128.load(column, 80)));
    other = i32x4.max_s(other, i32x4.max_s(v128.load(column, 96), v128.load(column, 112)));
  }
  most = i32x4.max_s(most, other);
  most = i32x4.max_s(most, i32x4.shuffle(most, most, 2, 3, 0, 1));
  most = i32x4.max_s(most, i32x4.shuffle(most, most, 1, 0, 3, 2));
  return i32x4.extract_lane(most, 0);
}

/** Brings the entry that stands for a node in its parent up to date with a value of the node: what it was, and what it is. */
function noteChange(node: Node, dimension: i32, before: i32, after: i32): void {
  if (node.parent === 0) return;
  const known = valueAt(changetype<Node>(node.parent), dimension, node.place);
  if (after > known) raise(node, dimension, after);
  else if (before === known && after < before) lower(node, dimension, before);
}

/** Where the first value of the entry that stands for a node begins; anywhere for a root. */
export function summaryOf(node: Node): usize {
  return word(columnOf(changetype<Node>(node.parent), 0), node.place);
}

/** Notes that an entry of a node has a greater value than before, or is new. */
export function raise(node: Node, dimension: i32, value: i32): void {
  for (let up = node.parent; up !== 0; up = node.parent) {
    const parent = changetype<Node>(up);
    if (valueAt(parent, dimension, node.place) >= value) return;
    setValue(parent, dimension, node.place, value);
    node = parent;
  }
}

/** Notes that an entry of a node, which had this value, has a smaller one or is gone. */
export function lower(node: Node, dimension: i32, before: i32): void {
  for (let up = node.parent; up !== 0; up = node.parent) {
    const parent = changetype<Node>(up);
    if (valueAt(parent, dimension, node.place) !== before) return;
    const most = greatest(node, dimension);
    if (most === before) return;
    setValue(parent, dimension, node.place, most);
    node = parent;
  }
}

/** Makes the entry that stands for a node in its parent right in all dimensions. */
export function summarise(node: Node): void {
  if (node.parent === 0) return;
  const parent = changetype<Node>(node.parent);
  for (let d = 0; d < dimensionCount; d++) {
    const before = valueAt(parent, d, node.place);
    const after = greatest(node, d);
    setValue(parent, d, node.place, after);
    noteChange(parent, d, before, after);
  }
}
