/**
 * The scores of one class, one tournament per group of agents: every entry above the agents names the best of a block
 * below, the one of the lowest row among equals, and its score. So the best of a group is read off its root, and a
 * change costs nothing further up as soon as it does not change who wins, or by how much. What an agent scored before
 * need not be read, which matters where the scores of many classes do not fit into the cache together.
 */
import { BLOCK, BLOCK_BITS, type TournamentLayout } from './tournament-layout.ts';

/** Bytes that a tournament takes per agent: a score, and the entries above. */
export const BYTES_PER_AGENT: number = 8 + 12 / (BLOCK - 1);

export class Tournament {
  readonly layout: TournamentLayout;
  /** Scores by place; -Infinity = infeasible, or no agent. */
  readonly #scores: Float64Array;
  /** Per entry: the best score below, and the place that has it; -Infinity where nothing is below. */
  readonly #bests: Float64Array;
  readonly #winners: Int32Array;

  constructor(layout: TournamentLayout) {
    const entries = layout.rootOf[layout.groupCount];
    this.layout = layout;
    this.#scores = new Float64Array(layout.rowAt.length);
    this.#bests = new Float64Array(entries).fill(-Infinity);
    this.#winners = new Int32Array(entries);
  }

  /** Makes all rows infeasible; `settleAll` must follow. */
  clear(): void {
    this.#scores.fill(-Infinity);
  }

  /** Makes some rows infeasible; they must be settled then. */
  withdraw(rows: Int32Array, count: number): void {
    const { groupCount, placeOf } = this.layout;
    const scores = this.#scores;
    if (groupCount === 1) for (let i = 0; i < count; i++) scores[rows[i]] = -Infinity;
    else for (let i = 0; i < count; i++) scores[placeOf[rows[i]]] = -Infinity;
  }

  /** Gives some rows their scores; they must be settled then. */
  write(rows: Int32Array, count: number, from: Float64Array): void {
    const { groupCount, placeOf } = this.layout;
    const scores = this.#scores;
    if (groupCount === 1) for (let i = 0; i < count; i++) scores[rows[i]] = from[i];
    else for (let i = 0; i < count; i++) scores[placeOf[rows[i]]] = from[i];
  }

  /**
   * Makes the entries above some rows right. O(levels · BLOCK) per row at worst. From the last row on: what was released
   * last is often what wins now, and then who won before is replaced without a search for a successor.
   */
  settle(rows: Int32Array, count: number): void {
    const { groupCount, placeOf, entryAbove, firstAboveAgents } = this.layout;
    const scores = this.#scores;
    const bests = this.#bests;
    const winners = this.#winners;
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
  settleAll(): void {
    const { groupCount, firstPlace, rootOf, firstAboveAgents } = this.layout;
    for (let group = 0; group < groupCount; group++) {
      const first = firstAboveAgents[group];
      for (let entry = rootOf[group + 1] - 1; entry >= rootOf[group]; entry--) {
        if (entry < first) this.#decideAmongEntries(entry, rootOf[group], rootOf[group + 1]);
        else this.#decideAmongAgents(entry, firstPlace[group] + ((entry - first) << BLOCK_BITS));
      }
    }
  }

  /** Score of a row. */
  scoreOf(row: number): number {
    return this.#scores[this.layout.placeOf[row]];
  }

  /** Whether a group has a row that is feasible. */
  isFeasible(group: number): boolean {
    const { rootOf } = this.layout;
    return rootOf[group] < rootOf[group + 1] && this.#bests[rootOf[group]] > -Infinity;
  }

  /** Writes the greatest score of a group that has rows. */
  bestScoreInto(group: number, scores: Float64Array, i: number): void {
    scores[i] = this.#bests[this.layout.rootOf[group]];
  }

  /** The lowest row of a group with its greatest score. The group must have rows. */
  bestRowOf(group: number): number {
    const { rowAt, rootOf } = this.layout;
    return rowAt[this.#winners[rootOf[group]]];
  }

  /** Adds the rows of a feasible group with its greatest score. @returns the number of rows then */
  bestRowsInto(group: number, rows: Int32Array, count: number): number {
    return this.#collect(group, this.layout.rootOf[group], rows, count);
  }

  /** Whether every entry names the lowest place with the greatest score below. O(agents). */
  isConsistent(): boolean {
    const fresh = new Tournament(this.layout);
    fresh.#scores.set(this.#scores);
    fresh.settleAll();
    return (
      this.#bests.every((best, entry) => best === fresh.#bests[entry]) &&
      this.#winners.every((winner, entry) => winner === fresh.#winners[entry])
    );
  }

  /** Makes the entries above a row right, which wins the lowest one, or should do so. */
  #settle(row: number, place: number, entry: number): void {
    const bests = this.#bests;
    const winners = this.#winners;
    const { groupOf, rootOf } = this.layout;
    const group = groupOf[row];
    const root = rootOf[group];
    const score = this.#scores[place];
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
    const bests = this.#bests;
    const winners = this.#winners;
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
    const scores = this.#scores;
    let winner = start;
    let best = scores[start];
    for (let place = start + 1; place < start + BLOCK; place++) {
      if (scores[place] > best) best = scores[(winner = place)];
    }
    this.#bests[entry] = best;
    this.#winners[entry] = winner;
  }

  /** @param end - of the entries of the group */
  #decideAmongEntries(entry: number, root: number, end: number): void {
    const bests = this.#bests;
    let first = root + ((entry - root) << BLOCK_BITS) + 1;
    if (first >= end) return;
    const last = Math.min(first + BLOCK, end);
    let best = bests[first];
    for (let child = first + 1; child < last; child++) {
      if (bests[child] > best) best = bests[(first = child)];
    }
    bests[entry] = best;
    this.#winners[entry] = this.#winners[first];
  }

  #collect(group: number, entry: number, rows: Int32Array, count: number): number {
    const { firstPlace, rowAt, rootOf, firstAboveAgents } = this.layout;
    const root = rootOf[group];
    const best = this.#bests[root];
    if (entry >= firstAboveAgents[group]) {
      const first = firstPlace[group] + ((entry - firstAboveAgents[group]) << BLOCK_BITS);
      for (let place = first; place < first + BLOCK; place++) {
        if (this.#scores[place] === best) rows[count++] = rowAt[place];
      }
      return count;
    }
    const first = root + ((entry - root) << BLOCK_BITS) + 1;
    for (let child = first; child < Math.min(first + BLOCK, rootOf[group + 1]); child++) {
      if (this.#bests[child] === best) count = this.#collect(group, child, rows, count);
    }
    return count;
  }
}
