/**
 * Keeps the agents of a `Scheduler` in step with the books of offers. The engine knows totals only: an agent has
 * what the tasks in the books demand plus what is offered and not taken. New tasks, placed since the last
 * hand-over, use the latter; when it shrinks under them, they are taken back.
 */
import { StowageError, fail } from '../errors.ts';
import type { Scheduler } from '../scheduler.ts';
import { messageOf } from '../support/show.ts';
import type { SlotCapacity } from '../resources/specs.ts';
import type { Taint } from '../agents/taints.ts';
import type { AgentOffers } from './agent-offers.ts';

/** What offers do not say about an agent. @public */
export interface AgentExtras {
  /** Two-level resources by name. */
  readonly slots?: Readonly<Record<string, SlotCapacity>>;
  readonly taints?: readonly Taint[];
}

/** What follows from an agent's attributes. @public */
export type DescribeAgent = (agentId: string, attributes: Readonly<Record<string, string>>) => AgentExtras;

/** The description that the scheduler has of an agent. */
interface Applied {
  readonly key: string;
  readonly slots: Readonly<Record<string, SlotCapacity>>;
}

export class AgentLink {
  readonly #scheduler: Scheduler;
  readonly #describe: DescribeAgent;
  readonly #applied = new Map<string, Applied>();

  constructor(scheduler: Scheduler, describe: DescribeAgent) {
    this.#scheduler = scheduler;
    this.#describe = describe;
  }

