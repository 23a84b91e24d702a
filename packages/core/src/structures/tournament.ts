/**
 * The scores of one class, one tournament per group of agents: every entry above the agents names the best of a block
 * below, the one of the lowest row among equals, and its score. So the best of a group is read off its root, and a
 * change costs nothing further up as soon as it does not change who wins, or by how much. What an agent scored before
 * need not be read, which matters where the scores of many classes do not fit into the cache together.
 */
import { flipBit, hasBit, wordsFor } from '../support/bits.ts';
import { BLOCK, BLOCK_BITS, type TournamentLayout } from './tournament-layout.ts';

/** Bytes that a tournament takes per agent: a score, a bit, and the entries above. */
export const BYTES_PER_AGENT: number = 8 + 1 / 8 + 12 / (BLOCK - 1);

/** Buffers through which the scores of rows are entered, which overwrites them; as long as there may be rows. */
export interface TournamentRegisters {
  /** Rows that have changed, each once. */
  readonly changed: Int32Array;
  /** Those of them that can run a task, and their scores. */
  readonly rows: Int32Array;
  readonly scores: Float64Array;
}

/** Where the numbers of a tournament stand. */
export interface TournamentCell {
  /** Scores by place; -Infinity = infeasible, or no agent. */
  readonly scores: Float64Array;
  /** Per entry: the best score below, and the place that has it; -Infinity where nothing is below. */
  readonly bests: Float64Array;
  readonly winners: Int32Array;
  /** Feasible places, one bit each: most that change were infeasible and still are, which costs no look at their scores. */
  readonly feasible: Int32Array;
  /** As `Tournament.settle` from the registers of the memory that the cell is in; undefined for a cell in no such memory. */
  readonly settle?: (changed: number, accepted: number) => void;
}

export class Tournament {
  declare readonly layout: TournamentLayout;
  declare readonly cell: TournamentCell;

  /** @param cell - of one group, where vectors are at hand; its numbers are overwritten */
  constructor(layout: TournamentLayout, cell: TournamentCell = plainCell(layout)) {
    this.layout = layout;
    this.cell = cell;
    cell.bests.fill(-Infinity);
  }

  /** Gives the first `accepted` rows of a register their scores, and makes all others infeasible. O(agents). */
  fill({ rows, scores }: TournamentRegisters, accepted: number): void {
    this.cell.scores.fill(-Infinity);
    this.cell.feasible.fill(0);
    this.#write(rows, accepted, scores);
    this.#settleAll();
  }

  /**
   * Gives the first `accepted` rows of a register their scores, and makes the others of the first `changed` rows
   * infeasible; each row comes once, and the accepted ones are among the changed. From the last accepted row on: what was released last is often what wins now, and then who won before is
   * replaced without a search for a successor. O(changed + levels · BLOCK) per row that won or wins.
   */
  settle(registers: TournamentRegisters, changed: number, accepted: number): void {
    if (this.cell.settle !== undefined) {
      this.cell.settle(changed, accepted);
      return;
    }
    const { changed: all, rows, scores } = registers;
    const withdrawn = this.#withdraw(all, changed);
    this.#write(rows, accepted, scores);
    this.#settleRows(rows, accepted);
    this.#settleRows(all, withdrawn);
  }

