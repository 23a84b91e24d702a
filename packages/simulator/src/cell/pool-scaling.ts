/**
 * Auto-scaling of the pools that have a rule, with the real auto-scaler. It sees agents and failed tasks at a slower pace
 * than scheduling, and what it decides is carried out at once: idle agents leave, ordered ones boot.
 */
import { AutoScaler, dominantShortfall, type PoolAgent, type PoolRule } from '@stowage/autoscale';
import type { AgentPools } from './agent-pools.ts';
import type { CellAgentShape, CellPool } from './scenario.ts';
import { CELL_RESOURCES, resourcesOf } from './placement-policies.ts';
import type { Master } from './master.ts';
import type { SimulatedAgent } from './simulated-agent.ts';

type ScaledPool = CellPool & Required<Pick<CellPool, 'autoscale'>>;

export class PoolScaling {
  readonly #pools: ReadonlyMap<string, ScaledPool>;
  readonly #agentPools: AgentPools;
  readonly #scaler: AutoScaler;

  constructor(pools: readonly CellPool[], agentPools: AgentPools) {
    const scaled = pools.filter((pool): pool is ScaledPool => pool.autoscale !== undefined);
    this.#pools = new Map(scaled.map((pool) => [pool.name, pool]));
    this.#agentPools = agentPools;
    this.#scaler = new AutoScaler({
      rules: scaled.map((pool) => ruleOf(pool, pool.shape)),
      shortfall: dominantShortfall(CELL_RESOURCES),
    });
  }

  /** New agents of a pool have this shape from now on. */
  changeShape({ name }: CellPool, shape: CellAgentShape): void {
    const pool = this.#pools.get(name);
    if (pool !== undefined) this.#scaler.replaceRule(ruleOf(pool, shape));
  }

  /** Whether any pool has a rule. */
  get isNeeded(): boolean {
    return this.#pools.size > 0;
  }

  /**
   * Looks once and carries out.
   * @param agents - of the cell
   * @param isFrozen - pools of which no agent is to be removed
   */
  evaluate(
    master: Master,
    agents: ReadonlyMap<string, SimulatedAgent>,
    isFrozen: (pool: string) => boolean,
    nowMs: number,
  ): void {
    const { queue, booked } = master;
    const poolAgents: PoolAgent[] = [];
    for (const agent of agents.values()) {
      const { id, pool, idleSinceMs, isDraining } = agent;
      if (!this.#pools.has(pool.name)) continue;
      poolAgents.push({
        id,
        pool: pool.name,
        idle: booked.get(id)!.size === 0,
        idleSinceMs,
        disabled: isDraining,
        protected: isFrozen(pool.name),
      });
    }
    const failedTasks = master.failures
      .filter(({ spec }) => queue.get(spec.id)?.state === 'queued')
      .map(({ spec, kind }) => ({
        task: spec,
        kind,
        waitingSinceMs: queue.get(spec.id)!.enqueuedAtMs,
        pools: spec.pools,
      }));
    const starting = Object.fromEntries(
      [...this.#pools.keys()].map((name) => [name, this.#agentPools.starting.get(name) ?? 0]),
    );
    const { decisions, errors } = this.#scaler.evaluate({ agents: poolAgents, failedTasks, starting }, nowMs);
    if (errors.length > 0) throw errors[0].error;
    for (const decision of decisions) {
      const pool = this.#pools.get(decision.pool)!;
      if (decision.kind === 'scale-up') this.#agentPools.order(pool, decision.count);
      else for (const id of decision.agents) this.#agentPools.remove(agents.get(id)!);
    }
  }
}

function ruleOf({ name, autoscale }: ScaledPool, shape: CellAgentShape): PoolRule {
  return { ...autoscale, pool: name, template: { resources: resourcesOf(shape) } };
}
