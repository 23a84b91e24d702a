/**
 * Structure for classes whose constraints and ranks within groups depend on the agent's own row only: a tournament of
 * the scores of all rows (-Infinity = infeasible) per group, brought up to date from the change journal when asked.
 * A decision costs the rows changed since the class was last asked, and one descent per group. The best for a class
 * that is asked often, whatever its fitness computes. O(changes · (constraints + log agents)); 8.5 bytes per agent.
 */
import type { AgentTable } from '../agents/agent-table.ts';
import type { BoundClass } from '../decisions/bound-class.ts';
import { lowest } from '../decisions/row-filters.ts';
import type { Scratch } from '../decisions/scratch.ts';
import type { ChangeJournal } from '../ledger/change-journal.ts';
import type { PlacementStructure } from './placement-structure.ts';
import type { TournamentLayout } from './tournament-layout.ts';
import { CLASS_TREE } from './structure-name.ts';

export class ClassTree implements PlacementStructure {
  readonly code: number = CLASS_TREE;
  readonly layout: TournamentLayout;
  /** Scores of all tournaments, for re-use when the tree is dropped. */
  readonly column: Float64Array;
  /** Journal version up to which the scores are valid, -1 when none are. */
  seen = -1;
  readonly #agents: AgentTable;
  readonly #journal: ChangeJournal;
  readonly #scratch: Scratch;
  /** Groups with a feasible row in the decision at hand. */
  readonly #groups: Int32Array;

  /** @param column - at least as long as the layout says; its content is overwritten */
  constructor(
    layout: TournamentLayout,
    agents: AgentTable,
    journal: ChangeJournal,
    scratch: Scratch,
    column: Float64Array,
  ) {
    this.layout = layout;
    this.column = column;
    this.#agents = agents;
    this.#journal = journal;
    this.#scratch = scratch;
    this.#groups = new Int32Array(layout.groupCount);
  }

  find(bound: BoundClass): number {
    this.#synchronise(bound);
    const isRanked = bound.policies.rankLevel + 1 >= bound.levelCount;
    if (isRanked && this.layout.groupCount === 1 && !bound.policies.hasGroups)
      return this.layout.bestRow(this.column);
    const count = this.#gatherGroups(bound);
    if (count === 0) return -1;
    const best = count === 1 ? 1 : this.#keepBestGroups(bound, count);
    const { rows, scores } = this.#scratch;
    const nextLevel = bound.policies.rankLevel + 1;
    if (nextLevel >= bound.levelCount) return lowest(rows, best);
    let found = 0;
    for (let i = 0; i < best; i++)
      found = this.layout.bestRowsInto(this.column, this.#groups[i], rows, found);
    return bound.best(nextLevel, rows, found, scores);
  }

  /** Broken invariants in words. O(agents · constraints). */
  verify(bound: BoundClass): string[] {
    if (this.seen !== this.#journal.version) return [];
    const { layout, column } = this;
    const problems: string[] = [];
    for (let row = 0; row < this.#agents.rowCount; row++) {
      if (bound.acceptsRow(row) !== layout.scoreOf(column, row) > -Infinity)
        problems.push(`the tree of class ${bound.taskClass.id} is wrong about row ${row}`);
    }
    if (!layout.isConsistent(column))
      problems.push(`the tree of class ${bound.taskClass.id} has a wrong maximum`);
    return problems;
  }

  /** Lists the groups that have a feasible row and are accepted, with the best row of each. @returns their number */
  #gatherGroups(bound: BoundClass): number {
    const { layout, column } = this;
    const { rows } = this.#scratch;
    const { hasGroups } = bound.policies;
    let count = 0;
    for (let group = 0; group < layout.groupCount; group++) {
      if (!layout.hasRows(group) || column[layout.rootOf(group)] === -Infinity) continue;
      const row = layout.bestRowOf(column, group);
      if (hasGroups && !bound.acceptsGroupOf(row)) continue;
      rows[count] = row;
      this.#groups[count++] = group;
    }
    return count;
  }

  /** Keeps the groups whose best rows are the best of all. @returns their number */
  #keepBestGroups(bound: BoundClass, count: number): number {
    const { layout, column } = this;
    const { rows, scores } = this.#scratch;
    const isSum = bound.policies.rankLevel === 0;
    bound.scoreGroupsInto(rows, count, scores);
    let kept = 0;
    let bestFirst = -Infinity;
    let bestSecond = -Infinity;
    for (let i = 0; i < count; i++) {
      const rowScore = column[layout.rootOf(this.#groups[i])];
      const first = isSum ? scores[i] + rowScore : scores[i];
      const second = isSum ? 0 : rowScore;
      if (first < bestFirst || (first === bestFirst && second < bestSecond)) continue;
      if (first > bestFirst || second > bestSecond) kept = 0;
      bestFirst = first;
      bestSecond = second;
      rows[kept] = rows[i];
      this.#groups[kept++] = this.#groups[i];
    }
    return kept;
  }

  #synchronise(bound: BoundClass): void {
    const { rows, scores } = this.#scratch;
    const { layout, column } = this;
    const { version } = this.#journal;
    let count = this.seen < 0 ? -1 : this.#journal.changedSinceInto(this.seen, rows);
    if (count < 0) {
      count = this.#agents.rowCount;
      for (let row = 0; row < count; row++) rows[row] = row;
      column.fill(-Infinity);
      this.seen = -1;
    }
    if (count === 0) return;
    this.#scratch.evaluations += count;
    let feasible = 0;
    for (let i = 0; i < count; i++) {
      const row = rows[i];
      if (bound.acceptsRow(row)) rows[feasible++] = row;
      else layout.enter(column, row, INFEASIBLE, 0);
    }
    bound.scoreRowsInto(rows, feasible, scores);
    for (let i = 0; i < feasible; i++) layout.enter(column, rows[i], scores, i);
    this.seen = version;
  }
}

const INFEASIBLE = Float64Array.of(-Infinity);
