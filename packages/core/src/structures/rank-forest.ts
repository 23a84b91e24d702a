/**
 * Agents ranked by (score descending, row ascending), one B+ tree per group, with the greatest free amounts below every
 * child. Leaves cover ranges of ranks and are not sorted inside, so that an agent whose rank moves a little is
 * written where it stands; only one that leaves the range of its leaf is taken out and put in again. Leaves that
 * become small are joined with a neighbour. All ranges of a tree together cover every rank, so a leaf may be empty.
 *
 * An update costs O(levels · fan-out) at worst and a few writes as a rule. Bayer and McCreight's B-tree (1972), with
 * maxima as in a priority search tree (McCreight, 1985).
 */
import { grown, grownNumbers } from '../support/grown.ts';
import { FAN_OUT, RankNodes } from './rank-nodes.ts';

/** Joined nodes hold at most this many entries, so that they do not split at once. */
const JOINED_MOST = (FAN_OUT * 3) / 4;
/** Nodes with fewer entries look for a neighbour to join. */
const FEW = FAN_OUT / 4;

export class RankForest {
  readonly nodes: RankNodes;
  /** Root per group, -1 for a group that never had an agent. */
  readonly roots: Int32Array;
  /** Group per row, -1 where the row is not in the forest. */
  readonly groupOf: Int32Array;
  /** Agents per group. */
  readonly sizes: Int32Array;
  /** The agent that `update` puts in: score, and values by dimension. A double in an argument would be boxed. */
  readonly score: Float64Array = new Float64Array(1);
  readonly values: Int32Array;
  /** A row that was in a group when it was last asked for one. */
  readonly #samples: Int32Array;
  readonly #leafOf: Int32Array;
  readonly #placeOf: Int32Array;
  /** Upper ends of the ranges of leaves, exclusive; their lower ends stand in their parents and are repeated here. */
  #lowScore: Float64Array;
  #lowRow: Int32Array;
  #highScore: Float64Array;
  #highRow: Int32Array;
  readonly #order = new Int32Array(FAN_OUT);

  constructor(groups: number, dimensions: number, rowCapacity: number) {
    const nodeCapacity = 16 + Math.ceil(rowCapacity / (FAN_OUT / 2));
    this.nodes = new RankNodes(dimensions, nodeCapacity);
    this.roots = new Int32Array(groups).fill(-1);
    this.sizes = new Int32Array(groups);
    this.#samples = new Int32Array(groups);
    this.groupOf = new Int32Array(rowCapacity).fill(-1);
    this.values = new Int32Array(dimensions);
    this.#leafOf = new Int32Array(rowCapacity);
    this.#placeOf = new Int32Array(rowCapacity);
    this.#lowScore = new Float64Array(nodeCapacity);
    this.#lowRow = new Int32Array(nodeCapacity);
    this.#highScore = new Float64Array(nodeCapacity);
    this.#highRow = new Int32Array(nodeCapacity);
  }

  /** Whether it was made for so many groups, dimensions and rows. */
  hasShape(groups: number, dimensions: number, rowCapacity: number): boolean {
    return (
      this.roots.length === groups && this.values.length === dimensions && this.groupOf.length === rowCapacity
    );
  }

  /** Takes all rows out. */
  clear(): void {
    this.nodes.clear();
    this.roots.fill(-1);
    this.sizes.fill(0);
    this.groupOf.fill(-1);
  }

  /** Gives a row the rank and the values that stand in `score` and `values`. */
  update(row: number, group: number): void {
    const leaf = this.#leafOf[row];
    if (this.groupOf[row] === group) {
      if (this.#covers(leaf, row)) {
        this.#rewrite(leaf, this.#placeOf[row]);
        return;
      }
      this.#takeOut(row);
    } else if (this.groupOf[row] >= 0) {
      this.remove(row);
    }
    if (this.groupOf[row] < 0) {
      this.groupOf[row] = group;
      this.sizes[group]++;
    }
    this.#putIn(row, group);
  }

  /** Takes a row out; without effect when it is not in. */
  remove(row: number): void {
    const group = this.groupOf[row];
    if (group < 0) return;
    this.groupOf[row] = -1;
    this.sizes[group]--;
    this.#takeOut(row);
  }

