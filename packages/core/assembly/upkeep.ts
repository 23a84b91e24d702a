/**
 * Agents ranked by (score descending, row ascending), one B+ tree per group, with the greatest free amounts below every
 * child. Leaves are not sorted inside, so that an agent whose rank moves a little is written where it stands; only one that
 * leaves the range of its leaf is taken out and put in again.
 *
 * An update costs O(levels · fan-out) at worst and a few writes as a rule. Bayer and McCreight's B-tree (1972), with
 * maxima as in a priority search tree (McCreight, 1985).
 */
import {
  AgentType,
  dimensionCount,
  domainOf,
  entriesAt,
  entryWords,
  ENTRY_VALUES,
  Group,
  groupCount,
  groupOf,
  jointCount,
  liveDomainsAt,
  liveGroup,
  liveGroupsAt,
  rowCapacity,
  samplesAt,
  seatOf,
  sign,
  typeBytes,
  typeCount,
  typesAt,
  word,
} from './memory-map';
import {
  childAt,
  FAN_OUT,
  firstRowAt,
  freeNodes,
  clearNodes,
  COLUMN_BYTES,
  columnOf,
  entriesAbove,
  firstScore,
  newNode,
  NO_SCORE,
  NOTHING,
  Node,
  lower,
  raise,
  rowAt,
  scoreAt,
  setItem,
  setScore,
  summaryOf,
  valueAt,
} from './node';
import { FEW, joinNode, setSeat, splitLeaf } from './rebalance';
import { Amounts } from './tightness';

/** The most nodes that one update takes: one per level, and a new root. */
const MOST_NEW_NODES: i32 = 9;

/** Domains that have agents. */
export let liveDomains: i32 = 0;
/** Whether no agent has come to a domain, or left one, since the samples were written. */
let hasSamples: bool = false;
/** Values of the agent to enter, and its score. */
let entryAt: usize = 0;
let entryScore: i64 = 0;

/** Takes all rows out. */
export function clear(): void {
  clearNodes();
  liveDomains = 0;
  hasSamples = false;
  for (let number = 0; number < groupCount; number++) {
    const group = groupOf(number);
    group.root = 0;
    group.size = 0;
    group.top = sign > 0 ? i64.MAX_VALUE : NO_SCORE;
    group.type = changetype<AgentType>(typesAt + <usize>((number % typeCount) * typeBytes));
    domainOf(number / typeCount).liveGroups = 0;
  }
  for (let row = 0; row < rowCapacity; row++) {
    seatOf(row).leaf = 0;
    seatOf(row).group = -1;
  }
}

/**
 * Gives as many rows as stand in the entry register the groups and values that they have there, and the ranks that follow
 * from them; rows without a group, -1, are taken out.
 * @returns false if there were no nodes left for one of them; then it stays as it was, as do those after it
 */
export function enter(entries: i32): bool {
  let at = entriesAt;
  for (; entries > 0; entries--) {
    const row = load<i32>(at);
    const number = load<i32>(at, 4);
    entryAt = at + ENTRY_VALUES;
    if (number < 0) remove(row);
    else if (freeNodes < MOST_NEW_NODES) return false;
    else update(row, number);
    at = word(at, entryWords);
  }
  return true;
}

/** Gives a row the values at hand, and the rank that follows from them. */
function update(row: i32, number: i32): void {
  const group = groupOf(number);
  Inline.read(group.type);
  const seat = seatOf(row);
  let before = NO_SCORE;
  if (seat.leaf !== 0) {
    const leaf = changetype<Node>(seat.leaf);
    before = scoreAt(leaf, seat.place);
    if (seat.group === number && covers(leaf, row)) {
      Inline.write(leaf, seat.place);
      noteScore(group, before, entryScore);
      return;
    }
    Inline.takeOut(row);
    if (seat.group !== number) {
      leave(seat.group, before);
      before = NO_SCORE;
    }
  }
  if (seat.group !== number) join(group, number);
  seat.group = number;
  Inline.putIn(row, group, number);
  noteScore(group, before, entryScore);
}

