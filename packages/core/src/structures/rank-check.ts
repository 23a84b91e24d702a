/**
 * The invariants of a ranking, recomputed in the most direct way. For tests and debugging.
 */
import type { RankForest } from './rank-forest.ts';
import { FAN_OUT } from './rank-nodes.ts';

/** Broken invariants in words. O(agents). */
export function* rankingProblems(forest: RankForest): Generator<string> {
  for (let group = 0; group < forest.roots.length; group++) {
    const root = forest.roots[group];
    if (root < 0) continue;
    let rows = 0;
    for (const node of nodesBelow(forest, root)) {
      yield* nodeProblems(forest, node);
      if (forest.nodes.level[node] === 0) rows += forest.nodes.count[node];
    }
    if (rows !== forest.sizes[group])
      yield `group ${group} has ${rows} rows instead of ${forest.sizes[group]}`;
  }
}

function* nodesBelow({ nodes }: RankForest, root: number): Generator<number> {
  const open = [root];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    yield node;
    if (nodes.level[node] === 0) continue;
    for (let i = 0; i < nodes.count[node]; i++) open.push(nodes.item[node * FAN_OUT + i]);
  }
}

function* nodeProblems({ nodes }: RankForest, node: number): Generator<string> {
  if (nodes.count[node] > FAN_OUT) yield `node ${node} has ${nodes.count[node]} entries`;
  if (nodes.level[node] === 0) return;
  for (let i = 0; i < nodes.count[node]; i++) {
    const child = nodes.item[node * FAN_OUT + i];
    if (nodes.parent[child] !== node || nodes.place[child] !== i)
      yield `node ${child} does not know its place`;
    if (nodes.level[child] !== nodes.level[node] - 1) yield `node ${child} is on the wrong level`;
    for (let d = 0; d < nodes.dimensions; d++) {
      const known = nodes.values[nodes.valueAt(node, d) + i];
      const greatest = nodes.greatest(child, d);
      if (known !== greatest)
        yield `node ${node} has ${known} as maximum of node ${child} instead of ${greatest}`;
    }
    const at = node * FAN_OUT + i;
    const isBehind =
      i > 0 &&
      (nodes.score[at] > nodes.score[at - 1] ||
        (nodes.score[at] === nodes.score[at - 1] && nodes.row[at] <= nodes.row[at - 1]));
    if (isBehind) yield `the children of node ${node} are out of order`;
  }
}
