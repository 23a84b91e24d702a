/**
 * Structure that is always applicable: filter all rows, score the feasible ones, keep the best. O(agents) per
 * decision, no memory of its own.
 */
import type { Scratch } from '../decisions/scratch.ts';
import type { AgentTable } from '../agents/agent-table.ts';
import type { PlacementStructure } from './placement-structure.ts';
import type { PlannedClass } from './planned-class.ts';
import { SCAN } from './structure-name.ts';

export class ColumnScan implements PlacementStructure {
  readonly code: number = SCAN;
  readonly #agents: AgentTable;
  readonly #scratch: Scratch;

  constructor(agents: AgentTable, scratch: Scratch) {
    this.#agents = agents;
    this.#scratch = scratch;
  }

  find(planned: PlannedClass): number {
    const { rows, scores } = this.#scratch;
    this.#scratch.evaluations += this.#agents.rowCount;
    const count = planned.feasibleInto(rows);
    planned.feasible = count;
    return planned.best(0, rows, count, scores);
  }
}
