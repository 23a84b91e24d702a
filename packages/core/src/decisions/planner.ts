/**
 * Chooses the structure that answers a task class, from what its plug-ins declare. All structures give the
 * same answer; they differ in time and memory only.
 */
import type { AgentTable } from '../agents/agent-table.ts';
import type { BoundClass, Scratch } from './bound-class.ts';
import type { ChangeJournal } from '../ledger/change-journal.ts';
import { ColumnScan } from './column-scan.ts';
import type { PlacementStructure, StructureName } from './placement-structure.ts';
import { SampledScan } from './sampled-scan.ts';
import { ScoreCache } from './score-cache.ts';

/** What the planner decided for a class and why. @public */
export interface Plan {
  readonly structure: StructureName;
  readonly reason: string;
  /** Remarks of the fitness calculators, such as ratios that cannot be compared exactly. */
  readonly notes: readonly string[];
}

/** Memory that all score caches of an engine may take together. */
const CACHE_BYTES = 64 * 1024 * 1024;

export class Planner {
  readonly #agents: AgentTable;
  readonly #journal: ChangeJournal;
  readonly #scratch: Scratch;
  readonly #caches = new Map<BoundClass, ScoreCache>();
  readonly #scans = new WeakMap<BoundClass, PlacementStructure>();
  readonly #placements: () => number;
  readonly #spareColumns: Float64Array[] = [];
  #nextSweep = 0;

  constructor(agents: AgentTable, journal: ChangeJournal, scratch: Scratch, placements: () => number) {
    this.#agents = agents;
    this.#journal = journal;
    this.#scratch = scratch;
    this.#placements = placements;
  }

  /** A class asked for the first time is scanned: a cache pays from the second time on. */
  structureFor(bound: BoundClass): PlacementStructure {
    const cache = this.#caches.get(bound);
    if (cache !== undefined) return cache;
    const scan = this.#scans.get(bound);
    const mayCache = bound.isRowLocal && bound.search === undefined;
    if (scan !== undefined && mayCache && this.#hasRoom()) return this.#addCache(bound);
    if (scan !== undefined) return scan;
    const added = this.#scanOf(bound);
    this.#scans.set(bound, added);
    return added;
  }

  /** The plan that the last decision of a class followed. */
  explain(bound: BoundClass): Plan {
    const { notes, isRowLocal } = bound;
    if (this.#caches.has(bound)) {
      return {
        structure: 'score-cache',
        reason: 'constraints and first score depend on the agent only',
        notes,
      };
    }
    if (bound.search !== undefined) {
      return { structure: 'sampled-scan', reason: 'the fitness allows the search to stop early', notes };
    }
    const reason = isRowLocal
      ? 'the class is new, or the memory for score caches is used up'
      : 'a constraint or the first score depends on more than the agent, or does not say';
    return { structure: 'scan', reason, notes };
  }

  /** Forgets a binding, so that its memory serves others. */
  drop(bound: BoundClass): void {
    const cache = this.#caches.get(bound);
    if (cache === undefined) return;
    this.#caches.delete(bound);
    if (cache.column.length === this.#agents.capacity) this.#spareColumns.push(cache.column);
  }

  /** To be called when the capacity of the agent table has changed: columns of the old length are useless. */
  resize(): void {
    this.#caches.clear();
    this.#spareColumns.length = 0;
  }

  #scanOf(bound: BoundClass): PlacementStructure {
    if (bound.search === undefined) return new ColumnScan(bound, this.#agents, this.#scratch);
    return new SampledScan(bound, bound.search, this.#agents, this.#scratch, this.#placements);
  }

  #addCache(bound: BoundClass): ScoreCache {
    const column = this.#spareColumns.pop() ?? new Float64Array(this.#agents.capacity);
    const cache = new ScoreCache(bound, this.#agents, this.#journal, this.#scratch, column);
    this.#caches.set(bound, cache);
    return cache;
  }

  /** Whether one more cache fits; when not, drops those that lag so far that they would start anew anyway. */
  #hasRoom(): boolean {
    const limit = Math.max(16, Math.floor(CACHE_BYTES / (8 * this.#agents.capacity)));
    if (this.#caches.size < limit) return true;
    if (this.#journal.version < this.#nextSweep) return false;
    this.#nextSweep = this.#journal.version + limit;
    for (const [bound, cache] of this.#caches) {
      if (this.#journal.version - cache.seen > this.#agents.capacity) this.drop(bound);
    }
    return this.#caches.size < limit;
  }
}
