/**
 * Where the scores of agents stand in the tournaments of all classes that look at the same groups: one tournament per
 * group, its levels one after the other in a single column. Level 0 has the agents of the group by row, every further
 * level the greatest of each `BLOCK` scores below, up to a level of one.
 */
import type { AgentTable } from '../agents/agent-table.ts';
import type { ChangeJournal } from '../ledger/change-journal.ts';
import { AgentGroups } from './agent-groups.ts';

const BLOCK_BITS = 4;
/** Scores that meet in one score of the next level. */
const BLOCK = 1 << BLOCK_BITS;
/** Enough for 2^26 agents. */
const MOST_LEVELS = 8;

export class TournamentLayout {
  readonly groupCount: number;
  /** Length of a column that holds all tournaments. */
  readonly size: number;
  readonly #agents: AgentTable;
  readonly #groups: AgentGroups;
  readonly #capacity: number;
  /** Journal version at which all agents were last known to stand in their groups. */
  #seen: number;
  readonly #groupOf: Int32Array;
  /** Place of a row among the rows of its group. */
  readonly #placeOf: Int32Array;
  /** Row by place, group after group. */
  readonly #rows: Int32Array;
  readonly #firstRow: Int32Array;
  /** Per group: rows, levels above level 0, and where each level starts. */
  readonly #counts: Int32Array;
  readonly #heights: Int32Array;
  readonly #starts: Int32Array;

  constructor(agents: AgentTable, attributes: readonly string[], version: number) {
    const { capacity } = agents;
    this.#seen = version;
    this.#agents = agents;
    this.#capacity = capacity;
    this.#groups = new AgentGroups(agents, attributes, false);
    this.groupCount = this.#groups.count;
    this.#groupOf = new Int32Array(capacity);
    this.#placeOf = new Int32Array(capacity);
    this.#rows = new Int32Array(capacity);
    this.#firstRow = new Int32Array(this.groupCount);
    this.#counts = new Int32Array(this.groupCount);
    this.#heights = new Int32Array(this.groupCount);
    this.#starts = new Int32Array(this.groupCount * MOST_LEVELS);
    for (let row = 0; row < capacity; row++) {
      const group = (this.#groupOf[row] = this.#groups.of(row));
      this.#placeOf[row] = this.#counts[group]++;
    }
    let size = 0;
    let first = 0;
    for (let group = 0; group < this.groupCount; group++) {
      this.#firstRow[group] = first;
      first += this.#counts[group];
      size = this.#addLevels(group, size);
    }
    this.size = size;
    for (let row = 0; row < capacity; row++)
      this.#rows[this.#firstRow[this.#groupOf[row]] + this.#placeOf[row]] = row;
  }

  /** Whether all agents still stand in their groups. O(changes since it was last asked). */
  isCurrent(journal: ChangeJournal, rows: Int32Array): boolean {
    if (this.#capacity !== this.#agents.capacity || !this.#groups.isCurrent) return false;
    if (this.groupCount === 1) return true;
    const count = journal.changedSinceInto(this.#seen, rows);
    for (let i = 0; i < (count < 0 ? this.#capacity : count); i++) {
      const row = count < 0 ? i : rows[i];
      if (this.#groups.of(row) !== this.#groupOf[row]) return false;
    }
    this.#seen = journal.version;
    return true;
  }

  /** Score of a row. */
  scoreOf(scores: Float64Array, row: number): number {
    return scores[this.#starts[this.#groupOf[row] * MOST_LEVELS] + this.#placeOf[row]];
  }

  /** Whether every score above level 0 is the greatest of its block. */
  isConsistent(scores: Float64Array): boolean {
    for (let group = 0; group < this.groupCount; group++) {
      for (let level = 1; level <= this.#heights[group]; level++) {
        const below = this.#starts[group * MOST_LEVELS + level - 1];
        const start = this.#starts[group * MOST_LEVELS + level];
        for (let from = below; from < start; from += BLOCK) {
          const block = scores.subarray(from, Math.min(from + BLOCK, start));
          if (scores[start + ((from - below) >> BLOCK_BITS)] !== Math.max(...block)) return false;
        }
      }
    }
    return true;
  }

  /** Writes the score of a row and what follows from it further up. O(levels · BLOCK) at worst. */
  enter(scores: Float64Array, row: number, from: Float64Array, i: number): void {
    const group = this.#groupOf[row];
    let place = this.#placeOf[row];
    let score = from[i];
    let at = this.#starts[group * MOST_LEVELS] + place;
    let before = scores[at];
    scores[at] = score;
    for (let level = 1; level <= this.#heights[group] && score !== before; level++) {
      const below = this.#starts[group * MOST_LEVELS + level - 1];
      place >>= BLOCK_BITS;
      at = this.#starts[group * MOST_LEVELS + level] + place;
      const known = scores[at];
      if (score < known) {
        if (before < known) return;
        const end = Math.min(below + ((place + 1) << BLOCK_BITS), this.#starts[group * MOST_LEVELS + level]);
        for (let child = below + (place << BLOCK_BITS); child < end; child++) {
          if (scores[child] > score) score = scores[child];
        }
      }
      before = known;
      scores[at] = score;
    }
  }

  /** Where the greatest score of a group stands. The group must have rows. */
  rootOf(group: number): number {
    return this.#starts[group * MOST_LEVELS + this.#heights[group]];
  }

  /** Whether a group has rows. */
  hasRows(group: number): boolean {
    return this.#counts[group] > 0;
  }

  /** The lowest row with the greatest score where there is one group only, -1 if that is -Infinity. */
  bestRow(scores: Float64Array): number {
    return this.#capacity === 0 || scores[this.rootOf(0)] === -Infinity ? -1 : this.bestRowOf(scores, 0);
  }

  /** The lowest row of a group with its greatest score. */
  bestRowOf(scores: Float64Array, group: number): number {
    const score = scores[this.rootOf(group)];
    let place = 0;
    for (let level = this.#heights[group] - 1; level >= 0; level--) {
      const start = this.#starts[group * MOST_LEVELS + level];
      place <<= BLOCK_BITS;
      while (scores[start + place] !== score) place++;
    }
    return this.#rows[this.#firstRow[group] + place];
  }

  /** Adds the rows of a group with its greatest score. @returns the number of rows then */
  bestRowsInto(scores: Float64Array, group: number, rows: Int32Array, count: number): number {
    return this.#collect(scores, group, this.#heights[group], 0, rows, count);
  }

  #collect(
    scores: Float64Array,
    group: number,
    level: number,
    place: number,
    rows: Int32Array,
    count: number,
  ): number {
    if (level === 0) {
      rows[count] = this.#rows[this.#firstRow[group] + place];
      return count + 1;
    }
    const start = this.#starts[group * MOST_LEVELS + level - 1];
    const end = Math.min(start + ((place + 1) << BLOCK_BITS), this.#starts[group * MOST_LEVELS + level]);
    const best = this.rootOf(group);
    for (let at = start + (place << BLOCK_BITS); at < end; at++) {
      if (scores[at] === scores[best])
        count = this.#collect(scores, group, level - 1, at - start, rows, count);
    }
    return count;
  }

  /** Lays the levels of a group out from a place of the column on. @returns the next free place */
  #addLevels(group: number, at: number): number {
    let level = 0;
    for (let length = this.#counts[group]; ; length = (length + BLOCK - 1) >> BLOCK_BITS) {
      this.#starts[group * MOST_LEVELS + level] = at;
      at += length;
      if (length <= 1) break;
      level++;
    }
    this.#heights[group] = level;
    return at;
  }
}
