/**
 * The pools as their operator runs them: agents that boot, are drained, leave when empty, and vanish. Agents are told of
 * to the master when there is one; a new master finds them all in the fleet.
 */
import type { AgentFleet } from './agent-fleet.ts';
import type { CellRecorder } from './cell-recorder.ts';
import type { Master } from './master.ts';
import type { CellAgentShape, CellPool } from './scenario.ts';
import type { SimulatedAgent } from './simulated-agent.ts';
import type { VirtualClock } from './virtual-clock.ts';

const BOOT_MS = 180_000;

/** What the pools belong to. */
export interface PoolWorld {
  readonly clock: VirtualClock;
  readonly fleet: AgentFleet;
  readonly recorder: CellRecorder;
  /** Undefined while it is down. */
  readonly master: Master | undefined;
}

export class AgentPools {
  /** Agents that were ordered and are not there yet, by pool. */
  readonly starting: Map<string, number> = new Map();
  readonly #world: PoolWorld;
  /** Where it is not that of the pool any more. */
  readonly #shapes = new Map<CellPool, CellAgentShape>();
  /** Lost agents that are known to be so, but to no master yet. */
  readonly #unreported = new Set<SimulatedAgent>();

  constructor(world: PoolWorld) {
    this.#world = world;
  }

  /** Of agents that are ordered from now on. */
  changeShape(pool: CellPool, shape: CellAgentShape): void {
    this.#shapes.set(pool, shape);
  }

  /** An agent that is there at once. */
  add(pool: CellPool): SimulatedAgent {
    const { fleet, recorder, master } = this.#world;
    const agent = fleet.add(pool, this.#shapes.get(pool) ?? pool.shape);
    recorder.note('agent', 'agent', agent.id, 'state', 'in-service', 'zone', agent.zone);
    master?.addAgent(agent);
    return agent;
  }

  /** Orders agents. @param whenThere - called when they have booted */
  order(pool: CellPool, count: number, whenThere?: () => void): void {
    const { clock, recorder } = this.#world;
    recorder.note('ordered', 'pool', pool.name, 'agents', count);
    this.starting.set(pool.name, (this.starting.get(pool.name) ?? 0) + count);
    clock.after(pool.bootMs ?? BOOT_MS, () => {
      this.starting.set(pool.name, this.starting.get(pool.name)! - count);
      recorder.counts.agentsBooted += count;
      for (let i = 0; i < count; i++) this.add(pool);
      whenThere?.();
    });
  }

  /** It takes no new tasks from now on. */
  drain(agent: SimulatedAgent): void {
    if (agent.isDraining || agent.isLost) return;
    const { recorder, master } = this.#world;
    agent.isDraining = true;
    recorder.note('agent', 'agent', agent.id, 'state', 'draining');
    master?.scheduler.drainAgent(agent.id);
  }

  /** Marks an agent as one to be replaced. */
  phaseOut(agent: SimulatedAgent): void {
    agent.isPhasedOut = true;
    this.#world.master?.reportAgent(agent);
  }

  /** Takes an agent without tasks out. */
  remove(agent: SimulatedAgent): void {
    const { recorder, master, fleet } = this.#world;
    recorder.note('agent', 'agent', agent.id, 'state', 'removed');
    recorder.counts.agentsRemoved++;
    master?.removeAgent(agent);
    fleet.remove(agent);
  }

  /** It vanishes now; the master hears of it after the time that detection takes. */
  lose(agent: SimulatedAgent, detectionMs: number): void {
    const { recorder, fleet, clock } = this.#world;
    recorder.note('agent', 'agent', agent.id, 'state', 'lost');
    recorder.counts.agentsLost++;
    fleet.lose(agent);
    clock.after(detectionMs, () => {
      this.#unreported.add(agent);
      this.reportLost();
    });
  }

  /** Tells the master of agents that are lost. To be called when there is a new master. */
  reportLost(): void {
    const { master, fleet, recorder } = this.#world;
    if (master === undefined) return;
    for (const agent of this.#unreported) {
      recorder.note('agent', 'agent', agent.id, 'state', 'known-lost');
      master.declareLost(agent);
      fleet.remove(agent);
    }
    this.#unreported.clear();
  }

  /** Removes drained agents that run nothing any more. */
  removeEmpty(): void {
    const { master, fleet } = this.#world;
    if (master === undefined) return;
    for (const agent of fleet.agents.values())
      if (agent.isDraining && !agent.isLost && master.booked.get(agent.id)!.size === 0) this.remove(agent);
  }
}
