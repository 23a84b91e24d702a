/**
 * Splitting nodes that are full and joining nodes that became small, so that trees stay low. Leaves are sorted only to
 * be split. Leaves cover ranges of ranks; all ranges of a tree together cover every rank, so a leaf may be empty.
 */
import { dimensionCount, groupOf, seatOf, sign, word } from './memory-map';
import {
  childAt,
  copyEntry,
  dropLast,
  FAN_OUT,
  firstRowAt,
  firstScore,
  freeNode,
  greatest,
  newNode,
  Node,
  rowAt,
  scoreAt,
  setFirstRow,
  setItem,
  setScore,
  setValue,
  summarise,
} from './node';

/** Joined nodes hold at most this many entries, so that they do not split at once. */
const JOINED_MOST: i32 = (FAN_OUT * 3) / 4;
/** Nodes with fewer entries look for a neighbour to join. */
export const FEW: i32 = FAN_OUT / 4;

/** Entry numbers of a leaf, sorted. */
const order = memory.data(FAN_OUT * 4);

/** Notes where a row stands. */
export function setSeat(row: i32, leaf: Node, place: i32): void {
  seatOf(row).leaf = changetype<usize>(leaf);
  seatOf(row).place = place;
}

/** Moves the later half of a full leaf to a new one. */
export function splitLeaf(leaf: Node): void {
  sortEntries(leaf);
  const right = newNode(0, leaf.group);
  for (let i = FAN_OUT / 2; i < FAN_OUT; i++) {
    const from = load<i32>(word(order, i));
    const to = right.count++;
    copyEntry(leaf, from, right, to);
    setSeat(rowAt(right, to), right, to);
    setItem(leaf, from, -1);
  }
  let kept = 0;
  for (let i = 0; i < FAN_OUT; i++) {
    const row = rowAt(leaf, i);
    if (row < 0) continue;
    if (i !== kept) copyEntry(leaf, i, leaf, kept);
    setSeat(row, leaf, kept++);
  }
  while (leaf.count > kept) dropLast(leaf);
  right.highScore = leaf.highScore;
  right.highRow = leaf.highRow;
  right.lowScore = leaf.highScore = scoreAt(right, 0);
  right.lowRow = leaf.highRow = rowAt(right, 0);
  addChild(leaf, right);
}

/** Writes the entry numbers of a full leaf by rank: insertion sort, since they are few and often nearly in order. */
function sortEntries(leaf: Node): void {
  for (let i = 0; i < FAN_OUT; i++) {
    let at = i;
    for (; at > 0; at--) {
      const other = load<i32>(word(order, at - 1));
      if (ranksBefore(leaf, other, i)) break;
      store<i32>(word(order, at), other);
    }
    store<i32>(word(order, at), i);
  }
}

function ranksBefore(leaf: Node, i: i32, j: i32): bool {
  const a = scoreAt(leaf, i);
  const b = scoreAt(leaf, j);
  return a > b || (a === b && rowAt(leaf, i) < rowAt(leaf, j));
}

/** Enters a new node right behind its left neighbour, from which its entries come. */
function addChild(left: Node, right: Node): void {
  if (left.parent === 0) {
    const root = newNode(left.level + 1, left.group);
    groupOf(left.group).root = changetype<usize>(root);
    root.count = 1;
    setChild(root, 0, left);
  } else if (changetype<Node>(left.parent).count === FAN_OUT) {
    splitInner(changetype<Node>(left.parent));
  }
  const parent = changetype<Node>(left.parent);
  const at = left.place + 1;
  for (let i = parent.count; i > at; i--) moveChild(parent, i - 1, parent, i);
  parent.count++;
  setChild(parent, at, right);
  summarise(left);
  summarise(parent);
}

function splitInner(node: Node): void {
  const right = newNode(node.level, node.group);
  for (let i = FAN_OUT / 2; i < FAN_OUT; i++) moveChild(node, i, right, right.count++);
  while (node.count > FAN_OUT / 2) dropLast(node);
  addChild(node, right);
}

/** Writes the entry for a child with its values; the caller makes place for it. */
function setChild(parent: Node, i: i32, child: Node): void {
  const isLeaf = child.level === 0;
  setItem(parent, i, <i32>changetype<usize>(child));
  setScore(parent, i, isLeaf ? child.lowScore : scoreAt(child, 0));
  setFirstRow(parent, i, isLeaf ? child.lowRow : firstRowAt(child, 0));
  child.parent = changetype<usize>(parent);
  child.place = i;
  for (let d = 0; d < dimensionCount; d++) setValue(parent, d, i, greatest(child, d));
}

function moveChild(from: Node, i: i32, to: Node, j: i32): void {
  copyEntry(from, i, to, j);
  const child = childAt(to, j);
  child.parent = changetype<usize>(to);
  child.place = j;
}

/** Joins a small node with a neighbour if both fit into one; an empty one always, if there is a neighbour with room. */
export function joinNode(node: Node): void {
  if (node.parent === 0) return;
  const parent = changetype<Node>(node.parent);
  if (parent.count < 2) return;
  const hasNext = node.place + 1 < parent.count;
  const left = hasNext ? node : childAt(parent, node.place - 1);
  const right = hasNext ? childAt(parent, node.place + 1) : node;
  if (left.count + right.count > JOINED_MOST && node.count > 0) return;
  if (node.level === 0) joinLeaves(left, right);
  else for (let i = 0; i < right.count; i++) moveChild(right, i, left, left.count++);
  dropChild(parent, right.place);
  freeNode(right);
  summarise(left);
  if (parent.parent === 0 && parent.count === 1) lowerRoot(parent);
  else if (parent.count < FEW) joinNode(parent);
}

function joinLeaves(left: Node, right: Node): void {
  for (let i = 0; i < right.count; i++) {
    const j = left.count++;
    copyEntry(right, i, left, j);
    setSeat(rowAt(left, j), left, j);
  }
  left.highScore = right.highScore;
  left.highRow = right.highRow;
  const group = groupOf(left.group);
  if (sign < 0 && changetype<usize>(left) === group.first) group.top = firstScore(left);
}

function dropChild(parent: Node, at: i32): void {
  for (let i = at + 1; i < parent.count; i++) moveChild(parent, i, parent, i - 1);
  dropLast(parent);
  summarise(parent);
}

/** Makes the only child of a root the root. */
function lowerRoot(root: Node): void {
  const child = childAt(root, 0);
  groupOf(root.group).root = changetype<usize>(child);
  child.parent = 0;
  freeNode(root);
  if (child.level > 0 && child.count === 1) lowerRoot(child);
}
