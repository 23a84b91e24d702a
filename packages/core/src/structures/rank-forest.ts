/**
 * Agents ranked by load, one tree per group of agents of one type in one domain, with the greatest free amounts below every node: upkeep and search. Most of
 * what they do is comparing short columns of numbers, which WebAssembly does by vectors; so the work is done there, in
 * `packages/core/assembly`, and this is its door. Values pass through registers, views of the memory of the instance.
 */
import { type RankExports, rankInstance } from './rank-module.ts';

/** Joint tightness of an agent that is free, in the steps in which `types` tell it per unit. */
export const TIGHTNESS_STEPS: number = 2 ** 52;

/** The most rows that `enter` takes at a time; as in the module. */
export const MOST_ENTRIES = 64;
/** Words of an entry: its values follow. */
export const ENTRY_ROW = 0;
export const ENTRY_GROUP = 1;
export const ENTRY_VALUES = 2;

/** What a forest is laid out for. */
export interface ForestShape {
  /** Agents in different ones are told apart by plug-ins; groups are numbered domain by domain, and by type within. */
  readonly domains: number;
  /** Per type: the load of a full agent; then, per scalar, load and tightness per unit, and the total. Integers below 2^53. */
  readonly types: readonly Float64Array[];
  /** Dimensions that are scalar resources, and that are properties of slots. */
  readonly scalars: number;
  readonly slots: number;
  readonly rowCapacity: number;
  readonly prefer: 'greater' | 'smaller';
  /** Nodes to make room for. */
  readonly nodes: number;
}

/** Nodes that so many agents in so many groups may take, if their trees are as full as they become by themselves. */
export function likelyNodes(rows: number, groups: number): number {
  return 32 + 2 * groups + Math.ceil(rows / 12);
}

export class RankForest {
  /**
   * Register: the agents that `enter` enters, `entryWords` each: row, group, -1 for none, and free units per scalar and
   * slot dimension.
   */
  declare readonly entries: Int32Array;
  declare readonly entryWords: number;
  /** Register: units that the searches look for, by the same dimensions; 0 = not needed. */
  declare readonly request: Int32Array;
  /** Register: scores of the domains that have agents, in the order of `findSamples`; NaN = refused. */
  declare readonly domainScores: Float64Array;
  /** Register: the answer of `findSamples`, a row of every domain that has agents. */
  declare readonly samples: Int32Array;
  /** Register: the answer of `findTies`. */
  declare readonly rows: Int32Array;
  /** Gives some rows the groups and values that they have in the register. False when there are not enough nodes. */
  declare readonly enter: RankExports['enter'];
  declare readonly groupOf: RankExports['groupOfRow'];
  declare readonly findSamples: RankExports['findSamples'];
  declare readonly countLiveGroups: RankExports['countLiveGroups'];
  declare private readonly exports: RankExports;
  readonly #find: RankExports['find'];
  readonly #findByDomains: RankExports['findByDomains'];
  declare private readonly counters: Int32Array;
  #accepts: ((row: number) => boolean) | undefined;

  /** @throws RangeError when there is not so much memory */
  constructor({ domains, types, scalars, slots, rowCapacity, prefer, nodes }: ForestShape) {
    const prefersGreater = prefer === 'greater' ? 1 : 0;
    const { exports, buffer } = rankInstance(
      (row) => (this.#accepts!(row) ? 1 : 0),
      ({ layOut }) => layOut(types.length, domains, scalars, slots, rowCapacity, nodes, prefersGreater),
    );
    const words = (at: { readonly value: number }, length: number): Int32Array =>
      new Int32Array(buffer, at.value, length);
    this.entryWords = exports.entryWords.value;
    this.entries = words(exports.entriesAt, MOST_ENTRIES * this.entryWords);
    this.request = words(exports.requestAt, scalars + slots);
    this.counters = words(exports.countersAt, 2);
    this.samples = words(exports.samplesAt, domains);
    this.rows = words(exports.rowsAt, rowCapacity);
    this.domainScores = new Float64Array(buffer, exports.domainScoresAt.value, domains);
    const table = new BigInt64Array(buffer, exports.typesAt.value, types.length * (1 + 3 * scalars));
    types.forEach((numbers, type) => table.set(Array.from(numbers, BigInt), type * (1 + 3 * scalars)));
    this.enter = exports.enter;
    this.groupOf = exports.groupOfRow;
    this.findSamples = exports.findSamples;
    this.countLiveGroups = exports.countLiveGroups;
    this.#find = exports.find;
    this.#findByDomains = exports.findByDomains;
    this.exports = exports;
    this.clear();
  }

  /** Rows that fitted and were better than the best before, or tied with it, in the last search and that of its ties. */
  get candidates(): number {
    return this.counters[0];
  }

  /** Nodes that were looked at, likewise. */
  get visits(): number {
    return this.counters[1];
  }

  /** Takes all rows out. */
  clear(): void {
    this.exports.clear();
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

  /** As `find`, but the score of its domain comes before the rank of a row. */
  findByDomains(accepts: ((row: number) => boolean) | undefined): number {
    this.#accepts = accepts;
    return this.#findByDomains(accepts === undefined ? 0 : 1);
  }

  /** Writes the rows that tie with the one found last, itself among them, in any order. @returns their number */
  findTies(accepts: ((row: number) => boolean) | undefined, byDomains: boolean): number {
    this.#accepts = accepts;
    return this.exports.findTies(accepts === undefined ? 0 : 1, byDomains ? 1 : 0);
  }

  /** Whether the row of the first entry stands where, and with what, `enter` would put it. */
  isCurrent(): boolean {
    return this.exports.isCurrent() === 1;
  }

  /** Nodes, entries and groups that are not what they must be. O(agents). */
  countProblems(): number {
    return this.exports.countProblems();
  }
}
