/**
 * Chooses the structure that answers a task class, by what its plug-ins declare and by what each structure would cost
 * now. All structures give the same answer; they differ in time and memory only.
 *
 * Trees and indexes must be filled before they are of use, and then pay the more the more often they are asked: the rule
 * is that of `isWorthwhile`. Everything is a function of the calls made, not of time.
 */
import type { AgentTable } from '../agents/agent-table.ts';
import type { ChangeJournal } from '../ledger/change-journal.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { ResourceSchema } from '../resources/schema.ts';
import { ColumnScan } from '../structures/column-scan.ts';
import { filteredScanCost, indexGuess, StructureCosts } from '../structures/cost-model.ts';
import { FilteredScan } from '../structures/filtered-scan.ts';
import type { IndexedStructure } from '../structures/indexed-structure.ts';
import type { PlacementStructure } from '../structures/placement-structure.ts';
import type { PlannedClass } from '../structures/planned-class.ts';
import { isWorthwhile } from '../structures/rental.ts';
import { SampledScan } from '../structures/sampled-scan.ts';
import { SharedIndexes } from '../structures/shared-indexes.ts';
import { STRUCTURE_NAMES, type StructureName } from '../structures/structure-name.ts';
import { TreeStore } from '../structures/tree-store.ts';
import { stillInfeasible } from './infeasibility.ts';
import type { Scratch } from './scratch.ts';

/** What the planner decided for a class and why. @public */
export interface Plan {
  readonly structure: StructureName;
  readonly reason: string;
  /** Estimated ns of the next decision by each structure that can answer the class. */
  readonly costsNs: Readonly<Partial<Record<StructureName, number>>>;
  /** Remarks of the fitness calculators, such as ratios that cannot be compared exactly. */
  readonly notes: readonly string[];
}

/**
 * Decisions of a class for which a choice stands once it was made twice in a row, except a scan until a tree pays: to
 * choose costs less than to scan once more than need be.
 */
const LEASE = 31;
/** Changed agents between two decisions that are no reason to choose anew. */
const SMALL_GAP = 8;

/** Weight of the past in the running estimate of what the index costs a class: 3/4. */
const smoothed = (known: number, seen: number): number => (known === 0 ? seen : (3 * known + seen) >> 2);

export class Planner {
  declare private readonly agents: AgentTable;
  declare private readonly journal: ChangeJournal;
  declare private readonly scratch: Scratch;
  declare private readonly placements: () => number;
  declare private readonly scan: ColumnScan;
  declare private readonly filteredScan: FilteredScan;
  readonly #sampled = new WeakMap<PlannedClass, SampledScan>();
  declare private readonly trees: TreeStore;
  declare private readonly indexes: SharedIndexes;
  readonly #costs = new StructureCosts();
  /** Structure to use wherever it can answer; undefined = the cheapest. */
  preferred: StructureName | undefined = undefined;