  /** @throws StowageError TRANSACTION_OPEN, REENTRANT_CALL */
  requireIdle(): void {
    if (this.#scheduler.engine.transactionDepth > 0)
      fail('TRANSACTION_OPEN', 'offers cannot be handled inside a transaction; commit or roll back first.');
    this.#scheduler.whatIf(() => undefined);
  }

  /**
   * Adds an agent that the scheduler lacks, or gives it other attributes; totals are left to `settle`. Tasks that
   * the scheduler has on an agent new in the books are entered as running.
   * @param attributes - undefined = those that it has
   * @throws StowageError PLUGIN_FAILED, and those of `Scheduler.addAgent` and `updateAgent`; then nothing has changed
   */
  introduce(
    agent: AgentOffers,
    attributes: Readonly<Record<string, string>> | undefined,
    isNewInBooks: boolean,
  ): void {
    const id = agent.agent;
    const isKnown = this.#scheduler.hasAgent(id);
    if (!isKnown || attributes !== undefined)
      this.#describeTo(agent, attributes ?? agent.attributes, isKnown);
    if (!isKnown || !isNewInBooks) return;
    for (const task of this.#scheduler.tasksOn(id)) agent.enter(task, this.demandOf(task));
  }

  /** Removes an agent without tasks. @returns whether it is gone */
  remove(agentId: string): boolean {
    if (this.#scheduler.hasAgent(agentId)) {
      if (this.#scheduler.tasksOn(agentId).length > 0) return false;
      this.#scheduler.removeAgent(agentId);
    }
    this.#applied.delete(agentId);
    return true;
  }

  /**
   * Gives the scheduler the totals of the books.
   * @returns new tasks that had to be taken back, the one placed on the highest handle first
   */
  settle(agent: AgentOffers): string[] {
    if (!this.#scheduler.hasAgent(agent.agent)) return [];
    const totals = this.#totals(agent);
    const takenBack: string[] = [];
    if (this.#isOver(agent, totals)) {
      for (const task of this.newTasks(agent).reverse()) {
        const usage = this.usage(agent.agent);
        if (!this.demandOf(task).some((units, r) => units > 0 && usage[r] > totals[r])) continue;
        this.#scheduler.release(task);
        takenBack.push(task);
      }
    }
    this.#resize(agent.agent, totals);
    return takenBack;
  }

  /** Makes room for a task that runs on an agent, whatever is offered there. */
  makeRoom(agent: AgentOffers, demand: Int32Array): void {
    const usage = this.usage(agent.agent);
    const totals = this.#totals(agent);
    demand.forEach((units, r) => (totals[r] = Math.max(totals[r], usage[r] + units)));
    this.#resize(agent.agent, totals);
  }

  /** Units booked on an agent, by resource; 0 where there is no such agent. */
  usage(agentId: string): number[] {
    const { scalars } = this.#scheduler.engine.schema;
    if (!this.#scheduler.hasAgent(agentId)) return scalars.map(() => 0);
    const usage = this.#scheduler.usageOn(agentId);
    return scalars.map(({ name, unitsPerWhole }) => Math.round(usage[name] * unitsPerWhole));
  }

  /** Units that a placed task has booked: what its agent would have more without it. O(resources). */
  demandOf(task: string): Int32Array {
    const agent = this.#scheduler.agentOf(task)!;
    const before = this.usage(agent);
    const after = this.#scheduler.whatIf(() => {
      this.#scheduler.release(task);
      return this.usage(agent);
    });
    return Int32Array.from(before, (units, r) => units - after[r]);
  }

  /** Whether an agent has new tasks that demand something. O(resources). */
  isWaiting(agent: AgentOffers): boolean {
    return this.usage(agent.agent).some((units, r) => units > agent.inUse[r]);
  }

  /** Tasks placed on an agent since its last hand-over. O(tasks). */
  newTasks(agent: AgentOffers): string[] {
    if (!this.#scheduler.hasAgent(agent.agent)) return [];
    return this.#scheduler.tasksOn(agent.agent).filter((task) => !agent.tasks.has(task));
  }

  #describeTo(agent: AgentOffers, attributes: Readonly<Record<string, string>>, isKnown: boolean): void {
    const id = agent.agent;
    const { slots, taints, key } = this.#extrasOf(id, attributes);
    const applied = this.#applied.get(id);
    if (!isKnown) {
      this.#scheduler.addAgent({ id, attributes, taints, resources: { ...slots } });
      this.#applied.set(id, { key, slots });
    } else if (applied?.key !== key) {
      const kept = this.#update(agent, attributes, taints, slots, applied?.slots);
      this.#applied.set(id, { key: kept === slots ? key : '', slots: kept });
    }
  }

  #extrasOf(
    agentId: string,
    attributes: Readonly<Record<string, string>>,
  ): Required<AgentExtras> & { readonly key: string } {
    try {
      const { slots = {}, taints = [] } = this.#describe(agentId, attributes);
      return { slots, taints, key: JSON.stringify([attributes, slots, taints]) };
    } catch (error) {
      const message = `describeAgent threw for "${agentId}": ${messageOf(error)}; mend it.`;
      throw new StowageError('PLUGIN_FAILED', message, error);
    }
  }

  /** Slots cannot change under tasks; those applied before then stay. @returns the slots in effect */
  #update(
    agent: AgentOffers,
    attributes: Readonly<Record<string, string>>,
    taints: readonly Taint[],
    slots: Applied['slots'],
    appliedSlots: Applied['slots'] | undefined,
  ): Applied['slots'] {
    const { scalars } = this.#scheduler.engine.schema;
    const update = (inEffect: Applied['slots']): Applied['slots'] => {
      this.#scheduler.updateAgent({
        id: agent.agent,
        attributes,
        taints,
        resources: { ...this.#decimals(this.#atLeastUsed(agent.agent, this.#totals(agent))), ...inEffect },
        overcommit: Object.fromEntries(scalars.map(({ name }) => [name, 1])),
      });
      return inEffect;
    };
    try {
      return update(slots);
    } catch (error) {
      const isInUse = error instanceof StowageError && error.code === 'AGENT_IN_USE';
      if (!isInUse || appliedSlots === undefined) throw error;
      return update(appliedSlots);
    }
  }

  #totals(agent: AgentOffers): number[] {
    return this.#scheduler.engine.schema.scalars.map(({ index }) => agent.total(index));
  }

  #isOver(agent: AgentOffers, totals: readonly number[]): boolean {
    return this.usage(agent.agent).some((units, r) => units > totals[r]);
  }

  #resize(agentId: string, totals: readonly number[]): void {
    this.#scheduler.resizeAgent(agentId, this.#decimals(this.#atLeastUsed(agentId, totals)));
  }

  /** The engine refuses totals below what is used, which a caller brings about by going past the pool. */
  #atLeastUsed(agentId: string, totals: readonly number[]): number[] {
    const usage = this.usage(agentId);
    return totals.map((units, r) => Math.max(units, usage[r]));
  }

  #decimals(units: readonly number[]): Record<string, number> {
    const { scalars } = this.#scheduler.engine.schema;
    return Object.fromEntries(scalars.map(({ name, unitsPerWhole }, r) => [name, units[r] / unitsPerWhole]));
  }
}