  /** Whether a row stands with just the rank and the values in `score` and `values` where `update` would find it. */
  hasRank(row: number): boolean {
    const { nodes } = this;
    const leaf = this.#leafOf[row];
    const at = leaf * FAN_OUT + this.#placeOf[row];
    return (
      nodes.item[at] === row &&
      nodes.score[at] === this.score[0] &&
      this.#covers(leaf, row) &&
      this.#leafFor(row, this.roots[this.groupOf[row]]) === leaf &&
      this.values.every((value, d) => nodes.values[nodes.valueAt(leaf, d) + this.#placeOf[row]] === value)
    );
  }

  /** Some row of a group that has agents; the same as long as it is there. */
  anyRowOf(group: number): number {
    const known = this.#samples[group];
    if (this.groupOf[known] === group) return known;
    const { nodes } = this;
    let node = this.roots[group];
    while (nodes.level[node] > 0) node = nodes.item[node * FAN_OUT + this.#firstWithRows(node)];
    return (this.#samples[group] = nodes.item[node * FAN_OUT]);
  }

  #firstWithRows(node: number): number {
    for (let i = 0; ; i++) if (this.#hasRows(this.nodes.item[node * FAN_OUT + i])) return i;
  }

  #hasRows(node: number): boolean {
    const { level, count, item } = this.nodes;
    if (level[node] === 0) return count[node] > 0;
    for (let i = 0; i < count[node]; i++) if (this.#hasRows(item[node * FAN_OUT + i])) return true;
    return false;
  }

  /** Whether the rank at hand, with this row, belongs to a leaf. */
  #covers(leaf: number, row: number): boolean {
    const score = this.score[0];
    const low = this.#lowScore[leaf];
    const high = this.#highScore[leaf];
    return (
      (score < low || (score === low && row >= this.#lowRow[leaf])) &&
      (score > high || (score === high && row < this.#highRow[leaf]))
    );
  }

  #rewrite(leaf: number, i: number): void {
    const { nodes } = this;
    nodes.score[leaf * FAN_OUT + i] = this.score[0];
    for (let d = 0; d < this.values.length; d++) {
      const at = nodes.valueAt(leaf, d) + i;
      const before = nodes.values[at];
      const after = this.values[d];
      if (before === after) continue;
      nodes.values[at] = after;
      if (after > before) nodes.raise(leaf, d, after);
      else nodes.lower(leaf, d, before);
    }
  }

  #putIn(row: number, group: number): void {
    const { nodes } = this;
    if (this.roots[group] < 0) this.roots[group] = this.#newTree();
    let leaf = this.#leafFor(row, this.roots[group]);
    if (nodes.count[leaf] === FAN_OUT) {
      this.#splitLeaf(leaf, group);
      leaf = this.#leafFor(row, this.roots[group]);
    }
    const i = nodes.count[leaf]++;
    nodes.item[leaf * FAN_OUT + i] = row;
    nodes.row[leaf * FAN_OUT + i] = row;
    nodes.score[leaf * FAN_OUT + i] = this.score[0];
    this.#leafOf[row] = leaf;
    this.#placeOf[row] = i;
    const { values } = nodes;
    for (let d = 0; d < this.values.length; d++) {
      const value = this.values[d];
      values[nodes.valueAt(leaf, d) + i] = value;
      if (nodes.isAboveMaximum(leaf, d, value)) nodes.raise(leaf, d, value);
    }
  }

  #takeOut(row: number): void {
    const { nodes } = this;
    const leaf = this.#leafOf[row];
    const i = this.#placeOf[row];
    const last = --nodes.count[leaf];
    const { values } = nodes;
    for (let d = 0; d < this.values.length; d++) {
      const start = nodes.valueAt(leaf, d);
      const before = values[start + i];
      values[start + i] = values[start + last];
      if (nodes.isMaximum(leaf, d, before)) nodes.lower(leaf, d, before);
    }
    if (i !== last) {
      const moved = nodes.item[leaf * FAN_OUT + last];
      nodes.item[leaf * FAN_OUT + i] = moved;
      nodes.row[leaf * FAN_OUT + i] = moved;
      nodes.score[leaf * FAN_OUT + i] = nodes.score[leaf * FAN_OUT + last];
      this.#placeOf[moved] = i;
    }
    if (last < FEW) this.#join(leaf);
  }

  #newTree(): number {
    const root = this.#allocate(0);
    this.#lowScore[root] = Infinity;
    this.#lowRow[root] = -1;
    this.#highScore[root] = -Infinity;
    this.#highRow[root] = -1;
    return root;
  }

  #allocate(level: number): number {
    const node = this.nodes.allocate(level);
    const capacity = this.nodes.count.length;
    if (this.#lowScore.length < capacity) this.#growRanges(capacity);
    return node;
  }

  /** The leaf below a node to which the rank at hand, with this row, belongs. */
  #leafFor(row: number, node: number): number {
    const { level, count, item, score: scores, row: rows } = this.nodes;
    const score = this.score[0];
    while (level[node] > 0) {
      const base = node * FAN_OUT;
      // One mispredicted branch; halving an interval would cost one per step.
      let i = 1;
      while (i < count[node] && score < scores[base + i]) i++;
      while (i < count[node] && score === scores[base + i] && row >= rows[base + i]) i++;
      node = item[base + i - 1];
    }
    return node;
  }

  /** Moves the later half of a full leaf to a new one. */
  #splitLeaf(leaf: number, group: number): void {
    const { nodes } = this;
    const order = this.#sortedEntries(leaf);
    const middle = FAN_OUT >>> 1;
    const right = this.#allocate(0);
    for (let i = middle; i < FAN_OUT; i++) {
      const j = nodes.count[right]++;
      nodes.copyEntry(leaf, order[i], right, j);
      const row = nodes.item[right * FAN_OUT + j];
      this.#leafOf[row] = right;
      this.#placeOf[row] = j;
      nodes.item[leaf * FAN_OUT + order[i]] = -1;
    }
    let kept = 0;
    for (let i = 0; i < FAN_OUT; i++) {
      const row = nodes.item[leaf * FAN_OUT + i];
      if (row < 0) continue;
      if (i !== kept) nodes.copyEntry(leaf, i, leaf, kept);
      this.#placeOf[row] = kept++;
    }
    nodes.count[leaf] = kept;
    this.#highScore[right] = this.#highScore[leaf];
    this.#highRow[right] = this.#highRow[leaf];
    this.#highScore[leaf] = this.#lowScore[right] = nodes.score[right * FAN_OUT];
    this.#highRow[leaf] = this.#lowRow[right] = nodes.row[right * FAN_OUT];
    this.#addChild(leaf, right, group);
  }

  /** Entry numbers of a full leaf by rank: insertion sort, since they are few and often nearly in order. */
  #sortedEntries(leaf: number): Int32Array {
    const order = this.#order;
    const { score, row } = this.nodes;
    const base = leaf * FAN_OUT;
    for (let i = 0; i < FAN_OUT; i++) {
      let at = i;
      for (; at > 0; at--) {
        const other = base + order[at - 1];
        const isAfter =
          score[other] > score[base + i] || (score[other] === score[base + i] && row[other] < row[base + i]);
        if (isAfter) break;
        order[at] = order[at - 1];
      }
      order[at] = i;
    }
    return order;
  }