  constructor(ledger: Ledger, schema: ResourceSchema, scratch: Scratch) {
    const { agents, journal } = ledger;
    this.agents = agents;
    this.journal = journal;
    this.scratch = scratch;
    this.placements = () => ledger.placements;
    this.scan = new ColumnScan(agents, journal, scratch);
    this.filteredScan = new FilteredScan(agents, journal, scratch, this.scan);
    this.trees = new TreeStore(agents, journal, schema, scratch);
    this.indexes = new SharedIndexes(ledger, schema, scratch, this.scan, this.#costs);
  }

  /** Row of the best agent, -1 when none is feasible. May throw what plug-ins throw. */
  find(planned: PlannedClass): number {
    const { version } = this.journal;
    const scratch = this.scratch;
    if (planned.infeasibleAt >= 0 && stillInfeasible(planned, this.journal, scratch)) {
      scratch.remembered++;
      return -1;
    }
    const isLeased =
      planned.lease > 0 && version - planned.askedAt <= planned.leaseGap && this.preferred === undefined;
    const structure = (isLeased ? this.#leased(planned) : undefined) ?? this.#choose(planned);
    planned.askedAt = version;
    scratch.decisionsBy[structure.code]++;
    const { indexed } = planned;
    const row = structure === indexed ? findByIndex(planned, indexed) : structure.find(planned);
    planned.infeasibleAt = row < 0 ? version : -1;
    return row;
  }

  /**
   * Whether a class under the policies of another, both without plug-ins to ask, can be answered by the index of that
   * one as it stands; then the next `find` does so.
   */
  canAnswer(lent: PlannedClass, classId: number): boolean {
    if (this.preferred !== undefined) return false;
    const indexed = this.#indexedOf(lent);
    if (indexed === undefined || !indexed.index.covers(lent.layout, classId)) return false;
    lent.last = indexed;
    lent.lease = 1;
    lent.askedAt = this.journal.version;
    return true;
  }

  /** What the last decision of a class was made by, or the first would be, and what the next would cost. */
  explain(planned: PlannedClass): Plan {
    this.#costs.refresh(this.agents.rowCount);
    const structure = planned.last ?? this.#structureFor(planned);
    const { notes } = planned;
    return {
      structure: STRUCTURE_NAMES[structure.code],
      reason: reasonFor(planned),
      costsNs: this.#costsOf(planned),
      notes,
    };
  }

  /** Forgets a binding, so that its memory serves others. */
  drop(planned: PlannedClass): void {
    this.trees.drop(planned);
    this.filteredScan.drop(planned);
  }

  /** To be called when the capacity of the agent table has changed. */
  resize(): void {
    this.trees.clear();
  }

  /** Broken invariants of what is kept between decisions, in words. */
  verify(classes: Iterable<PlannedClass>): string[] {
    const problems = [...this.indexes.verify()];
    for (const planned of classes)
      problems.push(...(planned.tree?.verify(planned) ?? []), ...this.filteredScan.verify(planned));
    return problems;
  }

  /** The structure of the last decision, unless it cannot answer any more. */
  #leased(planned: PlannedClass): PlacementStructure | undefined {
    const { last, indexed } = planned;
    planned.lease--;
    planned.unplanned++;
    if (last === planned.tree) return planned.policies.hasGroups ? undefined : last;
    if (indexed !== undefined && last === indexed) {
      indexed.index.noteAsked();
      return indexed.index.canServe(planned.layout) ? last : undefined;
    }
    return last === this.scan || last === this.filteredScan ? last : undefined;
  }

  #choose(planned: PlannedClass): PlacementStructure {
    const gap = this.journal.version - planned.askedAt;
    planned.unplanned++;
    this.#costs.refresh(this.agents.rowCount);
    const structure = this.#structureFor(planned);
    planned.unplanned = 0;
    const isInterim = structure === this.scan && planned.savedNs > 0;
    const stands = structure === planned.last && !isInterim && this.preferred === undefined;
    planned.lease = stands ? LEASE : 0;
    planned.leaseGap = 2 * gap + SMALL_GAP;
    return (planned.last = structure);
  }

