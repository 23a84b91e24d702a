/**
 * All agents and the lives of their containers on the virtual clock: what pulling images, setting up interfaces and
 * preparing few at a time cost, and what scripts make of the containers. Agents say what happens to who listens, and
 * know nothing of jobs, queues or the engine.
 */
import type { FinishReason } from '@stowage/protocol';
import { InterfaceCalls } from './interface-calls.ts';
import type { LifeStage } from './life-cycles.ts';
import type { AgentCosts, CellAgentShape, CellPool } from './scenario.ts';
import { type Container, type ContainerOrder, SimulatedAgent } from './simulated-agent.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** What an agent says of a task. */
export interface AgentStatus {
  readonly state: 'start-initiated' | 'started' | 'finished';
  readonly reason?: FinishReason | 'crashed' | 'transient-system-error';
  readonly exitCode?: number;
}

export interface FleetListener {
  /** `taken` is to be called when the control plane has taken note. */
  said(taskId: string, agent: SimulatedAgent, status: AgentStatus, taken: () => void): void;
  /** Images or interfaces have changed. */
  changed(agent: SimulatedAgent): void;
  pulledImage(agent: SimulatedAgent, image: string): void;
  calledForInterface(agent: SimulatedAgent, isRebound: boolean): void;
}

const DEFAULT_ZONES = ['a', 'b', 'c'];

export class AgentFleet {
  readonly agents: Map<string, SimulatedAgent> = new Map();
  readonly #clock: VirtualClock;
  readonly #costs: AgentCosts;
  readonly #listener: FleetListener;
  readonly #calls: InterfaceCalls;
  /** Agents that a pool has had so far. */
  readonly #madeBy = new Map<string, number>();

  constructor(clock: VirtualClock, costs: AgentCosts, listener: FleetListener) {
    this.#clock = clock;
    this.#costs = costs;
    this.#listener = listener;
    this.#calls = new InterfaceCalls(costs.interfaceCallsPerSecond);
  }

