/**
 * Structure for classes whose constraints and ranks within groups depend on the agent's own row only: a tournament of
 * the scores of all rows (-Infinity = infeasible) per group, brought up to date from the change journal when asked.
 * A decision costs the rows changed since the class was last asked, and a look at one entry per group. The best for a class
 * that is asked often, whatever its fitness computes. O(changes · (constraints + log agents)).
 */
import type { AgentTable } from '../agents/agent-table.ts';
import type { BoundClass } from '../decisions/bound-class.ts';
import { lowest } from '../decisions/row-filters.ts';
import type { Scratch } from '../decisions/scratch.ts';
import type { ChangeJournal } from '../ledger/change-journal.ts';
import type { LoadScorer } from './load-scorer.ts';
import type { PlacementStructure } from './placement-structure.ts';
import { CLASS_TREE } from './structure-name.ts';
import type { Tournament, TournamentRegisters } from './tournament.ts';
import { MemoryCell } from './tournament-memory.ts';

export class ClassTree implements PlacementStructure {
  readonly code: number = CLASS_TREE;
  declare readonly tournament: Tournament;
  /** Journal version up to which the scores are valid, -1 when none are. */
  seen = -1;
  declare private readonly agents: AgentTable;
  declare private readonly journal: ChangeJournal;
  declare private readonly scratch: Scratch;
  declare private readonly registers: TournamentRegisters;
  declare private readonly load: LoadScorer | undefined;
  /** The tournament, if it can read what has changed by itself. */
  declare private readonly follower: MemoryCell | undefined;
  /** Whether it scores that, too. */
  declare private readonly ranks: boolean;
  /** Whether the best row of the only group is the answer. */
  declare private readonly endsAtRoot: boolean;
  /** Groups with a feasible row in the decision at hand, and the best score of each. */
  declare private readonly groups: Int32Array;
  declare private readonly bests: Float64Array;

  /**
   * @param tournament - of another class before, or new
   * @param bound - the class
   * @param load - scores the rows of a class that ranks by load; undefined asks its plug-ins
   */
  constructor(
    tournament: Tournament,
    bound: BoundClass,
    load: LoadScorer | undefined,
    agents: AgentTable,
    journal: ChangeJournal,
    scratch: Scratch,
  ) {
    this.tournament = tournament;
    const cell = tournament.cell instanceof MemoryCell ? tournament.cell : undefined;
    this.registers = cell?.memory ?? scratch;
    this.load = load;
    const { isPicky, taskClass } = bound;
    this.ranks = !isPicky && load !== undefined && cell?.prepareFollow(load, taskClass, agents) === true;
    const lists =
      this.ranks || (!isPicky && load === undefined && cell?.prepareList(taskClass, agents) === true);
    this.follower = lists ? cell : undefined;
    const { hasGroups, rankLevel, levels } = bound.policies;
    this.endsAtRoot = tournament.layout.groupCount === 1 && !hasGroups && rankLevel + 1 >= levels.length;
    this.agents = agents;
    this.journal = journal;
    this.scratch = scratch;
    this.groups = new Int32Array(tournament.layout.groupCount);
    this.bests = new Float64Array(tournament.layout.groupCount);
  }

  find(bound: BoundClass): number {
    if (this.seen !== this.journal.version) this.#synchronise(bound);
    return this.endsAtRoot ? this.tournament.bestRow : this.#findAmongGroups(bound);
  }

