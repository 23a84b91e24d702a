/** The invariants of the trees, recomputed in the most direct way. For tests and debugging. */
import {
  dimensionCount,
  domainCount,
  domainOf,
  Group,
  groupCount,
  groupOf,
  liveDomainsAt,
  liveGroup,
  seatOf,
  sign,
  typeCount,
  word,
} from './memory-map';
import {
  childAt,
  FAN_OUT,
  firstRowAt,
  greatest,
  Node,
  NO_SCORE,
  NOTHING,
  rowAt,
  scoreAt,
  valueAt,
} from './node';
import { liveDomains } from './upkeep';

/** Entries, nodes and groups that are not what they must be. O(agents). */
export function countProblems(): i32 {
  let problems = problemsOfDomains();
  for (let number = 0; number < groupCount; number++) {
    const group = groupOf(number);
    if (group.root === 0) problems += i32(group.size !== 0);
    else
      problems +=
        problemsBelow(changetype<Node>(group.root)) +
        i32(rowsBelow(changetype<Node>(group.root)) !== group.size) +
        i32(!knowsFirst(group));
  }
  return problems;
}

/** Domains and groups with agents that are not in their list, and others that are. */
function problemsOfDomains(): i32 {
  let problems = 0;
  let live = 0;
  for (let number = 0; number < domainCount; number++) {
    const domain = domainOf(number);
    let liveGroups = 0;
    for (let type = 0; type < typeCount; type++) {
      const group = groupOf(number * typeCount + type);
      if (group.size === 0) continue;
      liveGroups++;
      problems += i32(liveGroup(number, group.liveAt) !== number * typeCount + type);
    }
    problems += i32(liveGroups !== domain.liveGroups);
    if (liveGroups === 0) continue;
    live++;
    problems += i32(load<i32>(word(liveDomainsAt, domain.liveAt)) !== number);
  }
  return problems + i32(live !== liveDomains);
}

function rowsBelow(node: Node): i32 {
  if (node.level === 0) return node.count;
  let rows = 0;
  for (let i = 0; i < node.count; i++) rows += rowsBelow(childAt(node, i));
  return rows;
}

/** Whether a group knows the first leaf below its root, and what is to be known of its greatest score. */
function knowsFirst(group: Group): bool {
  let leaf = changetype<Node>(group.root);
  const greatest = greatestScoreBelow(leaf);
  while (leaf.level > 0) leaf = childAt(leaf, 0);
  if (changetype<usize>(leaf) !== group.first) return false;
  if (sign > 0) return group.top === i64.MAX_VALUE;
  return leaf.count > 0 ? group.top === greatest : group.top >= greatest;
}

function greatestScoreBelow(node: Node): i64 {
  let greatest = NO_SCORE;
  for (let i = 0; i < node.count; i++) {
    greatest = max(greatest, node.level > 0 ? greatestScoreBelow(childAt(node, i)) : scoreAt(node, i));
  }
  return greatest;
}

function problemsBelow(node: Node): i32 {
  let problems = i32(node.count > FAN_OUT || (node.level > 0 && node.count === 0));
  for (let i = node.count; i < FAN_OUT; i++) problems += i32(!isEmpty(node, i));
  for (let i = 0; i < node.count; i++) {
    problems += node.level > 0 ? problemsOfChild(node, i) : i32(!isSeated(node, i));
  }
  return problems;
}

function isEmpty(node: Node, i: i32): bool {
  if (scoreAt(node, i) !== NO_SCORE) return false;
  for (let d = 0; d < dimensionCount; d++) if (valueAt(node, d, i) !== NOTHING) return false;
  return true;
}

function isSeated(leaf: Node, i: i32): bool {
  const seat = seatOf(rowAt(leaf, i));
  return seat.leaf === changetype<usize>(leaf) && seat.place === i && seat.group === leaf.group;
}

function problemsOfChild(node: Node, i: i32): i32 {
  const child = childAt(node, i);
  let problems = i32(
    child.parent !== changetype<usize>(node) || child.place !== i || child.level !== node.level - 1,
  );
  for (let d = 0; d < dimensionCount; d++) problems += i32(valueAt(node, d, i) !== greatest(child, d));
  if (i > 0) {
    const score = scoreAt(node, i);
    const before = scoreAt(node, i - 1);
    problems += i32(score > before || (score === before && firstRowAt(node, i) <= firstRowAt(node, i - 1)));
  }
  return problems + problemsBelow(child);
}
