/**
 * Structure for classes that rank agents by load, whatever they ask for: agents of one type are in the same order of
 * load for every class, so one ranking per type (and per group that plug-ins tell apart) serves all classes. A decision
 * takes the first agent that fits from each ranking and compares these few. All classes that rank by the same resources,
 * and tell the same groups apart, share one index, which is brought up to date from the change journal when asked.
 *
 * Classes whose group part ranks first go through the groups in that order and stop at the first with an agent that
 * fits. O(groups · log agents) where the bounds are tight.
 */
import type { AgentTable } from '../agents/agent-table.ts';
import type { BoundClass } from '../decisions/bound-class.ts';
import type { Scratch } from '../decisions/scratch.ts';
import type { ChangeJournal } from '../ledger/change-journal.ts';
import { type LoadWeights, loadWeights } from '../plug-ins/load-weights.ts';
import type { TaskClass } from '../tasks/task-class.ts';
import { AgentGroups, MOST_GROUPS } from './agent-groups.ts';
import { IndexDimensions } from './index-dimensions.ts';
import { indexCost } from './cost-model.ts';
import type { PlacementStructure } from './placement-structure.ts';
import { rankingProblems } from './rank-check.ts';
import { RankForest } from './rank-forest.ts';
import { RankSearch, SHIFT, START } from './rank-search.ts';
import { Rental } from './rental.ts';
import { ORDERED_INDEX } from './structure-name.ts';

/** Which agents rank first, and what tells them apart. */
export interface LoadOrder {
  /** Scalar resources whose used shares sum up to the load. */
  readonly resources: readonly number[];
  readonly prefer: 'greater' | 'smaller';
  /** Attributes that plug-ins of the class ask about once per group. */
  readonly groupedBy: readonly string[];
}

export class OrderedIndex implements PlacementStructure {
  readonly code: number = ORDERED_INDEX;
  /** Itself, as the shared part of an indexed structure. */
  readonly index: OrderedIndex = this;
  /** Whether the index pays. */
  readonly rental: Rental = new Rental();
  lastCostNs = 0;
  readonly #order: LoadOrder;
  readonly #agents: AgentTable;
  readonly #journal: ChangeJournal;
  readonly #scratch: Scratch;
  readonly #sign: 1 | -1;
  readonly #search = new RankSearch();
  readonly #dimensions: IndexDimensions;
  #groups: AgentGroups;
  #load: LoadWeights;
  /** Load of a full agent, by type. */
  #fullLoad: Float64Array = new Float64Array(0);
  #forest: RankForest;
  /** Groups with agents, in any order; where each stands there, -1 for those without. */
  #live: Int32Array = new Int32Array(0);
  #liveAt: Int32Array = new Int32Array(0);
  #liveCount = 0;
  /** What the plug-ins of the class say about each live group: its score, NaN if it is refused. */
  #groupScores: Float64Array = new Float64Array(0);
  /** Groups for which the rankings were built. */
  #builtFor: AgentGroups | undefined;
  #seen = 0;
  #askedAt = 0;

  constructor(order: LoadOrder, agents: AgentTable, journal: ChangeJournal, scratch: Scratch) {
    this.#order = order;
    this.#agents = agents;
    this.#journal = journal;
    this.#scratch = scratch;
    this.#sign = order.prefer === 'greater' ? 1 : -1;
    this.#search.registers[START] = Infinity;
    this.#dimensions = new IndexDimensions(agents);
    this.#groups = new AgentGroups(agents, order.groupedBy, true);
    this.#load = loadWeights({ agentTypes: agents.typeTotals }, order.resources);
    this.#forest = new RankForest(0, 0, 0);
  }

