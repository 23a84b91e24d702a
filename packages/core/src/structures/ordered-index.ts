/**
 * Structure for classes that rank agents by load, whatever they ask for: agents of one type are in the same order of
 * load for every class, so one ranking per type (and per domain, which plug-ins tell apart) serves all classes. A decision
 * takes the first agent that fits from each ranking and compares these few. All classes that rank by the same resources,
 * and tell the same groups apart, share one index, which is brought up to date from the change journal when asked.
 *
 * Classes whose group part ranks first go through the domains in that order and stop at the first with an agent that
 * fits. O(groups · log agents) where the bounds are tight.
 */
import type { AgentTable } from '../agents/agent-table.ts';
import type { BoundClass } from '../decisions/bound-class.ts';
import type { Scratch } from '../decisions/scratch.ts';
import type { ChangeJournal } from '../ledger/change-journal.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { loadWeights } from '../plug-ins/load-weights.ts';
import type { TaskClass } from '../tasks/task-class.ts';
import { AgentGroups, MOST_GROUPS } from './agent-groups.ts';
import type { StructureCosts } from './cost-model.ts';
import { IndexDimensions } from './index-dimensions.ts';
import type { PlacementStructure } from './placement-structure.ts';
import {
  ENTRY_GROUP,
  ENTRY_ROW,
  ENTRY_VALUES,
  likelyNodes,
  MOST_ENTRIES,
  RankForest,
} from './rank-forest.ts';
import { hasRankModule } from './rank-module.ts';
import type { Rented } from './rental.ts';
import { ORDERED_INDEX } from './structure-name.ts';

/** Which agents rank first, and what tells them apart. */
export interface LoadOrder {
  /** Scalar resources whose used shares sum up to the load. */
  readonly resources: readonly number[];
  readonly prefer: 'greater' | 'smaller';
  /** Attributes that plug-ins of the class ask about once per group. */
  readonly groupedBy: readonly string[];
}

export class OrderedIndex implements PlacementStructure, Rented {
  readonly code: number = ORDERED_INDEX;
  /** Itself, as the shared part of an indexed structure. */
  readonly index: OrderedIndex = this;
  /** What the index would have saved. */
  savedNs = 0;
  lastCostNs = 0;
  declare readonly order: LoadOrder;
  declare private readonly agents: AgentTable;
  declare private readonly journal: ChangeJournal;
  declare private readonly scratch: Scratch;
  declare private readonly scan: PlacementStructure;
  declare private readonly costs: StructureCosts;
  declare private readonly dimensions: IndexDimensions;
  #groups: AgentGroups;
  #forest: RankForest | undefined;
  /** Whether forests can be made. */
  #isPossible = hasRankModule();
  /** Groups and rows for which the forest was laid out. */
  #builtFor: AgentGroups | undefined;
  #rowCapacity = 0;
  /** Layout of bound classes for which the forest was found to be current, -1 = look again. */
  #layout = -1;
  /** Nodes that a forest is laid out for. */
  #nodes = 0;
  #seen = 0;
  #askedAt = 0;

  /** @param scan - answers when there is no memory for the index */
  constructor(
    order: LoadOrder,
    ledger: Ledger,
    scratch: Scratch,
    scan: PlacementStructure,
    costs: StructureCosts,
  ) {
    const { agents, journal, bookings } = ledger;
    this.order = order;
    this.agents = agents;
    this.journal = journal;
    this.scratch = scratch;
    this.scan = scan;
    this.costs = costs;
    this.dimensions = new IndexDimensions(agents, bookings, order.resources);
    this.#groups = new AgentGroups(agents, order.groupedBy, true);
  }

