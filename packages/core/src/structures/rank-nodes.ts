/**
 * The nodes of a forest of B+ trees as columns. A node has up to `FAN_OUT` entries. An entry of a leaf is an agent
 * row; an entry of an inner node is a child. Every entry has a place in the ranking (score, row), and a value per
 * dimension: what is free on the agent, or the greatest of that below the child. So one search can skip by rank and
 * by what fits, and the same loop serves leaves and inner nodes.
 *
 * A column has `FAN_OUT` entries of a node side by side; value d of entry i of a node stands at
 * `(node * dimensions + d) * FAN_OUT + i`.
 */
import { grown, grownBytes, grownNumbers } from '../support/grown.ts';

/** Entries of a node: more make a search read more of each, fewer make trees higher. */
export const FAN_OUT = 32;

/** Less than every value of an agent. */
const NOTHING = -1;

export class RankNodes {
  readonly dimensions: number;
  /** Entries in use, per node. */
  count: Int32Array;
  /** 0 for leaves. */
  level: Uint8Array;
  /** Parent per node, -1 for a root. */
  parent: Int32Array;
  /** Number of the entry that stands for a node in its parent. */
  place: Int32Array;
  /** Agent row, or child, per entry. */
  item: Int32Array;
  /** Rank per entry: that of the row, or the first rank that belongs to the child. */
  score: Float64Array;
  row: Int32Array;
  values: Int32Array;
  #used = 0;
  readonly #free: number[] = [];

  constructor(dimensions: number, capacity: number) {
    this.dimensions = dimensions;
    this.count = new Int32Array(capacity);
    this.level = new Uint8Array(capacity);
    this.parent = new Int32Array(capacity);
    this.place = new Int32Array(capacity);
    this.item = new Int32Array(capacity * FAN_OUT);
    this.score = new Float64Array(capacity * FAN_OUT);
    this.row = new Int32Array(capacity * FAN_OUT);
    this.values = new Int32Array(capacity * FAN_OUT * dimensions);
  }

  /** A node without entries and parent. */
  allocate(level: number): number {
    const isFull = this.#free.length === 0 && this.#used === this.count.length;
    if (isFull) this.#grow(this.#used * 2);
    const node = this.#free.length > 0 ? this.#free.pop()! : this.#used++;
    this.count[node] = 0;
    this.level[node] = level;
    this.parent[node] = -1;
    this.place[node] = 0;
    return node;
  }

  release(node: number): void {
    this.#free.push(node);
  }

  /** Forgets all nodes. */
  clear(): void {
    this.#used = 0;
    this.#free.length = 0;
  }

  /** Copies an entry, also within a node; the caller keeps counts and parents right. */
  copyEntry(from: number, i: number, to: number, j: number): void {
    const source = from * FAN_OUT + i;
    const target = to * FAN_OUT + j;
    this.item[target] = this.item[source];
    this.score[target] = this.score[source];
    this.row[target] = this.row[source];
    for (let d = 0; d < this.dimensions; d++) {
      this.values[this.valueAt(to, d) + j] = this.values[this.valueAt(from, d) + i];
    }
  }

  /** Where the values of a dimension begin. */
  valueAt(node: number, dimension: number): number {
    return (node * this.dimensions + dimension) * FAN_OUT;
  }

  /** Greatest value of a dimension among the entries of a node. */
  greatest(node: number, dimension: number): number {
    const start = this.valueAt(node, dimension);
    const end = start + this.count[node];
    let greatest = NOTHING;
    for (let at = start; at < end; at++) if (this.values[at] > greatest) greatest = this.values[at];
    return greatest;
  }

  /** Whether a value is greater than what the parent of a node knows as its greatest. */
  isAboveMaximum(node: number, dimension: number, value: number): boolean {
    const up = this.parent[node];
    return up >= 0 && value > this.values[this.valueAt(up, dimension) + this.place[node]];
  }

  /** Whether a value is what the parent of a node knows as its greatest. */
  isMaximum(node: number, dimension: number, value: number): boolean {
    const up = this.parent[node];
    return up >= 0 && value === this.values[this.valueAt(up, dimension) + this.place[node]];
  }

  /** Notes that an entry of a node has a greater value than before, or is new. */
  raise(node: number, dimension: number, value: number): void {
    for (let up = this.parent[node]; up >= 0; up = this.parent[node]) {
      const at = this.valueAt(up, dimension) + this.place[node];
      if (this.values[at] >= value) return;
      this.values[at] = value;
      node = up;
    }
  }

  /** Notes that an entry of a node, which had this value, has a smaller one or is gone. */
  lower(node: number, dimension: number, before: number): void {
    for (let up = this.parent[node]; up >= 0; up = this.parent[node]) {
      const at = this.valueAt(up, dimension) + this.place[node];
      if (this.values[at] !== before) return;
      const greatest = this.greatest(node, dimension);
      if (greatest === before) return;
      this.values[at] = greatest;
      node = up;
    }
  }

  /** Makes the entry that stands for a node in its parent right in all dimensions. */
  summarise(node: number): void {
    const up = this.parent[node];
    if (up < 0) return;
    for (let d = 0; d < this.dimensions; d++) {
      const at = this.valueAt(up, d) + this.place[node];
      const before = this.values[at];
      const after = this.greatest(node, d);
      this.values[at] = after;
      if (after > before) this.raise(up, d, after);
      else if (after < before) this.lower(up, d, before);
    }
  }

  #grow(capacity: number): void {
    this.count = grown(this.count, capacity);
    this.level = grownBytes(this.level, capacity);
    this.parent = grown(this.parent, capacity);
    this.place = grown(this.place, capacity);
    this.item = grown(this.item, capacity * FAN_OUT);
    this.score = grownNumbers(this.score, capacity * FAN_OUT);
    this.row = grown(this.row, capacity * FAN_OUT);
    this.values = grown(this.values, capacity * FAN_OUT * this.dimensions);
  }
}
