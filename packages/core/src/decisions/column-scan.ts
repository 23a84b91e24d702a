/**
 * Structure 1, always applicable: filter all rows, score the feasible ones, keep the best. O(agents) per
 * decision, no memory of its own.
 */
import type { AgentTable } from '../agents/agent-table.ts';
import type { BoundClass, Scratch } from './bound-class.ts';
import type { PlacementStructure } from './placement-structure.ts';

export class ColumnScan implements PlacementStructure {
  readonly name = 'scan';
  readonly #bound: BoundClass;
  readonly #agents: AgentTable;
  readonly #scratch: Scratch;

  constructor(bound: BoundClass, agents: AgentTable, scratch: Scratch) {
    this.#bound = bound;
    this.#agents = agents;
    this.#scratch = scratch;
  }

  find(): number {
    const { rows, scores } = this.#scratch;
    const { rowCount } = this.#agents;
    this.#scratch.evaluations += rowCount;
    for (let row = 0; row < rowCount; row++) rows[row] = row;
    return this.#bound.best(0, rows, this.#bound.filter(rows, rowCount), scores);
  }
}