  /** Enters a new node right behind its left neighbour, from which its entries come. */
  #addChild(left: number, right: number, group: number): void {
    const { nodes } = this;
    if (nodes.parent[left] < 0) {
      const root = this.#allocate(nodes.level[left] + 1);
      this.roots[group] = root;
      this.#setChild(root, nodes.count[root]++, left);
    } else if (nodes.count[nodes.parent[left]] === FAN_OUT) {
      this.#splitInner(nodes.parent[left], group);
    }
    const parent = nodes.parent[left];
    const at = nodes.place[left] + 1;
    for (let i = nodes.count[parent]; i > at; i--) {
      nodes.copyEntry(parent, i - 1, parent, i);
      nodes.place[nodes.item[parent * FAN_OUT + i]] = i;
    }
    nodes.count[parent]++;
    this.#setChild(parent, at, right);
    nodes.summarise(left);
    nodes.summarise(parent);
  }

  #splitInner(node: number, group: number): void {
    const { nodes } = this;
    const right = this.#allocate(nodes.level[node]);
    const middle = FAN_OUT >>> 1;
    for (let i = middle; i < FAN_OUT; i++) this.#moveChild(node, i, right, nodes.count[right]++);
    nodes.count[node] = middle;
    this.#addChild(node, right, group);
  }

  /** Writes the entry for a child with its values; the caller makes place for it. */
  #setChild(parent: number, i: number, child: number): void {
    const { nodes } = this;
    const at = parent * FAN_OUT + i;
    const isLeaf = nodes.level[child] === 0;
    nodes.item[at] = child;
    nodes.score[at] = isLeaf ? this.#lowScore[child] : nodes.score[child * FAN_OUT];
    nodes.row[at] = isLeaf ? this.#lowRow[child] : nodes.row[child * FAN_OUT];
    nodes.parent[child] = parent;
    nodes.place[child] = i;
    for (let d = 0; d < nodes.dimensions; d++)
      nodes.values[nodes.valueAt(parent, d) + i] = nodes.greatest(child, d);
  }

  #moveChild(from: number, i: number, to: number, j: number): void {
    const { nodes } = this;
    nodes.copyEntry(from, i, to, j);
    const child = nodes.item[to * FAN_OUT + j];
    nodes.parent[child] = to;
    nodes.place[child] = j;
  }

  /** Joins a small node with a neighbour if both fit into one; an empty one always, if there is a neighbour with room. */
  #join(node: number): void {
    const { nodes } = this;
    const parent = nodes.parent[node];
    if (parent < 0 || nodes.count[parent] < 2) return;
    const place = nodes.place[node];
    const hasNext = place + 1 < nodes.count[parent];
    const left = hasNext ? node : nodes.item[parent * FAN_OUT + place - 1];
    const right = hasNext ? nodes.item[parent * FAN_OUT + place + 1] : node;
    const together = nodes.count[left] + nodes.count[right];
    if (together > JOINED_MOST && nodes.count[node] > 0) return;
    if (nodes.level[node] === 0) this.#joinLeaves(left, right);
    else for (let i = 0; i < nodes.count[right]; i++) this.#moveChild(right, i, left, nodes.count[left]++);
    this.#dropChild(parent, nodes.place[right]);
    nodes.release(right);
    nodes.summarise(left);
    if (nodes.parent[parent] < 0 && nodes.count[parent] === 1) this.#lowerRoot(parent);
    else if (nodes.count[parent] < FEW) this.#join(parent);
  }

  #joinLeaves(left: number, right: number): void {
    const { nodes } = this;
    for (let i = 0; i < nodes.count[right]; i++) {
      const j = nodes.count[left]++;
      nodes.copyEntry(right, i, left, j);
      const row = nodes.item[left * FAN_OUT + j];
      this.#leafOf[row] = left;
      this.#placeOf[row] = j;
    }
    this.#highScore[left] = this.#highScore[right];
    this.#highRow[left] = this.#highRow[right];
  }

  #dropChild(parent: number, at: number): void {
    const { nodes } = this;
    const last = --nodes.count[parent];
    for (let i = at; i < last; i++) this.#moveChild(parent, i + 1, parent, i);
    nodes.summarise(parent);
  }

  /** Makes the only child of a root the root. */
  #lowerRoot(root: number): void {
    const { nodes } = this;
    const child = nodes.item[root * FAN_OUT];
    this.roots[this.roots.indexOf(root)] = child;
    nodes.parent[child] = -1;
    nodes.release(root);
    if (nodes.level[child] > 0 && nodes.count[child] === 1) this.#lowerRoot(child);
  }

  #growRanges(capacity: number): void {
    this.#lowScore = grownNumbers(this.#lowScore, capacity);
    this.#lowRow = grown(this.#lowRow, capacity);
    this.#highScore = grownNumbers(this.#highScore, capacity);
    this.#highRow = grown(this.#highRow, capacity);
  }
}