  /** A new agent of a pool, in the next zone. */
  add(pool: CellPool, shape: CellAgentShape): SimulatedAgent {
    const number = this.#madeBy.get(pool.name) ?? 0;
    this.#madeBy.set(pool.name, number + 1);
    const { zones = DEFAULT_ZONES } = pool;
    const id = `${pool.name}-${String(number + 1).padStart(5, '0')}`;
    const agent = new SimulatedAgent(id, pool, shape, zones[number % zones.length], this.#clock.nowMs());
    this.agents.set(id, agent);
    return agent;
  }

  /** Takes an agent out that runs nothing or is lost. */
  remove(agent: SimulatedAgent): void {
    this.agents.delete(agent.id);
  }

  /** The agent vanishes with its containers and says nothing any more. */
  lose(agent: SimulatedAgent): void {
    agent.isLost = true;
    for (const container of agent.containers.values()) container.callOff?.();
    agent.waiting.length = 0;
  }

  /** Runs a task; one that the agent has already, or that comes to a lost agent, changes nothing. */
  launch(agent: SimulatedAgent, order: ContainerOrder): void {
    if (agent.isLost || agent.containers.has(order.taskId)) return;
    const container: Container = {
      ...order,
      agent,
      stage: 'launched',
      isPreparing: false,
      callOff: undefined,
    };
    agent.containers.set(order.taskId, container);
    const card = agent.interfaces[order.slot];
    if (card.label !== order.securityGroups) {
      card.isRebound = card.label !== undefined;
      card.label = order.securityGroups;
      card.readyAtMs = undefined;
    }
    card.addresses++;
    this.#live(container, order.life.launched, () => this.#queueForPreparation(container));
  }

  /** Stops a task. A task that a living agent does not have is lost. */
  kill(agent: SimulatedAgent, taskId: string): void {
    if (agent.isLost) return;
    const container = agent.containers.get(taskId);
    if (container === undefined) {
      this.#clock.after(0, () => {
        if (!agent.isLost)
          this.#listener.said(taskId, agent, { state: 'finished', reason: 'lost' }, () => undefined);
      });
      return;
    }
    if (container.stage === 'killing' || container.stage === 'ended') return;
    this.#leavePreparation(container);
    container.callOff?.();
    container.stage = 'killing';
    this.#live(container, container.life.killInitiated, () => this.#end(container, 'killed', 137));
  }

  /** Forgets a task that the control plane has given up. */
  abandon(agent: SimulatedAgent, taskId: string): void {
    const container = agent.containers.get(taskId);
    if (container === undefined) return;
    container.callOff?.();
    this.#leavePreparation(container);
    this.#free(container);
    agent.containers.delete(taskId);
  }

  /** Goes through a stage and then on, unless the script says otherwise. */
  #live(container: Container, { delayMs, then }: LifeStage, next: () => void): void {
    container.callOff = undefined;
    if (delayMs === undefined) return;
    container.callOff = this.#clock.after(delayMs, () => {
      container.callOff = undefined;
      if (then === 'continue') next();
      else if (then === 'forget') this.#leavePreparation(container);
      else this.#end(container, then.reason, then.exitCode);
    });
  }

  #queueForPreparation(container: Container): void {
    container.agent.waiting.push(container);
    this.#prepareNext(container.agent);
  }

  #prepareNext(agent: SimulatedAgent): void {
    while (agent.preparing < this.#costs.launchesAtATime && agent.waiting.length > 0) {
      const container = agent.waiting.shift()!;
      agent.preparing++;
      container.isPreparing = true;
      container.stage = 'preparing';
      const readyAtMs = Math.max(this.#imageReadyAt(container), this.#interfaceReadyAt(container));
      container.callOff = this.#clock.after(readyAtMs - this.#clock.nowMs(), () => this.#prepared(container));
    }
  }

  #prepared(container: Container): void {
    container.stage = 'start-initiated';
    this.#leavePreparation(container);
    this.#say(container, { state: 'start-initiated' });
    this.#live(container, container.life.startInitiated, () => {
      container.stage = 'started';
      this.#say(container, { state: 'started' });
      this.#live(container, container.life.started, () => this.#end(container, 'normal', 0));
    });
  }

  #imageReadyAt({ agent, image }: Container): number {
    const nowMs = this.#clock.nowMs();
    let readyAtMs = agent.images.get(image);
    if (readyAtMs === undefined) {
      readyAtMs = nowMs + this.#costs.imagePullMs;
      this.#listener.pulledImage(agent, image);
      this.#clock.at(readyAtMs, () => this.#changed(agent));
    }
    // Used last, so it is the last to go.
    agent.images.delete(image);
    agent.images.set(image, readyAtMs);
    const [oldest] = agent.images.keys();
    if (agent.images.size > this.#costs.cachedImages) agent.images.delete(oldest);
    return readyAtMs;
  }

  #interfaceReadyAt({ agent, slot }: Container): number {
    const nowMs = this.#clock.nowMs();
    const card = agent.interfaces[slot];
    const { interfaceRebindMs, interfaceSetUpMs, addressMs } = this.#costs;
    if (card.readyAtMs === undefined) {
      const admittedMs = this.#calls.admit(nowMs);
      card.readyAtMs = admittedMs + (card.isRebound ? interfaceRebindMs : interfaceSetUpMs);
      this.#listener.calledForInterface(agent, card.isRebound);
      this.#clock.at(card.readyAtMs, () => this.#changed(agent));
    }
    return Math.max(nowMs, card.readyAtMs) + addressMs;
  }

  #changed(agent: SimulatedAgent): void {
    if (!agent.isLost && this.agents.has(agent.id)) this.#listener.changed(agent);
  }

  #leavePreparation(container: Container): void {
    const { agent } = container;
    const place = agent.waiting.indexOf(container);
    if (place >= 0) agent.waiting.splice(place, 1);
    if (!container.isPreparing) return;
    container.isPreparing = false;
    agent.preparing--;
    this.#prepareNext(agent);
  }

  #end(container: Container, reason: NonNullable<AgentStatus['reason']>, exitCode: number): void {
    const { agent, taskId } = container;
    this.#leavePreparation(container);
    this.#free(container);
    container.stage = 'ended';
    this.#say(container, { state: 'finished', reason, exitCode }, () => {
      if (agent.containers.get(taskId) === container) agent.containers.delete(taskId);
    });
  }

  /** Gives the address back, once. */
  #free({ agent, slot, stage }: Container): void {
    if (stage !== 'ended') agent.interfaces[slot].addresses--;
  }

  #say({ taskId, agent }: Container, status: AgentStatus, taken: () => void = () => undefined): void {
    this.#listener.said(taskId, agent, status, taken);
  }
}