  #structureFor(planned: PlannedClass): PlacementStructure {
    const { policies } = planned;
    if (policies.search !== undefined) return this.#sampledFor(planned);
    if (!policies.isRowLocal) return this.preferred === 'scan' ? this.scan : this.filteredScan;
    const index = this.#indexFor(planned);
    if (this.preferred !== undefined) return this.#preferredFor(planned, index);
    const scanNs = this.#scanCost(planned);
    const indexNs = index === undefined ? Infinity : this.#indexCost(planned, index, index.index.gap);
    const usesIndex = index !== undefined && this.#isIndexWorthwhile(planned, index, indexNs, scanNs);
    if (this.#isTreeWorthwhile(planned, usesIndex ? indexNs : scanNs)) {
      const tree = this.trees.treeFor(planned);
      if (tree !== undefined) return tree;
    }
    return usesIndex ? index : this.scan;
  }

  #indexFor(planned: PlannedClass): IndexedStructure | undefined {
    const index = this.#indexedOf(planned);
    return index?.index.isApplicable === true ? index : undefined;
  }

  #indexedOf(planned: PlannedClass): IndexedStructure | undefined {
    return (planned.indexed ??= this.indexes.structureFor(planned));
  }

  #preferredFor(planned: PlannedClass, index: IndexedStructure | undefined): PlacementStructure {
    if (this.preferred === 'scan') return this.scan;
    if (this.preferred === 'class-tree') return this.trees.treeFor(planned) ?? this.scan;
    return index ?? this.scan;
  }

  /** Only classes that the index would serve better decide on its upkeep. */
  #isIndexWorthwhile(
    planned: PlannedClass,
    structure: IndexedStructure,
    steadyNs: number,
    otherNs: number,
  ): boolean {
    const { index } = structure;
    index.noteAsked();
    if (steadyNs >= otherNs) return false;
    const nowNs = this.#indexCost(planned, structure, index.lag);
    return isWorthwhile(index, nowNs, steadyNs, otherNs, planned.unplanned);
  }

  /** A class without a last decision may never be asked for again. */
  #isTreeWorthwhile(planned: PlannedClass, otherNs: number): boolean {
    if (planned.last === undefined) return false;
    const steadyNs = this.#treeCost(planned, this.journal.version - planned.askedAt);
    const nowNs = this.#treeCost(planned, this.#treeLag(planned));
    return isWorthwhile(planned, nowNs, steadyNs, otherNs, planned.unplanned);
  }

  #scanCost({ policies }: PlannedClass): number {
    return policies.lastScan.costNs(this.agents.rowCount, this.journal.version);
  }

  #filteredScanCost({ passing, scannedAt, policies }: PlannedClass): number {
    const { rowCount } = this.agents;
    const changes = this.journal.version - scannedAt;
    return filteredScanCost(
      rowCount,
      passing?.size ?? rowCount,
      Math.min(changes, rowCount),
      policies.pluginNs,
    );
  }

  /** @param changes - that the index has to enter first */
  #indexCost(planned: PlannedClass, { index }: IndexedStructure, changes: number): number {
    const known = planned.indexCostNs;
    const decisionNs = known > 0 ? known : indexGuess(index.liveGroups);
    return decisionNs + this.#costs.indexUpdate(Math.min(changes, this.agents.rowCount));
  }

  /** @param changes - that the tree has to enter first */
  #treeCost(planned: PlannedClass, changes: number): number {
    const count = Math.min(changes, this.agents.rowCount);
    return this.#costs.tree(count, planned.policies.entryNs, this.trees.groupsOf(planned));
  }

  #treeLag({ tree }: PlannedClass): number {
    return tree === undefined || tree.seen < 0 ? this.agents.rowCount : this.journal.version - tree.seen;
  }

  #sampledFor(planned: PlannedClass): SampledScan {
    let sampled = this.#sampled.get(planned);
    if (sampled === undefined) {
      sampled = new SampledScan(
        planned,
        planned.policies.search!,
        this.agents,
        this.scratch,
        this.placements,
      );
      this.#sampled.set(planned, sampled);
    }
    return sampled;
  }

  #costsOf(planned: PlannedClass): Plan['costsNs'] {
    const { policies } = planned;
    if (policies.search !== undefined) return {};
    const scan = this.#scanCost(planned);
    if (!policies.isRowLocal) return { scan, 'filtered-scan': this.#filteredScanCost(planned) };
    const tree = this.#treeCost(planned, this.#treeLag(planned));
    const index = this.#indexFor(planned);
    const costs = { scan, 'class-tree': tree };
    return index === undefined
      ? costs
      : { ...costs, [STRUCTURE_NAMES[index.code]]: this.#indexCost(planned, index, index.index.lag) };
  }
}

function findByIndex(planned: PlannedClass, indexed: IndexedStructure): number {
  const row = indexed.find(planned);
  planned.indexCostNs = smoothed(planned.indexCostNs, indexed.lastCostNs);
  return row;
}

function reasonFor({ policies }: PlannedClass): string {
  if (policies.search !== undefined) return 'the fitness allows the search to stop early';
  if (!policies.isRowLocal) {
    return 'a constraint or what ranks agents depends on more than the agent and its group, or does not say';
  }
  if (policies.additive === undefined) {
    return 'constraints and ranks depend on the agent and its group only: the cheaper of scan and class tree';
  }
  return 'agents rank by load: the cheapest of scan, class tree and ordered index';
}
