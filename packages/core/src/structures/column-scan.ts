/**
 * Structure that is always applicable: filter all rows, score the feasible ones, keep the best. O(agents) per
 * decision, no memory of its own.
 */
import type { BoundClass } from '../decisions/bound-class.ts';
import type { Scratch } from '../decisions/scratch.ts';
import type { AgentTable } from '../agents/agent-table.ts';
import type { ChangeJournal } from '../ledger/change-journal.ts';
import type { PlacementStructure } from './placement-structure.ts';
import { SCAN } from './structure-name.ts';

export class ColumnScan implements PlacementStructure {
  readonly code: number = SCAN;
  readonly #agents: AgentTable;
  readonly #journal: ChangeJournal;
  readonly #scratch: Scratch;

  constructor(agents: AgentTable, journal: ChangeJournal, scratch: Scratch) {
    this.#agents = agents;
    this.#journal = journal;
    this.#scratch = scratch;
  }

  find(bound: BoundClass): number {
    const { rows, scores } = this.#scratch;
    this.#scratch.evaluations += this.#agents.rowCount;
    const count = bound.feasibleInto(rows);
    bound.policies.lastScan.note(this.#scratch.fitting, count, this.#journal.version);
    return bound.best(0, rows, count, scores);
  }
}