/** Takes a row out; without effect when it is not in. */
function remove(row: i32): void {
  const seat = seatOf(row);
  if (seat.leaf === 0) return;
  const before = scoreAt(changetype<Node>(seat.leaf), seat.place);
  Inline.takeOut(row);
  leave(seat.group, before);
  seat.leaf = 0;
  seat.group = -1;
}

/** Writes some row of every domain with agents. @returns the number of domains */
export function findSamples(): i32 {
  for (let i = 0; i < liveDomains && !hasSamples; i++) {
    const group = groupOf(liveGroup(load<i32>(word(liveDomainsAt, i)), 0));
    store<i32>(word(samplesAt, i), anyRow(changetype<Node>(group.root)));
  }
  hasSamples = true;
  return liveDomains;
}

/** Groups that have agents. */
export function countLiveGroups(): i32 {
  let groups = 0;
  for (let i = 0; i < liveDomains; i++) groups += domainOf(load<i32>(word(liveDomainsAt, i))).liveGroups;
  return groups;
}

/** Group of a row, -1 if it is in none. */
export function groupOfRow(row: i32): i32 {
  return seatOf(row).group;
}

/** Whether the row of the first entry stands with just what `enter` would write, where it would look for it. */
export function isCurrent(): bool {
  const row = load<i32>(entriesAt);
  entryAt = entriesAt + ENTRY_VALUES;
  const seat = seatOf(row);
  const group = groupOf(seat.group);
  Inline.read(group.type);
  const leaf = changetype<Node>(seat.leaf);
  if (leafFor(row, changetype<Node>(group.root)) !== leaf || !covers(leaf, row)) return false;
  if (rowAt(leaf, seat.place) !== row || scoreAt(leaf, seat.place) !== entryScore) return false;
  for (let d = 0; d < dimensionCount; d++) if (valueAt(leaf, d, seat.place) !== entryValue(d)) return false;
  return true;
}

function entryValue(dimension: i32): i32 {
  return load<i32>(word(entryAt, dimension));
}

function join(group: Group, number: i32): void {
  hasSamples = false;
  if (group.size++ > 0) return;
  const domainNumber = number / typeCount;
  const domain = domainOf(domainNumber);
  if (domain.liveGroups === 0) {
    domain.liveAt = liveDomains;
    store<i32>(word(liveDomainsAt, liveDomains++), domainNumber);
  }
  group.liveAt = domain.liveGroups++;
  store<i32>(word(liveGroupsAt, domainNumber * typeCount + group.liveAt), number);
}

function leave(number: i32, score: i64): void {
  hasSamples = false;
  const group = groupOf(number);
  noteScore(group, score, NO_SCORE);
  if (--group.size > 0) return;
  const domainNumber = number / typeCount;
  const domain = domainOf(domainNumber);
  const last = liveGroup(domainNumber, --domain.liveGroups);
  store<i32>(word(liveGroupsAt, domainNumber * typeCount + group.liveAt), last);
  groupOf(last).liveAt = group.liveAt;
  if (domain.liveGroups > 0) return;
  const lastDomain = load<i32>(word(liveDomainsAt, --liveDomains));
  store<i32>(word(liveDomainsAt, domain.liveAt), lastDomain);
  domainOf(lastDomain).liveAt = domain.liveAt;
}

/** Brings the greatest score of a group up to date, in which a row has another score than before; `NO_SCORE` = is not in. */
function noteScore(group: Group, before: i64, after: i64): void {
  if (after > group.top) group.top = after;
  else if (before === group.top && after < before) group.top = firstScore(changetype<Node>(group.first));
}

/** A row below a node, -1 if there is none. */
function anyRow(node: Node): i32 {
  if (node.level === 0) return node.count > 0 ? rowAt(node, 0) : -1;
  for (let i = 0; i < node.count; i++) {
    const row = anyRow(childAt(node, i));
    if (row >= 0) return row;
  }
  return -1;
}

/** Whether the rank at hand, with this row, belongs to a leaf. */
function covers(leaf: Node, row: i32): bool {
  const score = entryScore;
  return (
    (score < leaf.lowScore || (score === leaf.lowScore && row >= leaf.lowRow)) &&
    (score > leaf.highScore || (score === leaf.highScore && row < leaf.highRow))
  );
}

