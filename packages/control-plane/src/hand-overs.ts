/**
 * Placements on their way to the hand-over of their offers. Agents are handed over one by one, and what could not be
 * handed over waits for the next cycle, so that one agent in disorder holds up no other.
 */
import type { HandOver, OfferPool, Placement, Scheduler } from '@stowage/core';

export class HandOvers {
  readonly #offers: OfferPool;
  readonly #scheduler: Scheduler;
  #waiting: readonly Placement[] = [];

  constructor(offers: OfferPool, scheduler: Scheduler) {
    this.#offers = offers;
    this.#scheduler = scheduler;
  }

  /**
   * Hands over the offers of every agent with placements, in the order of the placements.
   * @param attempt - does the action for one agent; undefined when it failed, which it has noted
   */
  handOver(
    placements: readonly Placement[],
    attempt: (agent: string, action: () => HandOver[]) => HandOver[] | undefined,
  ): HandOver[] {
    const byAgent = new Map<string, Placement[]>();
    for (const placement of [...this.#waiting, ...placements]) {
      if (this.#scheduler.agentOf(placement.task) !== placement.agent) continue;
      const others = byAgent.get(placement.agent);
      if (others === undefined) byAgent.set(placement.agent, [placement]);
      else others.push(placement);
    }
    const waiting: Placement[] = [];
    const handOvers: HandOver[] = [];
    for (const [agent, tasks] of byAgent) {
      const done = attempt(agent, () => this.#offers.handOver(tasks));
      if (done === undefined) waiting.push(...tasks);
      else handOvers.push(...done);
    }
    this.#waiting = waiting;
    return handOvers;
  }
}