  /** False while there are too many groups to keep tables of them, and where there can be no index. */
  get isApplicable(): boolean {
    if (!this.#groups.isCurrent) this.#groups = new AgentGroups(this.agents, this.order.groupedBy, true);
    return this.#isPossible && this.#groups.count <= MOST_GROUPS;
  }

  /** What the rankings are told apart by, as of the last decision. */
  get groups(): AgentGroups {
    return this.#groups;
  }

  /** Changes since the index was last brought up to date; all agents for one that must be built. */
  get lag(): number {
    return this.isCurrent ? this.journal.version - this.#seen : this.agents.rowCount;
  }

  /** False when it must be built anew: it never was, or there are new types, attribute values or rows. */
  get isCurrent(): boolean {
    return (
      this.#builtFor === this.#groups && this.#groups.isCurrent && this.#rowCapacity === this.agents.capacity
    );
  }

  /** Changes since a class was last asked that it could have answered. */
  get gap(): number {
    return this.journal.version - this.#askedAt;
  }

  /** As `isApplicable`, for classes that are bound to a layout: the present one. */
  canServe(layout: number): boolean {
    return layout === this.#layout || this.isApplicable;
  }

  /** To be called for every decision that it could make, whether it does or not. */
  noteAsked(): void {
    this.#askedAt = this.journal.version;
  }

  /** Groups to look at in a decision, as of the last one. */
  get liveGroups(): number {
    return this.#forest?.countLiveGroups() ?? 0;
  }

  /** To be called for every class before it is asked for: what it asks for that none did before makes the index fill anew. */
  include(taskClass: TaskClass): void {
    if (!this.dimensions.include(taskClass)) return;
    this.#builtFor = undefined;
    this.#layout = -1;
  }

  /** Whether it stands filled for a layout, the present one, and knows all that a class without slots asks for. */
  covers(layout: number, classId: number): boolean {
    const isReady = layout === this.#layout || (this.isApplicable && this.isCurrent);
    return isReady && this.dimensions.cover(classId);
  }

  /**
   * @param known - a feasible row that is the answer unless a better one has what the dimensions tell of, -1 for none;
   * only for classes whose agents rank by load and nothing else
   */
  find(bound: BoundClass, known = -1): number {
    const forest = this.#upToDate(bound.layout);
    if (forest === undefined) return this.#scanInstead(bound);
    const accepts = bound.isPicky ? this.#acceptsOf(bound) : undefined;
    this.dimensions.request(bound, forest.request);
    const { hasGroups, ranksTies } = bound.policies;
    let row = hasGroups ? this.#findByDomains(bound, forest, accepts) : forest.find(accepts, known);
    if (ranksTies && row >= 0) row = this.#breakTies(bound, forest, accepts);
    const { candidates, visits } = forest;
    this.scratch.evaluations += candidates;
    this.scratch.visits += visits;
    this.lastCostNs = this.costs.index(visits, candidates);
    return row;
  }

  /** Broken invariants in words. O(agents). */
  *verify(): Generator<string> {
    const forest = this.#forest;
    if (forest === undefined || !this.isCurrent || this.lag > 0) return;
    const problems = forest.countProblems();
    if (problems > 0) yield `${problems} nodes or entries of an ordered index are wrong`;
    for (let row = 0; row < this.agents.rowCount; row++) {
      const group = this.agents.open[row] === 0 ? -1 : this.#groups.of(row);
      if (forest.groupOf(row) !== group) {
        yield `row ${row} is ranked in group ${forest.groupOf(row)} instead of ${group}`;
        continue;
      }
      if (group < 0) continue;
      this.scratch.single[0] = row;
      this.#write(this.scratch.single, 0, 1);
      if (!forest.isCurrent()) yield `row ${row} is ranked by what it was`;
    }
  }

  /** What there is to ask about a row that has all that the dimensions tell of. */
  #acceptsOf(bound: BoundClass): BoundClass['accepts'] {
    return this.dimensions.tellAll(bound) ? undefined : bound.accepts;
  }

