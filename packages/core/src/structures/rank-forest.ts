/**
 * Agents ranked by load, one tree per group, with the greatest free amounts below every node: upkeep and search. Most of
 * what they do is comparing short columns of numbers, which WebAssembly does by vectors; so the work is done there, in
 * `packages/core/assembly`, and this is its door. Values pass through registers, views of the memory of the instance.
 */
import { type RankExports, rankInstance } from './rank-module.ts';

/** What a forest is laid out for. */
export interface ForestShape {
  /** Number of its type, per group. */
  readonly groupTypes: Int32Array;
  /** Per type: the load of a full agent; then, per scalar, load and steps of tightness per unit. */
  readonly types: readonly Float64Array[];
  /** Dimensions that are scalar resources, and that are properties of slots. */
  readonly scalars: number;
  readonly slots: number;
  readonly rowCapacity: number;
  readonly prefer: 'greater' | 'smaller';
  /** Nodes to make room for. */
  readonly nodes: number;
}

/** The most scalars that a task may need: as many as a search compares. `MOST_NEEDS` of `assembly/search.ts`. */
export const MOST_NEEDS = 32;

/** Nodes that so many agents in so many groups may take, if their trees are as full as they become by themselves. */
export function likelyNodes(rows: number, groups: number): number {
  return 32 + 2 * groups + Math.ceil(rows / 12);
}

export class RankForest {
  /** Register: free units per scalar and slot dimension of the agent that `update` enters. */
  readonly entry: Int32Array;
  /** Register: units that the searches look for, by the same dimensions; 0 = not needed. */
  readonly request: Int32Array;
  /** Register: scores of the groups that have agents, in the order of `findSamples`; NaN = refused. */
  readonly groupScores: Float64Array;
  /** Register: the answer of `findSamples` and `findTies`. */
  readonly rows: Int32Array;
  readonly update: RankExports['update'];
  readonly remove: RankExports['remove'];
  readonly groupOf: RankExports['groupOfRow'];
  readonly findSamples: RankExports['findSamples'];
  readonly #exports: RankExports;
  readonly #find: RankExports['find'];
  readonly #findByGroups: RankExports['findByGroups'];
  readonly #counters: Int32Array;
  #accepts: ((row: number) => boolean) | undefined;

  /** @throws RangeError when there is not so much memory */
  constructor({ groupTypes, types, scalars, slots, rowCapacity, prefer, nodes }: ForestShape) {
    const exports = rankInstance((row) => (this.#accepts!(row) ? 1 : 0));
    const groups = groupTypes.length;
    const prefersGreater = prefer === 'greater' ? 1 : 0;
    if (exports.layOut(types.length, groups, scalars, slots, rowCapacity, nodes, prefersGreater) === 0)
      throw new RangeError('no memory for a ranking of the agents');
    const { buffer } = exports.memory;
    const words = (at: { readonly value: number }, length: number): Int32Array =>
      new Int32Array(buffer, at.value, length);
    this.entry = words(exports.entryAt, scalars + slots);
    this.request = words(exports.requestAt, scalars + slots);
    this.#counters = words(exports.countersAt, 2);
    this.rows = words(exports.rowsAt, Math.max(rowCapacity, groups));
    this.groupScores = new Float64Array(buffer, exports.groupScoresAt.value, groups);
    words(exports.groupTypesAt, groups).set(groupTypes);
    const table = new Float64Array(buffer, exports.typesAt.value, types.length * (1 + 2 * scalars));
    types.forEach((numbers, type) => table.set(numbers, type * (1 + 2 * scalars)));
    this.update = exports.update;
    this.remove = exports.remove;
    this.groupOf = exports.groupOfRow;
    this.findSamples = exports.findSamples;
    this.#find = exports.find;
    this.#findByGroups = exports.findByGroups;
    this.#exports = exports;
    this.clear();
  }

  /** Rows that fitted and were better than the best before, or tied with it, since the forest was made; modulo 2^32. */
  get candidates(): number {
    return this.#counters[0];
  }

  /** Nodes that were looked at, likewise. */
  get visits(): number {
    return this.#counters[1];
  }

  /** Takes all rows out. */
  clear(): void {
    this.#exports.clear();
  }

  /**
   * The best row that has all that is requested, -1 if there is none.
   * @param accepts - what the dimensions do not tell about a row; undefined accepts all
   * @param known - a ranked row that can be the answer whatever it has; -1 for none
   */
  find(accepts: ((row: number) => boolean) | undefined, known = -1): number {
    this.#accepts = accepts;
    return this.#find(accepts === undefined ? 0 : 1, known);
  }

  /** As `find`, but the score of its group comes before the rank of a row. */
  findByGroups(accepts: ((row: number) => boolean) | undefined): number {
    this.#accepts = accepts;
    return this.#findByGroups(accepts === undefined ? 0 : 1);
  }

  /** Writes the rows that tie with the one found last, itself among them, in any order. @returns their number */
  findTies(accepts: ((row: number) => boolean) | undefined, byGroups: boolean): number {
    this.#accepts = accepts;
    return this.#exports.findTies(accepts === undefined ? 0 : 1, byGroups ? 1 : 0);
  }

  /** Whether a row stands where, and with what, `update` would put it. */
  isCurrent(row: number): boolean {
    return this.#exports.isCurrent(row) === 1;
  }

  /** Nodes, entries and groups that are not what they must be. O(agents). */
  countProblems(): number {
    return this.#exports.countProblems();
  }
}