  #findAmongGroups(bound: BoundClass): number {
    const { tournament } = this;
    const { rankLevel } = bound.policies;
    const count = this.#gatherGroups(bound);
    if (count === 0) return -1;
    const best = count === 1 ? 1 : this.#keepBestGroups(bound, count);
    const { rows, scores } = this.scratch;
    if (rankLevel + 1 >= bound.levelCount) return lowest(rows, best);
    let found = 0;
    for (let i = 0; i < best; i++) found = tournament.bestRowsInto(this.groups[i], rows, found);
    return bound.best(rankLevel + 1, rows, found, scores);
  }

  /** Broken invariants in words. O(agents · constraints). */
  verify(bound: BoundClass): string[] {
    if (this.seen !== this.journal.version) return [];
    const problems: string[] = [];
    for (let row = 0; row < this.agents.rowCount; row++) {
      if (bound.acceptsRow(row) !== this.tournament.scoreOf(row) > -Infinity)
        problems.push(`the tree of class ${bound.classId} is wrong about row ${row}`);
    }
    if (!this.tournament.isConsistent())
      problems.push(`the tree of class ${bound.classId} has a wrong winner`);
    return problems;
  }

  /** Lists the groups that have a feasible row and are accepted, with the best row of each. @returns their number */
  #gatherGroups(bound: BoundClass): number {
    const { tournament } = this;
    const { rows } = this.scratch;
    const { hasGroups } = bound.policies;
    let count = 0;
    for (let group = 0; group < tournament.layout.groupCount; group++) {
      if (!tournament.isFeasible(group)) continue;
      const row = tournament.bestRowOf(group);
      if (hasGroups && !bound.acceptsGroupOf(row)) continue;
      rows[count] = row;
      tournament.bestScoreInto(group, this.bests, count);
      this.groups[count++] = group;
    }
    return count;
  }

  /** Keeps the groups whose best rows are the best of all. @returns their number */
  #keepBestGroups(bound: BoundClass, count: number): number {
    const { rows, scores } = this.scratch;
    const isSum = bound.policies.rankLevel === 0;
    bound.scoreGroupsInto(rows, count, scores);
    let kept = 0;
    let bestFirst = -Infinity;
    let bestSecond = -Infinity;
    for (let i = 0; i < count; i++) {
      const rowScore = this.bests[i];
      const first = isSum ? scores[i] + rowScore : scores[i];
      const second = isSum ? 0 : rowScore;
      if (first < bestFirst || (first === bestFirst && second < bestSecond)) continue;
      if (first > bestFirst || second > bestSecond) kept = 0;
      bestFirst = first;
      bestSecond = second;
      rows[kept] = rows[i];
      this.groups[kept++] = this.groups[i];
    }
    return kept;
  }

  #synchronise(bound: BoundClass): void {
    const { follower } = this;
    const isKnown = follower === undefined ? this.#settle(bound) : this.#follow(follower, bound);
    if (!isKnown) this.#fill(bound);
    this.seen = this.journal.version;
  }

  /** Enters what has changed. @returns false if that is not known */
  #settle(bound: BoundClass): boolean {
    const registers = this.registers;
    const count = this.journal.changedSinceInto(this.seen, registers.changed);
    if (count < 0) return false;
    this.tournament.settle(registers, count, this.#accept(bound, count));
    return true;
  }

  /** The same by a tournament that reads by itself what has changed. */
  #follow(cell: MemoryCell, bound: BoundClass): boolean {
    const { seen } = this;
    const { memory } = cell;
    const changes = this.journal.changesSince(seen);
    if (changes < 0 || changes > memory.rows.length) return false;
    if (this.ranks) {
      this.scratch.evaluations += cell.follow(seen, changes);
      return true;
    }
    const count = cell.list(seen, changes);
    const accepted = memory.acceptedCount[0];
    this.scratch.evaluations += count;
    bound.scoreRowsInto(memory.rows, accepted, memory.scores);
    cell.settle(count, accepted);
    return true;
  }

  #fill(bound: BoundClass): void {
    const { rowCount } = this.agents;
    const { changed } = this.registers;
    for (let row = 0; row < rowCount; row++) changed[row] = row;
    this.tournament.fill(this.registers, this.#accept(bound, rowCount));
  }

  /** Writes those of the changed rows that can run a task, and their scores. @returns their number */
  #accept(bound: BoundClass, count: number): number {
    const { changed, rows, scores } = this.registers;
    this.scratch.evaluations += count;
    const load = this.load;
    if (load !== undefined && !bound.isPicky) return load.scoreInto(changed, count, rows, scores);
    const accepted = bound.acceptedInto(changed, count, rows);
    if (load !== undefined) return load.scoreInto(rows, accepted, rows, scores);
    bound.scoreRowsInto(rows, accepted, scores);
    return accepted;
  }
}
