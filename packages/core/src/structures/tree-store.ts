/**
 * The class trees of an engine: their layouts, which classes that tell the same groups apart share, and their memory,
 * which is bounded and used again.
 */
import type { AgentTable } from '../agents/agent-table.ts';
import type { Scratch } from '../decisions/scratch.ts';
import type { ChangeJournal } from '../ledger/change-journal.ts';
import { AgentGroups } from './agent-groups.ts';
import { ClassTree } from './class-tree.ts';
import type { PlannedClass } from './planned-class.ts';
import { TournamentLayout } from './tournament-layout.ts';

/** Memory that all trees of an engine may take together. */
const TREE_BYTES = 64 * 1024 * 1024;
/** Trees that may exist whatever they take. */
const LEAST_TREES = 16;
/** A tree asks every group; with more, that takes longer than a scan. */
const MOST_GROUPS = 256;

export class TreeStore {
  readonly #agents: AgentTable;
  readonly #journal: ChangeJournal;
  readonly #scratch: Scratch;
  readonly #layouts = new Map<string, TournamentLayout>();
  /** Classes that have a tree. */
  readonly #owners = new Set<PlannedClass>();
  readonly #spareColumns: Float64Array[] = [];
  #nextSweep = 0;

  constructor(agents: AgentTable, journal: ChangeJournal, scratch: Scratch) {
    this.#agents = agents;
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
    if (tree?.layout === layout) return tree;
    this.drop(planned);
    if (!this.#hasRoom()) return undefined;
    const made = new ClassTree(
      layout,
      this.#agents,
      this.#journal,
      this.#scratch,
      this.#columnOf(layout.size),
    );
    this.#owners.add(planned);
    return (planned.tree = made);
  }

  /** Takes the tree of a class away, if it has one. */
  drop(planned: PlannedClass): void {
    if (planned.tree === undefined) return;
    this.#spareColumns.push(planned.tree.column);
    planned.tree = undefined;
    this.#owners.delete(planned);
  }

  /** Takes all trees away. */
  clear(): void {
    for (const planned of this.#owners) planned.tree = undefined;
    this.#owners.clear();
    this.#layouts.clear();
    this.#spareColumns.length = 0;
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

  #columnOf(size: number): Float64Array {
    const spare = this.#spareColumns.pop();
    return spare !== undefined && spare.length >= size ? spare : new Float64Array(size);
  }

  /** Whether one more tree fits; when not, drops those that lag so far that they would start anew anyway. */
  #hasRoom(): boolean {
    const limit = Math.max(LEAST_TREES, Math.floor(TREE_BYTES / (8.5 * this.#agents.capacity)));
    if (this.#owners.size < limit) return true;
    if (this.#journal.version < this.#nextSweep) return false;
    this.#nextSweep = this.#journal.version + limit;
    for (const planned of this.#owners) {
      if (this.#journal.version - planned.tree!.seen > this.#agents.capacity) this.drop(planned);
    }
    return this.#owners.size < limit;
  }
}