  /** False while there are too many groups to keep tables of them. */
  get isApplicable(): boolean {
    if (!this.#groups.isCurrent) this.#groups = new AgentGroups(this.#agents, this.#order.groupedBy, true);
    return this.#groups.count <= MOST_GROUPS;
  }

  /** Changes since the index was last brought up to date; all agents for one that must be built. */
  get lag(): number {
    return this.isCurrent ? this.#journal.version - this.#seen : this.#agents.rowCount;
  }

  /** False when it must be built anew: it never was, or there are new types, attribute values or rows. */
  get isCurrent(): boolean {
    return (
      this.#builtFor === this.#groups &&
      this.#groups.isCurrent &&
      this.#forest.groupOf.length === this.#agents.capacity
    );
  }

  /** Changes since a class was last asked that it could have answered. */
  get gap(): number {
    return this.#journal.version - this.#askedAt;
  }

  /** To be called for every decision that it could make, whether it does or not. */
  noteAsked(): void {
    this.#askedAt = this.#journal.version;
  }

  /** Groups to look at in a decision. */
  get liveGroups(): number {
    return this.#liveCount;
  }

  find(bound: BoundClass): number {
    this.#synchronise(bound.taskClass);
    const search = this.#search;
    const { candidates, visits } = search;
    search.begin();
    this.#dimensions.require(bound.taskClass, search);
    const common = search.needCount;
    const { accepts } = bound;
    if (bound.policies.hasGroups) {
      this.#findByGroups(bound, common);
    } else {
      for (let i = 0; i < this.#liveCount; i++)
        this.#improve(bound.taskClass, this.#live[i], common, accepts);
    }
    const row = search.row < 0 ? -1 : this.#breakTies(bound, common);
    this.#scratch.evaluations += search.candidates - candidates;
    this.#scratch.visits += search.visits - visits;
    this.lastCostNs = indexCost(search.visits - visits, search.candidates - candidates);
    return row;
  }

  /** Broken invariants in words. O(agents). */
  *verify(): Generator<string> {
    if (!this.isCurrent || this.lag > 0) return;
    const forest = this.#forest;
    yield* rankingProblems(forest);
    for (let row = 0; row < this.#agents.rowCount; row++) {
      const group = this.#agents.open[row] === 0 ? -1 : this.#groups.of(row);
      if (forest.groupOf[row] !== group)
        yield `row ${row} is ranked in group ${forest.groupOf[row]} instead of ${group}`;
      if (group < 0) continue;
      this.#dimensions.read(row, forest.values);
      this.#readScore(row, forest.score);
      if (!forest.hasRank(row)) yield `row ${row} is ranked by what it was`;
    }
    const live = [...forest.sizes.keys()].filter((group) => forest.sizes[group] > 0);
    if (live.length !== this.#liveCount)
      yield `${this.#liveCount} groups are listed instead of ${live.length}`;
  }

  /** Goes through groups of equal score, best first, until one has an agent that fits. */
  #findByGroups(bound: BoundClass, common: number): void {
    this.#scoreGroups(bound);
    const scores = this.#groupScores;
    const { accepts } = bound;
    for (let limit = Infinity; this.#search.row < 0;) {
      let best = -Infinity;
      for (let i = 0; i < this.#liveCount; i++) if (scores[i] < limit && scores[i] > best) best = scores[i];
      if (best === -Infinity) return;
      for (let i = 0; i < this.#liveCount; i++)
        if (scores[i] === best) this.#improve(bound.taskClass, this.#live[i], common, accepts);
      limit = best;
    }
  }

  #scoreGroups(bound: BoundClass): void {
    const { rows } = this.#scratch;
    for (let i = 0; i < this.#liveCount; i++) rows[i] = this.#forest.anyRowOf(this.#live[i]);
    bound.scoreGroupsInto(rows, this.#liveCount, this.#groupScores);
    for (let i = 0; i < this.#liveCount; i++) if (!bound.acceptsGroupOf(rows[i])) this.#groupScores[i] = NaN;
  }

  #improve(taskClass: TaskClass, group: number, common: number, accepts: BoundClass['accepts']): void {
    this.#aim(taskClass, group, common);
    this.#search.improve(this.#forest, this.#forest.roots[group], accepts);
  }

  /** Sets the search up for the agents of one group: what the task adds to their load, and how full they may be. */
  #aim(taskClass: TaskClass, group: number, common: number): void {
    const search = this.#search;
    const { resources } = this.#order;
    const { weights } = this.#load;
    const type = this.#groups.typeOf(group);
    let added = 0;
    for (let r = 0; r < resources.length; r++) {
      added += weights[type * resources.length + r] * taskClass.demand[resources[r]];
    }
    search.needCount = common;
    this.#dimensions.requireJoint(taskClass, type, search);
    search.registers[SHIFT] = this.#sign * added;
    if (this.#sign > 0) search.registers[START] = this.#fullLoad[type] - added;
  }

  /** The best row found, or the best among those with its score by the levels that follow. */
  #breakTies(bound: BoundClass, common: number): number {
    const search = this.#search;
    const nextLevel = bound.policies.rankLevel + 1;
    if (nextLevel >= bound.levelCount) return search.row;
    const { rows, scores } = this.#scratch;
    const groupScore = bound.policies.hasGroups ? this.#groupScoreOf(search.row) : 0;
    let count = 0;
    for (let i = 0; i < this.#liveCount; i++) {
      if (bound.policies.hasGroups && this.#groupScores[i] !== groupScore) continue;
      this.#aim(bound.taskClass, this.#live[i], common);
      const root = this.#forest.roots[this.#live[i]];
      count = search.tiesInto(this.#forest, root, bound.accepts, rows, count);
    }
    return bound.best(nextLevel, rows, count, scores);
  }

  #groupScoreOf(row: number): number {
    return this.#groupScores[this.#liveAt[this.#forest.groupOf[row]]];
  }

  #synchronise(taskClass: TaskClass): void {
    const { rows } = this.#scratch;
    const isNew = this.#dimensions.include(taskClass);
    const isUsable = !isNew && this.isCurrent;
    const count = isUsable ? this.#journal.changedSinceInto(this.#seen, rows) : -1;
    if (count < 0) this.#build();
    else for (let i = 0; i < count; i++) this.#refresh(rows[i]);
    this.#seen = this.#journal.version;
  }

  #build(): void {
    const agents = this.#agents;
    if (!this.#groups.isCurrent) this.#groups = new AgentGroups(agents, this.#order.groupedBy, true);
    const hasShape = this.#forest.hasShape(this.#groups.count, this.#dimensions.count, agents.capacity);
    if (hasShape && this.#builtFor === this.#groups) this.#forest.clear();
    else this.#layOut();
    this.#liveAt.fill(-1);
    this.#liveCount = 0;
    for (let row = 0; row < agents.rowCount; row++) this.#refresh(row);
  }

  /** Makes everything that depends on types, groups, dimensions and the number of rows. */
  #layOut(): void {
    const { typeTotals, capacity } = this.#agents;
    const { resources } = this.#order;
    const { count } = this.#groups;
    this.#builtFor = this.#groups;
    this.#load = loadWeights({ agentTypes: typeTotals }, resources);
    const { weights } = this.#load;
    this.#fullLoad = Float64Array.from(typeTotals, (totals, type) => {
      const loads = resources.map((r, i) => weights[type * resources.length + i] * (totals?.[r] ?? 0));
      return loads.reduce((sum, load) => sum + load, 0);
    });
    this.#dimensions.refresh();
    this.#forest = new RankForest(count, this.#dimensions.count, capacity);
    this.#live = new Int32Array(count);
    this.#liveAt = new Int32Array(count);
    this.#groupScores = new Float64Array(count);
  }

  /** Brings one row up to date. */
  #refresh(row: number): void {
    const forest = this.#forest;
    const before = forest.groupOf[row];
    if (this.#agents.open[row] === 0) {
      forest.remove(row);
    } else {
      this.#dimensions.read(row, forest.values);
      this.#readScore(row, forest.score);
      forest.update(row, this.#groups.of(row));
    }
    const after = forest.groupOf[row];
    if (before === after) return;
    if (before >= 0 && forest.sizes[before] === 0) this.#dropLive(before);
    if (after >= 0 && forest.sizes[after] === 1) this.#addLive(after);
  }

  /** Writes what is used of the resources that rank, by weight, which is all that there is less what is free. */
  #readScore(row: number, score: Float64Array): void {
    const { resources } = this.#order;
    const { weights } = this.#load;
    const { free, typeOf } = this.#agents;
    const type = typeOf[row];
    let load = this.#fullLoad[type];
    for (let r = 0; r < resources.length; r++) {
      load -= weights[type * resources.length + r] * free[resources[r]][row];
    }
    score[0] = this.#sign * load;
  }

  #addLive(group: number): void {
    this.#liveAt[group] = this.#liveCount;
    this.#live[this.#liveCount++] = group;
  }

  #dropLive(group: number): void {
    const at = this.#liveAt[group];
    const last = this.#live[--this.#liveCount];
    this.#live[at] = last;
    this.#liveAt[last] = at;
    this.#liveAt[group] = -1;
  }
}
