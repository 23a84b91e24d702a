/**
 * Agent gates in the service of a scheduler: every change is carried over to the agents that are known, and undone
 * with the transaction it was made in.
 */
import { AgentGates, type AgentGatesState, type GateReason } from './agent-gates.ts';

/** What the keeper needs of the scheduler. */
interface GatedAgents {
  /** Ids of the agents that are known. */
  ids(): Iterable<string>;
  has(agentId: string): boolean;
  attributesOf(agentId: string): Readonly<Record<string, string>>;
  nowMs(): number;
  /** Refuses to be called by a plug-in that is being asked. @throws StowageError REENTRANT_CALL */
  requireIdle(): void;
  /** Opens or closes an agent for new tasks. */
  close(agentId: string, closed: boolean): void;
}

export class GateKeeper {
  readonly #agents: GatedAgents;
  #gates = new AgentGates();
  /** Per open transaction the gates at its beginning; undefined while it has changed nothing. */
  readonly #saved: (AgentGatesState | undefined)[] = [];

  constructor(agents: GatedAgents) {
    this.#agents = agents;
  }

  /** Why a known agent takes no new tasks now; undefined when it does. */
  reasonNow(agentId: string): GateReason | undefined {
    return this.reasonFor(agentId, this.#agents.attributesOf(agentId), this.#agents.nowMs());
  }

  /** As `AgentGates.reasonFor`. */
  reasonFor(
    agentId: string,
    attributes: Readonly<Record<string, string>>,
    nowMs: number,
  ): GateReason | undefined {
    return this.#gates.reasonFor(agentId, attributes, nowMs);
  }

  disable(agentId: string, untilMs: number): void {
    this.#change(() => this.#gates.disable(agentId, untilMs));
    this.apply(agentId);
  }

  enable(agentId: string): void {
    this.#change(() => this.#gates.enable(agentId));
    this.apply(agentId);
  }

  drain(agentId: string, draining: boolean): void {
    this.#change(() => this.#gates.drain(agentId, draining));
    this.apply(agentId);
  }

  setActiveGroups(attribute: string, groups: readonly string[] | undefined): void {
    this.#change(() => this.#gates.setActiveGroups(attribute, groups));
    for (const id of this.#agents.ids()) this.apply(id);
  }

  /** Opens the agents whose time has come. Not inside a transaction. */
  advance(): void {
    for (const id of this.#gates.advance(this.#agents.nowMs())) this.apply(id);
  }

  /** Opens or closes an agent as the gates say, if it is known. */
  apply(agentId: string): void {
    if (this.#agents.has(agentId)) this.#agents.close(agentId, this.reasonNow(agentId) !== undefined);
  }

  begin(): void {
    this.#saved.push(undefined);
  }

  commit(): void {
    const saved = this.#saved.pop();
    const outer = this.#saved.length - 1;
    if (outer >= 0) this.#saved[outer] ??= saved;
  }

  /** Restores the gates; the agents themselves were rolled back by the engine. */
  rollback(): void {
    const saved = this.#saved.pop();
    if (saved !== undefined) this.#gates = AgentGates.from(saved);
  }

  state(): AgentGatesState {
    return this.#gates.state();
  }

  /** @throws StowageError INVALID_SPEC */
  restore(state: AgentGatesState): void {
    this.#gates = AgentGates.from(state);
  }

  #change(change: () => void): void {
    this.#agents.requireIdle();
    const top = this.#saved.length - 1;
    const before = top >= 0 && this.#saved[top] === undefined ? this.#gates.state() : undefined;
    change();
    if (before !== undefined) this.#saved[top] = before;
  }
}