function newTree(number: i32): Node {
  const root = newNode(0, number);
  root.lowScore = i64.MAX_VALUE;
  root.lowRow = -1;
  root.highScore = NO_SCORE;
  root.highRow = -1;
  return root;
}

/** The leaf below a node to which the rank at hand, with this row, belongs. */
function leafFor(row: i32, node: Node): Node {
  const score = entryScore;
  for (let level = node.level; level > 0; level--) {
    node = childAt(node, max(entriesBefore(node, score, row) - 1, 0));
  }
  return node;
}

/** Entries of an inner node that begin at a rank or before it. */
function entriesBefore(node: Node, score: i64, row: i32): i32 {
  let entries = entriesAbove(node, score);
  while (entries < FAN_OUT && scoreAt(node, entries) === score && row >= firstRowAt(node, entries)) entries++;
  return entries;
}

/** What takes no longer than a call would. Decorators stand on methods only. */
class Inline {
  /** Computes what follows from the free scalars of the agent to enter: used shares by weight, and joint tightness. */
  @inline
  static read(type: AgentType): void {
    entryScore =
      sign * (type.fullLoad - Amounts.weigh(entryAt, type, word(entryAt, dimensionCount - jointCount)));
  }

  /** Gives an entry of a leaf the score and the values at hand. */
  @inline
  static write(leaf: Node, i: i32): void {
    setScore(leaf, i, entryScore);
    const count = dimensionCount;
    let entry = entryAt;
    let at = word(columnOf(leaf, 0), i);
    let known = summaryOf(leaf);
    for (let d = 0; d < count; d++) {
      const before = load<i32>(at);
      const after = load<i32>(entry);
      store<i32>(at, after);
      const most = load<i32>(known);
      if (after > most) raise(leaf, d, after);
      else if (before === most) if (after < before) lower(leaf, d, before);
      entry += 4;
      at += COLUMN_BYTES;
      known += COLUMN_BYTES;
    }
  }

  /** As `write`, for an entry that was not in use. */
  @inline
  static fill(leaf: Node, i: i32): void {
    setScore(leaf, i, entryScore);
    const count = dimensionCount;
    let entry = entryAt;
    let at = word(columnOf(leaf, 0), i);
    let known = summaryOf(leaf);
    for (let d = 0; d < count; d++) {
      const value = load<i32>(entry);
      store<i32>(at, value);
      if (value > load<i32>(known)) raise(leaf, d, value);
      entry += 4;
      at += COLUMN_BYTES;
      known += COLUMN_BYTES;
    }
  }

  @inline
  static putIn(row: i32, group: Group, number: i32): void {
    if (group.root === 0) group.root = group.first = changetype<usize>(newTree(number));
    let leaf = leafFor(row, changetype<Node>(group.root));
    if (leaf.count === FAN_OUT) {
      splitLeaf(leaf);
      leaf = leafFor(row, changetype<Node>(group.root));
    }
    const i = leaf.count++;
    setItem(leaf, i, row);
    setSeat(row, leaf, i);
    Inline.fill(leaf, i);
  }

  @inline
  static takeOut(row: i32): void {
    const leaf = changetype<Node>(seatOf(row).leaf);
    const i = seatOf(row).place;
    const last = leaf.count - 1;
    leaf.count = last;
    const moved = rowAt(leaf, last);
    setItem(leaf, i, moved);
    setScore(leaf, i, scoreAt(leaf, last));
    setScore(leaf, last, NO_SCORE);
    seatOf(moved).place = i;
    const count = dimensionCount;
    let at = word(columnOf(leaf, 0), i);
    let lastAt = word(columnOf(leaf, 0), last);
    let known = summaryOf(leaf);
    for (let d = 0; d < count; d++) {
      const before = load<i32>(at);
      store<i32>(at, load<i32>(lastAt));
      store<i32>(lastAt, NOTHING);
      if (before === load<i32>(known)) lower(leaf, d, before);
      at += COLUMN_BYTES;
      lastAt += COLUMN_BYTES;
      known += COLUMN_BYTES;
    }
    if (last < FEW) joinNode(leaf);
  }
}
