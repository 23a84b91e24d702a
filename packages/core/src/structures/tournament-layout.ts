/**
 * Where the scores of agents stand in the tournaments of all classes that look at the same groups, one tournament per
 * group. The agents of a group stand side by side, by row, from a multiple of `BLOCK` on. Above every block of them is an
 * entry, above every `BLOCK` entries another one, up to the root; the entries of a group are numbered as in a heap: the
 * children of entry i are `BLOCK` i + 1 and those behind, all `BLOCK` of them if there is one: what is missing of the last
 * ones has nothing below.
 */
import type { AgentTable } from '../agents/agent-table.ts';
import type { ChangeJournal } from '../ledger/change-journal.ts';
import { AgentGroups } from './agent-groups.ts';

export const BLOCK_BITS = 4;
/** Entries that meet in one of the next level. */
export const BLOCK: number = 1 << BLOCK_BITS;

export class TournamentLayout {
  readonly groupCount: number;
  /** Group of a row, and its place among all agents; with one group that is the row itself. */
  readonly groupOf: Int32Array;
  readonly placeOf: Int32Array;
  /** Row by place, -1 where there is none. */
  readonly rowAt: Int32Array;
  /** First place of a group; behind the last group, the number of places. */
  readonly firstPlace: Int32Array;
  /** Root of a group; behind the last group, the number of entries. A group without agents has none. */
  readonly rootOf: Int32Array;
  /** First entry of a group that is above agents; the next ones follow. */
  readonly firstAboveAgents: Int32Array;
  /** Entry above a block of places. */
  readonly entryAbove: Int32Array;
  readonly #agents: AgentTable;
  readonly #groups: AgentGroups;
  /** Journal version at which all agents were last known to stand in their groups. */
  #seen: number;

  constructor(agents: AgentTable, attributes: readonly string[], version: number) {
    const { capacity } = agents;
    this.#seen = version;
    this.#agents = agents;
    this.#groups = new AgentGroups(agents, attributes, false);
    this.groupCount = this.#groups.count;
    this.groupOf = Int32Array.from({ length: capacity }, (_, row) => this.#groups.of(row));
    this.firstPlace = firstPlaces(this.groupOf, this.groupCount);
    this.placeOf = new Int32Array(capacity);
    this.rowAt = new Int32Array(this.firstPlace[this.groupCount]).fill(-1);
    const next = this.firstPlace.slice();
    for (let row = 0; row < capacity; row++) {
      const place = next[this.groupOf[row]]++;
      this.placeOf[row] = place;
      this.rowAt[place] = row;
    }
    this.rootOf = new Int32Array(this.groupCount + 1);
    this.firstAboveAgents = new Int32Array(this.groupCount);
    this.entryAbove = new Int32Array(this.rowAt.length >> BLOCK_BITS);
    for (let group = 0; group < this.groupCount; group++) this.#layOut(group);
  }

  /** Whether all agents still stand in their groups. O(changes since it was last asked). */
  isCurrent(journal: ChangeJournal, rows: Int32Array): boolean {
    const { capacity } = this.#agents;
    if (this.placeOf.length !== capacity || !this.#groups.isCurrent) return false;
    if (this.groupCount === 1) return true;
    const count = journal.changedSinceInto(this.#seen, rows);
    for (let i = 0; i < (count < 0 ? capacity : count); i++) {
      const row = count < 0 ? i : rows[i];
      if (this.#groups.of(row) !== this.groupOf[row]) return false;
    }
    this.#seen = journal.version;
    return true;
  }

  #layOut(group: number): void {
    const firstBlock = this.firstPlace[group] >> BLOCK_BITS;
    const blocks = (this.firstPlace[group + 1] >> BLOCK_BITS) - firstBlock;
    const root = this.rootOf[group];
    const above = root + entriesAboveLowest(blocks);
    this.firstAboveAgents[group] = above;
    for (let block = 0; block < blocks; block++) this.entryAbove[firstBlock + block] = above + block;
    this.rootOf[group + 1] = root + entriesOf(blocks);
  }
}

/** Entries of a group of so many blocks. */
export function entriesOf(blocks: number): number {
  return blocks === 0 ? 0 : 1 + ceilToBlock(entriesAboveLowest(blocks) + blocks - 1);
}

/** Those of them that are above other entries only. */
function entriesAboveLowest(blocks: number): number {
  let entries = 0;
  for (let width = 1; width < blocks; width <<= BLOCK_BITS) entries += width;
  return entries;
}

function firstPlaces(groupOf: Int32Array, groupCount: number): Int32Array {
  const sizes = new Int32Array(groupCount);
  for (let row = 0; row < groupOf.length; row++) sizes[groupOf[row]]++;
  const first = new Int32Array(groupCount + 1);
  for (let group = 0; group < groupCount; group++)
    first[group + 1] = first[group] + ceilToBlock(sizes[group]);
  return first;
}

export function ceilToBlock(count: number): number {
  return ((count + BLOCK - 1) >> BLOCK_BITS) << BLOCK_BITS;
}
