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
import { BYTES_PER_AGENT, Tournament } from './tournament.ts';
import { TournamentLayout } from './tournament-layout.ts';
import { MemoryCell, TournamentMemory } from './tournament-memory.ts';

/** Memory that all trees of an engine may take together. */
const TREE_BYTES = 64 * 1024 * 1024;
/** Trees that may exist whatever they take. */
const LEAST_TREES = 16;
/** Tournaments for which the first memory has room. */
const FIRST_CELLS = 16;
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
    const made = new ClassTree(
      tournament,
      tournament.cell instanceof MemoryCell ? tournament.cell.memory : this.#scratch,
      planned.policies,
      load,
      this.#agents,
      this.#journal,
      this.#scratch,
    );
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

  /** A cell in one of the memories, or in a new one, twice as large as the last; undefined if there can be no more. */
  #cellFor(layout: TournamentLayout): MemoryCell | undefined {
    for (const memory of this.#memories) {
      const cell = memory.take();
      if (cell !== undefined) return cell;
    }
    const cells = FIRST_CELLS << this.#memories.length;
    const memory = this.#canHaveMemory ? TournamentMemory.of(layout, cells) : undefined;
    this.#canHaveMemory = memory !== undefined;
    if (memory !== undefined) this.#memories.push(memory);
    return memory?.take();
  }

  /** What scores rows of a class that ranks by load; undefined for others. @throws StowageError UNKNOWN_RESOURCE */
  #loadOf({ policies, taskClass }: PlannedClass): LoadScorer | undefined {
    if (policies.additive === undefined) return undefined;
    const { resources, prefer } = policies.additive;
    const indices = resources.map((resource) => this.#schema.scalar(resource).index);
    return LoadScorer.of(this.#agents, taskClass, indices, prefer);
  }

  /** Whether one more tree fits; when not, drops those that lag so far that they would start anew anyway. */
  #hasRoom(): boolean {
    const limit = Math.max(LEAST_TREES, Math.floor(TREE_BYTES / (BYTES_PER_AGENT * this.#agents.capacity)));
    if (this.#owners.size < limit) return true;
    if (this.#journal.version < this.#nextSweep) return false;
    this.#nextSweep = this.#journal.version + limit;
    for (const planned of this.#owners) {
      if (this.#journal.version - planned.tree!.seen > this.#agents.capacity) this.drop(planned);
    }
    return this.#owners.size < limit;
  }
}

function forget(planned: PlannedClass): void {
  if (planned.last === planned.tree) planned.last = undefined;
  planned.tree = undefined;
}
