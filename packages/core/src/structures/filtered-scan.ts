/**
 * Structure for classes of which a calculator or constraint may look at anything, so that it must be asked anew in every
 * decision: asks it about those agents only that pass everything else. Which these are is kept as one bit per agent and
 * class, and brought up to date from the change journal. O(changes + agents / 32 + agents that pass); a decision after
 * many changes is a plain scan.
 */
import type { AgentTable } from '../agents/agent-table.ts';
import type { Scratch } from '../decisions/scratch.ts';
import type { ChangeJournal } from '../ledger/change-journal.ts';
import type { ColumnScan } from './column-scan.ts';
import type { PlacementStructure } from './placement-structure.ts';
import type { PlannedClass } from './planned-class.ts';
import { RowSet } from './row-set.ts';
import { FILTERED_SCAN } from './structure-name.ts';

/** Memory that the bits of all classes may take together. */
const BITS_BYTES = 64 * 1024 * 1024;
/** With more changes than one in so many agents, a pass over all agents is cheaper. */
const AGENTS_PER_CHANGE = 16;

export class FilteredScan implements PlacementStructure {
  readonly code: number = FILTERED_SCAN;
  readonly #agents: AgentTable;
  readonly #journal: ChangeJournal;
  readonly #scratch: Scratch;
  readonly #scan: ColumnScan;
  #bytes = 0;
  /** Classes that have a set. */
  readonly #owners = new Set<PlannedClass>();
  #nextSweep = 0;

  constructor(agents: AgentTable, journal: ChangeJournal, scratch: Scratch, scan: ColumnScan) {
    this.#agents = agents;
    this.#journal = journal;
    this.#scratch = scratch;
    this.#scan = scan;
  }

  find(planned: PlannedClass): number {
    const { rows, scores } = this.#scratch;
    const { version } = this.#journal;
    const isFar = (version - planned.scannedAt) * AGENTS_PER_CHANGE > this.#agents.rowCount;
    planned.scannedAt = version;
    if (isFar || !this.#synchronise(planned)) return this.#scan.find(planned);
    const count = planned.passing!.rowsInto(rows);
    this.#scratch.evaluations += count;
    return planned.best(0, rows, planned.filterByOthers(rows, count), scores);
  }

  /** Forgets the set of a class. */
  drop(planned: PlannedClass): void {
    if (planned.passing === undefined) return;
    this.#bytes -= planned.passing.bytes;
    planned.passing = undefined;
    this.#owners.delete(planned);
  }

  /** Broken invariants in words. O(agents · constraints). */
  *verify(planned: PlannedClass): Generator<string> {
    const { passing } = planned;
    if (passing?.seen !== this.#journal.version) return;
    for (let row = 0; row < this.#agents.rowCount; row++) {
      if (passing.has(row) !== planned.acceptsRow(row))
        yield `the scan of class ${planned.classId} is wrong about row ${row}`;
    }
  }

  /** @returns false when there is no memory for the bits */
  #synchronise(planned: PlannedClass): boolean {
    const { rows } = this.#scratch;
    const passing = planned.passing ?? this.#newSet(planned);
    if (passing === undefined) return false;
    let count = passing.seen < 0 ? -1 : this.#journal.changedSinceInto(passing.seen, rows);
    if (count < 0) {
      passing.clear();
      count = this.#agents.rowCount;
      for (let row = 0; row < count; row++) rows[row] = row;
    }
    this.#scratch.evaluations += count;
    passing.seen = -1;
    for (let i = 0; i < count; i++) passing.put(rows[i], planned.acceptsRow(rows[i]));
    passing.seen = this.#journal.version;
    return true;
  }

  #newSet(planned: PlannedClass): RowSet | undefined {
    const { capacity } = this.#agents;
    if (this.#bytes + capacity / 8 > BITS_BYTES && !this.#makesRoom(capacity / 8)) return undefined;
    const made = new RowSet(capacity);
    this.#bytes += made.bytes;
    this.#owners.add(planned);
    return (planned.passing = made);
  }

  /** Drops sets that lag so far that they would start anew anyway. */
  #makesRoom(bytes: number): boolean {
    const { version } = this.#journal;
    if (version < this.#nextSweep) return false;
    this.#nextSweep = version + this.#owners.size;
    for (const owner of this.#owners)
      if (version - owner.passing!.seen > this.#agents.rowCount) this.drop(owner);
    return this.#bytes + bytes <= BITS_BYTES;
  }
}