  /** The answer of the forest, after the plug-ins were asked about one agent of each domain. */
  #findByDomains(bound: BoundClass, forest: RankForest, accepts: BoundClass['accepts']): number {
    const { samples, domainScores } = forest;
    const count = forest.findSamples();
    bound.scoreGroupsInto(samples, count, domainScores);
    if (bound.policies.groupConstraints.length > 0) {
      for (let i = 0; i < count; i++) if (!bound.acceptsGroupOf(samples[i])) domainScores[i] = NaN;
    }
    return forest.findByDomains(accepts);
  }

  /** The best by the levels that follow among those which tie with the row found. */
  #breakTies(bound: BoundClass, forest: RankForest, accepts: BoundClass['accepts']): number {
    const { policies } = bound;
    const count = forest.findTies(accepts, policies.hasGroups);
    return bound.best(policies.rankLevel + 1, forest.rows, count, this.scratch.scores);
  }

  /** The answer where there is no memory for a forest. */
  #scanInstead(bound: BoundClass): number {
    const row = this.scan.find(bound);
    this.lastCostNs = bound.policies.lastScan.costNs(this.agents.rowCount, this.journal.version);
    return row;
  }

  /** The forest with what has changed; undefined when there is no memory for it. */
  #upToDate(layout: number): RankForest | undefined {
    if (layout !== this.#layout) {
      if (!this.isCurrent) this.#build();
      this.#layout = this.#forest === undefined ? -1 : layout;
    }
    const { version } = this.journal;
    if (this.#forest !== undefined && this.#seen !== version) this.#catchUp(this.scratch.rows);
    this.#seen = version;
    return this.#forest;
  }

  /** Enters what has changed. */
  #catchUp(rows: Int32Array): void {
    let count = this.journal.changedSinceInto(this.#seen, rows);
    if (count < 0) {
      this.#forest!.clear();
      count = this.#listAll(rows);
    }
    if (!this.#enter(rows, count)) this.#buildLarger();
  }

  /** Fills a new forest. */
  #build(): void {
    const { rows } = this.scratch;
    const { capacity } = this.agents;
    if (!this.#groups.isCurrent) this.#groups = new AgentGroups(this.agents, this.order.groupedBy, true);
    this.#nodes = Math.max(this.#nodes, likelyNodes(capacity, this.#groups.count));
    this.#forest = this.#layOut();
    this.#builtFor = this.#groups;
    this.#rowCapacity = capacity;
    this.#seen = this.journal.version;
    if (this.#forest !== undefined && !this.#enter(rows, this.#listAll(rows))) this.#buildLarger();
  }

  #buildLarger(): void {
    this.#nodes *= 2;
    this.#build();
  }

  /** An empty forest; undefined when there is no memory for one, and then there will be none. */
  #layOut(): RankForest | undefined {
    const { typeTotals, capacity } = this.agents;
    const { resources, prefer } = this.order;
    const { weights } = loadWeights({ agentTypes: typeTotals }, resources);
    this.dimensions.refresh();
    try {
      return new RankForest({
        domains: this.#groups.domainCount,
        types: Array.from(typeTotals, (totals, type) =>
          this.dimensions.typeNumbers(totals, (resource) => {
            const r = resources.indexOf(resource);
            return r < 0 ? 0 : weights[type * resources.length + r];
          }),
        ),
        scalars: this.dimensions.scalarCount,
        slots: this.dimensions.slotCount,
        rowCapacity: capacity,
        prefer,
        nodes: this.#nodes,
      });
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.#isPossible = false;
      this.#layout = -1;
      return undefined;
    }
  }

  /** Writes all rows. @returns their number */
  #listAll(rows: Int32Array): number {
    const { rowCount } = this.agents;
    for (let row = 0; row < rowCount; row++) rows[row] = row;
    return rowCount;
  }

  /** Brings rows up to date. @returns false when there are not enough nodes */
  #enter(rows: Int32Array, count: number): boolean {
    const forest = this.#forest!;
    for (let from = 0; from < count; from += MOST_ENTRIES) {
      const end = Math.min(from + MOST_ENTRIES, count);
      this.#write(rows, from, end);
      if (forest.enter(end - from) === 0) return false;
    }
    return true;
  }

  /** Writes what a forest must know of some rows into its register. */
  #write(rows: Int32Array, from: number, end: number): void {
    const { entries, entryWords } = this.#forest!;
    const { open } = this.agents;
    const { columns } = this.dimensions;
    const groups = this.#groups;
    for (let i = from, at = 0; i < end; i++, at += entryWords) {
      const row = rows[i];
      entries[at + ENTRY_ROW] = row;
      entries[at + ENTRY_GROUP] = open[row] === 0 ? -1 : groups.of(row);
      for (let d = 0; d < columns.length; d++) entries[at + ENTRY_VALUES + d] = columns[d][row];
    }
  }
}
