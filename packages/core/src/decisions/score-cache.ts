/**
 * Structure 2, for classes whose constraints and first score depend on the agent's own row only: a column with
 * the score of every row (-Infinity = infeasible), brought up to date from the change journal when asked. A
 * decision costs the rows changed since the class was last asked, then one pass over the column. The column is
 * the leaf level of a tournament tree, should a class have so many agents that the pass counts.
 */
import type { AgentTable } from '../agents/agent-table.ts';
import type { BoundClass, Scratch } from './bound-class.ts';
import type { ChangeJournal } from '../ledger/change-journal.ts';
import type { PlacementStructure } from './placement-structure.ts';

export class ScoreCache implements PlacementStructure {
  readonly name = 'score-cache';
  readonly #bound: BoundClass;
  readonly #agents: AgentTable;
  readonly #journal: ChangeJournal;
  readonly #scratch: Scratch;
  readonly #scores: Float64Array;
  #seen = -1;

  /** @param scores - column to use, at least as long as the agent table has capacity; its content is overwritten */
  constructor(
    bound: BoundClass,
    agents: AgentTable,
    journal: ChangeJournal,
    scratch: Scratch,
    scores: Float64Array,
  ) {
    this.#bound = bound;
    this.#agents = agents;
    this.#journal = journal;
    this.#scratch = scratch;
    this.#scores = scores;
  }

  /** The column, for re-use when the cache is dropped. */
  get column(): Float64Array {
    return this.#scores;
  }

  /** Journal version up to which the column is valid. */
  get seen(): number {
    return this.#seen;
  }

  find(): number {
    this.#synchronise();
    const scores = this.#scores;
    const { rowCount } = this.#agents;
    let best = -1;
    let bestScore = -Infinity;
    for (let row = 0; row < rowCount; row++) {
      if (scores[row] > bestScore) {
        bestScore = scores[row];
        best = row;
      }
    }
    return this.#bound.levelCount > 1 && best >= 0 ? this.#breakTies(best, bestScore) : best;
  }

  #breakTies(first: number, bestScore: number): number {
    const { rows, scores } = this.#scratch;
    const { rowCount } = this.#agents;
    let count = 0;
    for (let row = first; row < rowCount; row++) {
      if (this.#scores[row] === bestScore) rows[count++] = row;
    }
    return this.#bound.best(1, rows, count, scores);
  }

  #synchronise(): void {
    const { rows, scores } = this.#scratch;
    const { version } = this.#journal;
    let count = this.#seen < 0 ? -1 : this.#journal.changedSinceInto(this.#seen, rows);
    if (count < 0) {
      count = this.#agents.rowCount;
      for (let row = 0; row < count; row++) rows[row] = row;
      this.#scores.fill(-Infinity);
    } else {
      for (let i = 0; i < count; i++) this.#scores[rows[i]] = -Infinity;
    }
    if (count === 0) return;
    this.#scratch.evaluations += count;
    count = this.#bound.filter(rows, count);
    if (this.#bound.levelCount === 0) scores.fill(0, 0, count);
    else this.#bound.scoreInto(0, rows, count, scores);
    for (let i = 0; i < count; i++) this.#scores[rows[i]] = scores[i];
    this.#seen = version;
  }
}
