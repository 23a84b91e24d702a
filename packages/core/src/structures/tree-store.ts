/**
 * The class trees of an engine: their layouts, which classes that tell the same groups apart share, and their memory,
 * which is bounded and used again.
 */
import type { AgentTable } from '../agents/agent-table.ts';
import type { Scratch } from '../decisions/scratch.ts';
import type { ChangeJournal } from '../ledger/change-journal.ts';
import type { ResourceSchema } from '../resources/schema.ts';
import { AgentGroups } from './agent-groups.ts';
import { ClassTree } from './class-tree.ts';
import type { PlannedClass } from './planned-class.ts';
import { LoadScorer } from './load-scorer.ts';
import { Tournament } from './tournament.ts';
import { TournamentLayout } from './tournament-layout.ts';
import { MemoryCell, TournamentMemory } from './tournament-memory.ts';
import { mostTrees } from './tree-limit.ts';
import { firstTrees } from './tree-places.ts';

/** Part of the agents: a tree that has not been asked for so many changes saves little over a scan, and may go to another class. */
const USELESS_LAG = 1 / 4;
/** A tree asks every group; with more, that takes longer than a scan. */
const MOST_GROUPS = 256;

export class TreeStore {
  readonly #agents: AgentTable;
  readonly #journal: ChangeJournal;
  readonly #schema: ResourceSchema;
  readonly #scratch: Scratch;
  readonly #layouts = new Map<string, TournamentLayout>();
  /** Classes that have a tree. */
  readonly #owners = new Set<PlannedClass>();
  readonly #spares: Tournament[] = [];
  /** Where tournaments of one group stand. */
  readonly #memories: TournamentMemory[] = [];
  /** Tournaments for which these have room. */
  #cells = 0;
  #canHaveMemory = true;
  #nextSweep = 0;

  constructor(agents: AgentTable, journal: ChangeJournal, schema: ResourceSchema, scratch: Scratch) {
    this.#agents = agents;
    this.#schema = schema;
    this.#journal = journal;
    this.#scratch = scratch;
  }

  /** Groups that a decision by tree looks at. */
  groupsOf(planned: PlannedClass): number {
    return AgentGroups.countOf(this.#agents, planned.policies.groupedBy, false);
  }

  /** The tree of a class, made if there is memory for one; undefined if not, or if there are too many groups. */
  treeFor(planned: PlannedClass): ClassTree | undefined {
    if (this.groupsOf(planned) > MOST_GROUPS) return undefined;
    const layout = this.#layoutFor(planned);
    const { tree } = planned;
    if (tree?.tournament.layout === layout) return tree;
    this.drop(planned);
    if (!this.#hasRoom()) return undefined;
    const load = this.#loadOf(planned);
    const tournament = this.#tournamentOf(layout);
    const made = new ClassTree(tournament, planned, load, this.#agents, this.#journal, this.#scratch);
    this.#owners.add(planned);
    return (planned.tree = made);
  }

  /** Takes the tree of a class away, if it has one. */
  drop(planned: PlannedClass): void {
    if (planned.tree === undefined) return;
    const { tournament } = planned.tree;
    if (tournament.cell instanceof MemoryCell) tournament.cell.memory.giveBack(tournament.cell);
    else this.#spares.push(tournament);
    forget(planned);
    this.#owners.delete(planned);
  }

  /** Takes all trees away. */
  clear(): void {
    for (const planned of this.#owners) forget(planned);
    this.#owners.clear();
    this.#layouts.clear();
    this.#spares.length = 0;
    this.#memories.length = 0;
    this.#cells = 0;
    this.#canHaveMemory = true;
  }

  #layoutFor(planned: PlannedClass): TournamentLayout {
    const known = planned.treeLayout;
    if (known?.isCurrent(this.#journal, this.#scratch.rows) === true) return known;
    const { groupedBy } = planned.policies;
    const key = JSON.stringify(groupedBy);
    let layout = this.#layouts.get(key);
    if (layout === undefined || !layout.isCurrent(this.#journal, this.#scratch.rows)) {
      layout = new TournamentLayout(this.#agents, groupedBy, this.#journal.version);
      this.#layouts.set(key, layout);
    }
    return (planned.treeLayout = layout);
  }

  #tournamentOf(layout: TournamentLayout): Tournament {
    const cell = layout.groupCount === 1 ? this.#cellFor(layout) : undefined;
    if (cell !== undefined) return new Tournament(layout, cell);
    const spare = this.#spares.pop();
    return spare?.layout === layout ? spare : new Tournament(layout);
  }

  /**
   * A cell in one of the memories, or in a new one, twice as large as the last unless that is beyond the limit; undefined
   * if there can be no more.
   */
  #cellFor(layout: TournamentLayout): MemoryCell | undefined {
    for (const memory of this.#memories) {
      const cell = memory.take();
      if (cell !== undefined) return cell;
    }
    const { capacity } = this.#agents;
    const cells = Math.min(firstTrees(capacity) << this.#memories.length, mostTrees(capacity) - this.#cells);
    const memory = this.#canHaveMemory ? this.#memoryFor(layout, cells) : undefined;
    this.#canHaveMemory = memory !== undefined;
    if (memory === undefined) return undefined;
    this.#memories.push(memory);
    this.#cells += cells;
    return memory.take();
  }

  #memoryFor(layout: TournamentLayout, cells: number): TournamentMemory | undefined {
    return this.#memories.length === 0
      ? TournamentMemory.behindColumns(layout, cells, this.#agents)
      : TournamentMemory.of(layout, cells);
  }

  /** What scores rows of a class that ranks by load; undefined for others. @throws StowageError UNKNOWN_RESOURCE */
  #loadOf({ policies, taskClass }: PlannedClass): LoadScorer | undefined {
    if (policies.additive === undefined) return undefined;
    const { resources, prefer } = policies.additive;
    const indices = resources.map((resource) => this.#schema.scalar(resource).index);
    return LoadScorer.of(this.#agents, taskClass, indices, prefer);
  }

  /** Whether one more tree fits; when not, drops those that lag so far that a scan would do as well. */
  #hasRoom(): boolean {
    const { capacity } = this.#agents;
    const limit = mostTrees(capacity);
    if (this.#owners.size < limit) return true;
    const { version } = this.#journal;
    if (version < this.#nextSweep) return false;
    this.#nextSweep = version + limit;
    for (const planned of this.#owners) {
      if (version - planned.tree!.seen > capacity * USELESS_LAG) this.drop(planned);
    }
    return this.#owners.size < limit;
  }
}

function forget(planned: PlannedClass): void {
  if (planned.last === planned.tree) planned.last = undefined;
  planned.tree = undefined;
}
