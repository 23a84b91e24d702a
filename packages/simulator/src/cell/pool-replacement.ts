/**
 * Exchanges all agents of a pool, batch by batch: as many new ones boot, then as many old ones are drained, and when these
 * are empty and gone the next batch begins. Old agents are phased out from the beginning, so that relocated tasks do not
 * go from one old agent to another while a new one has room.
 */
import type { AgentPools } from './agent-pools.ts';
import type { CellPool } from './scenario.ts';
import type { SimulatedAgent } from './simulated-agent.ts';

export class PoolReplacement {
  readonly pool: CellPool;
  readonly #batch: number;
  readonly #agentPools: AgentPools;
  /** Old agents whose turn has not come. */
  #old: SimulatedAgent[];
  #draining: SimulatedAgent[] = [];
  #isBooting = false;

  constructor(agentPools: AgentPools, agents: Iterable<SimulatedAgent>, pool: CellPool, batch: number) {
    this.pool = pool;
    this.#batch = batch;
    this.#agentPools = agentPools;
    this.#old = [...agents].filter((agent) => agent.pool === pool && !agent.isLost && !agent.isDraining);
    for (const agent of this.#old) agentPools.phaseOut(agent);
  }

  /** Old agents that are still there. */
  get left(): number {
    return this.#old.length + this.#draining.length;
  }

  /** Goes on when the batch before is done. @param agents - of the cell */
  advance(agents: ReadonlyMap<string, SimulatedAgent>): void {
    const isThere = (agent: SimulatedAgent): boolean => agents.has(agent.id);
    this.#draining = this.#draining.filter(isThere);
    this.#old = this.#old.filter(isThere);
    if (this.#draining.length > 0 || this.#isBooting || this.#old.length === 0) return;
    const turn = this.#old.splice(0, this.#batch);
    this.#draining = turn;
    this.#isBooting = true;
    this.#agentPools.order(this.pool, turn.length, () => {
      this.#isBooting = false;
      for (const agent of turn) this.#agentPools.drain(agent);
    });
  }
}