  /** Makes some rows infeasible, and keeps those in the list that were not. @returns their number */
  #withdraw(rows: Int32Array, count: number): number {
    const { placeOf } = this.layout;
    const { scores, feasible } = this.cell;
    let kept = 0;
    for (let i = 0; i < count; i++) {
      const place = placeOf[rows[i]];
      if (!hasBit(feasible, place)) continue;
      flipBit(feasible, place);
      scores[place] = -Infinity;
      rows[kept++] = rows[i];
    }
    return kept;
  }

  /** Gives infeasible rows their scores. */
  #write(rows: Int32Array, count: number, from: Float64Array): void {
    const { placeOf } = this.layout;
    const { scores, feasible } = this.cell;
    for (let i = 0; i < count; i++) {
      const place = placeOf[rows[i]];
      scores[place] = from[i];
      flipBit(feasible, place);
    }
  }

  /** Makes the entries above some rows right, from the last on. O(levels · BLOCK) per row at worst. */
  #settleRows(rows: Int32Array, count: number): void {
    const { groupCount, placeOf, entryAbove, firstAboveAgents } = this.layout;
    const scores = this.cell.scores;
    const bests = this.cell.bests;
    const winners = this.cell.winners;
    const isSingle = groupCount === 1;
    const first = firstAboveAgents[0];
    for (let i = count - 1; i >= 0; i--) {
      const place = isSingle ? rows[i] : placeOf[rows[i]];
      const block = place >> BLOCK_BITS;
      const entry = isSingle ? first + block : entryAbove[block];
      const winner = winners[entry];
      if (winner !== place) {
        const score = scores[place];
        if (score < bests[entry] || (score === bests[entry] && winner < place)) continue;
      }
      this.#settle(rows[i], place, entry);
    }
  }

  /** Makes all entries right. O(agents). */
  #settleAll(): void {
    const { groupCount, firstPlace, rootOf, firstAboveAgents } = this.layout;
    for (let group = 0; group < groupCount; group++) {
      const above = firstAboveAgents[group];
      const end = firstPlace[group + 1];
      for (let start = firstPlace[group], entry = above; start < end; start += BLOCK)
        this.#decideAmongAgents(entry++, start);
      for (let entry = above - 1; entry >= rootOf[group]; entry--)
        this.#decideAmongEntries(entry, rootOf[group], rootOf[group + 1]);
    }
  }

  /** Score of a row. */
  scoreOf(row: number): number {
    return this.cell.scores[this.layout.placeOf[row]];
  }

  /** Whether a group has a row that is feasible. */
  isFeasible(group: number): boolean {
    const { rootOf } = this.layout;
    return rootOf[group] < rootOf[group + 1] && this.cell.bests[rootOf[group]] > -Infinity;
  }

  /** Writes the greatest score of a group that has rows. */
  bestScoreInto(group: number, scores: Float64Array, i: number): void {
    scores[i] = this.cell.bests[this.layout.rootOf[group]];
  }

  /** The lowest row of a group with its greatest score. The group must have rows. */
  bestRowOf(group: number): number {
    const { rowAt, rootOf } = this.layout;
    return rowAt[this.cell.winners[rootOf[group]]];
  }

  /** As `bestRowOf` the only group, whose places are rows; -1 if it has no feasible one. */
  get bestRow(): number {
    const { bests, winners } = this.cell;
    return bests.length > 0 && bests[0] > -Infinity ? winners[0] : -1;
  }

  /** Adds the rows of a feasible group with its greatest score. @returns the number of rows then */
  bestRowsInto(group: number, rows: Int32Array, count: number): number {
    return this.#collect(group, this.layout.rootOf[group], rows, count);
  }

  /** Whether every entry names the lowest place with the greatest score below. O(agents). */
  isConsistent(): boolean {
    const fresh = new Tournament(this.layout);
    fresh.cell.scores.set(this.cell.scores);
    fresh.#settleAll();
    return (
      this.cell.bests.every((best, entry) => best === fresh.cell.bests[entry]) &&
      this.cell.winners.every((winner, entry) => winner === fresh.cell.winners[entry]) &&
      this.cell.scores.every((score, place) => hasBit(this.cell.feasible, place) === score > -Infinity)
    );
  }

  /** Makes the entries above a row right, which wins the lowest one, or should do so. */
  #settle(row: number, place: number, entry: number): void {
    const bests = this.cell.bests;
    const winners = this.cell.winners;
    const { groupOf, rootOf } = this.layout;
    const group = groupOf[row];
    const root = rootOf[group];
    const score = this.cell.scores[place];
    if (score >= bests[entry]) {
      if (score === bests[entry] && winners[entry] === place) return;
      bests[entry] = score;
      winners[entry] = place;
      this.#raise(entry, root);
      return;
    }
    this.#decideAmongAgents(entry, (place >> BLOCK_BITS) << BLOCK_BITS);
    while (entry > root) {
      const child = entry;
      entry = root + ((entry - root - 1) >> BLOCK_BITS);
      if (winners[entry] !== place) {
        this.#raise(child, root);
        return;
      }
      if (bests[child] < bests[entry]) {
        this.#decideAmongEntries(entry, root, rootOf[group + 1]);
      } else {
        bests[entry] = bests[child];
        winners[entry] = winners[child];
      }
    }
  }

  /** Lets the winner of an entry win further up, as far as it is better than who does. */
  #raise(entry: number, root: number): void {
    const bests = this.cell.bests;
    const winners = this.cell.winners;
    const score = bests[entry];
    const place = winners[entry];
    while (entry > root) {
      entry = root + ((entry - root - 1) >> BLOCK_BITS);
      const winner = winners[entry];
      if (winner !== place && (score < bests[entry] || (score === bests[entry] && winner < place))) return;
      bests[entry] = score;
      winners[entry] = place;
    }
  }

  /** @param start - first place of the block below */
  #decideAmongAgents(entry: number, start: number): void {
    const scores = this.cell.scores;
    let winner = start;
    let best = scores[start];
    for (let place = start + 1; place < start + BLOCK; place++) {
      if (scores[place] > best) best = scores[(winner = place)];
    }
    this.cell.bests[entry] = best;
    this.cell.winners[entry] = winner;
  }

  /** @param end - of the entries of the group */
  #decideAmongEntries(entry: number, root: number, end: number): void {
    const bests = this.cell.bests;
    let first = root + ((entry - root) << BLOCK_BITS) + 1;
    if (first >= end) return;
    let best = bests[first];
    for (let child = first + 1, last = first + BLOCK; child < last; child++) {
      if (bests[child] > best) best = bests[(first = child)];
    }
    bests[entry] = best;
    this.cell.winners[entry] = this.cell.winners[first];
  }

  #collect(group: number, entry: number, rows: Int32Array, count: number): number {
    const { firstPlace, rowAt, rootOf, firstAboveAgents } = this.layout;
    const root = rootOf[group];
    const best = this.cell.bests[root];
    if (entry >= firstAboveAgents[group]) {
      const first = firstPlace[group] + ((entry - firstAboveAgents[group]) << BLOCK_BITS);
      for (let place = first; place < first + BLOCK; place++) {
        if (this.cell.scores[place] === best) rows[count++] = rowAt[place];
      }
      return count;
    }
    const first = root + ((entry - root) << BLOCK_BITS) + 1;
    for (let child = first; child < first + BLOCK; child++) {
      if (this.cell.bests[child] === best) count = this.#collect(group, child, rows, count);
    }
    return count;
  }
}

function plainCell({ rowAt, rootOf, groupCount }: TournamentLayout): TournamentCell {
  const entries = rootOf[groupCount];
  return {
    scores: new Float64Array(rowAt.length),
    bests: new Float64Array(entries),
    winners: new Int32Array(entries),
    feasible: new Int32Array(wordsFor(rowAt.length)),
  };
}
