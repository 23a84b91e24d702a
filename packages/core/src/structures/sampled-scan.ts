/**
 * Structure that is used only where a fitness calculator allows it: a scan that stops early, in blocks of 64 rows, at the end
 * of the first block with an agent that is good enough or with as many feasible agents as asked for. It starts at
 * another row after every placement, so that no agent is always left out (kube-scheduler's rotation), and is a
 * function of the state alone. The answer is the best of the agents seen, not of all.
 */
import type { AgentTable } from '../agents/agent-table.ts';
import type { BoundClass } from '../decisions/bound-class.ts';
import type { Scratch } from '../decisions/scratch.ts';
import type { PlacementStructure } from './placement-structure.ts';
import type { SearchLimit } from '../plug-ins/plugin.ts';
import { SAMPLED_SCAN } from './structure-name.ts';

/** Rows that are looked at before the search may stop. */
export const SEARCH_BLOCK = 64;

export class SampledScan implements PlacementStructure {
  readonly code: number = SAMPLED_SCAN;
  readonly #agents: AgentTable;
  readonly #scratch: Scratch;
  readonly #placements: () => number;
  readonly #feasibleWanted: number;
  readonly #scoreWanted: number;
  readonly #block = new Int32Array(SEARCH_BLOCK);

  constructor(
    bound: BoundClass,
    { feasibleAgents = Infinity, goodEnough }: SearchLimit,
    agents: AgentTable,
    scratch: Scratch,
    placements: () => number,
  ) {
    this.#agents = agents;
    this.#scratch = scratch;
    this.#placements = placements;
    this.#feasibleWanted = feasibleAgents;
    this.#scoreWanted = goodEnough === undefined ? Infinity : bound.scoreAt(goodEnough);
  }

  find(bound: BoundClass): number {
    const { rows: ties, scores } = this.#scratch;
    const { rowCount } = this.#agents;
    const start = rowCount === 0 ? 0 : (this.#placements() * SEARCH_BLOCK) % rowCount;
    let tied = 0;
    let bestScore = -Infinity;
    let feasible = 0;
    for (let seen = 0; seen < rowCount && feasible < this.#feasibleWanted; seen += SEARCH_BLOCK) {
      const count = this.#nextFeasible(bound, start + seen, Math.min(SEARCH_BLOCK, rowCount - seen));
      feasible += count;
      bound.scoreInto(0, this.#block, count, scores);
      for (let i = 0; i < count; i++) {
        if (scores[i] < bestScore) continue;
        if (scores[i] > bestScore) tied = 0;
        bestScore = scores[i];
        ties[tied++] = this.#block[i];
      }
      if (bestScore >= this.#scoreWanted) break;
    }
    if (tied === 0) return -1;
    return bound.best(1, ties, tied, scores);
  }

  /** Fills the block with the feasible ones of the next rows, which wrap around at the end of the table. */
  #nextFeasible(bound: BoundClass, from: number, length: number): number {
    for (let i = 0; i < length; i++) this.#block[i] = (from + i) % this.#agents.rowCount;
    this.#scratch.evaluations += length;
    return bound.filter(this.#block, length);
  }
}
