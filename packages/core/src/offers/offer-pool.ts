/**
 * Resource offers (leases) as the supply of a `Scheduler`, beside agents that are known as a whole: an agent can be
 * used as far as it was offered. Every offer given to `add` is refused, or held until it goes exactly one way: it
 * is handed over with tasks, given back, or rescinded. The semantics follow Fenzo's leases; docs/offers.md lists
 * where they differ.
 */
import { fail, StowageError } from '../errors.ts';
import type { Scheduler } from '../scheduler.ts';
import { messageOf, show } from '../support/show.ts';
import { parseTask, text } from '../resources/specs.ts';
import type { TaskSpec } from '../tasks/task-spec.ts';
import { AgentLink } from './agent-link.ts';
import type { AgentOffers } from './agent-offers.ts';
import type { Deadline } from './deadlines.ts';
import { GiveBackLimit } from './give-back-limit.ts';
import { type NewPlacement, planHandOver } from './hand-over-plan.ts';
import type { Values } from './lane-pool.ts';
import { namedValues } from './named-values.ts';
import type { Offer, OfferedValues, TakenPart, TaskHolding, UnusablePart } from './offer.ts';
import { OfferBook, type OfferCounts } from './offer-book.ts';
import { offerRules, type ParsedOffer } from './offer-parser.ts';
import { numericOptions, type OfferPoolOptions } from './offer-pool-options.ts';
import type { AddedOffers, GivenBack, HandOver, RefusedOffer, RescindedOffer } from './offer-results.ts';

/**
 * Holds offers and keeps the agents of a scheduler in step with them.
 *
 * While a pool is used, tasks on its agents are released through it. Its methods are not for use inside a
 * transaction or a plug-in (`TRANSACTION_OPEN`, `REENTRANT_CALL`). Times are milliseconds of one clock; when it goes
 * backwards, nothing expires and no limit is lifted until it has caught up.
 *
 * @example
 * ```ts
 * const pool = new OfferPool(scheduler, { roles: ['web'] });
 * const { refused } = pool.add(offers, nowMs);
 * const { placements } = scheduler.schedule(tasks);
 * for (const { offers, tasks } of pool.handOver(placements)) launch(offers, tasks);
 * for (const { offers } of pool.expire(nowMs)) decline(offers);
 * ```
 * @public
 */
export class OfferPool {
  readonly #scheduler: Scheduler;
  readonly #book: OfferBook;
  readonly #link: AgentLink;
  readonly #limit: GiveBackLimit;
  readonly #gates: NonNullable<OfferPoolOptions['gates']>;
  readonly #maxAgeMs: number;
  readonly #singleOffer: boolean;

  /** @throws StowageError INVALID_SPEC */
  constructor(scheduler: Scheduler, options: OfferPoolOptions = {}) {
    const { roles, resourceFor, describeAgent = () => ({}), singleOffer = false } = options;
    const { maxAgeMs, maxAgentsPerWindow, windowMs, ...memory } = numericOptions(options);
    if (typeof describeAgent !== 'function')
      fail('INVALID_SPEC', `describeAgent is ${show(describeAgent)}; give a function.`);
    const rules = offerRules(scheduler.engine.schema, roles, resourceFor);
    this.#scheduler = scheduler;
    this.#book = new OfferBook({ rules, singleOffer, ...memory });
    this.#link = new AgentLink(scheduler, describeAgent);
    this.#limit = new GiveBackLimit(maxAgentsPerWindow, windowMs);
    this.#gates = options.gates ?? scheduler.gates;
    this.#maxAgeMs = maxAgeMs;
    this.#singleOffer = singleOffer;
  }

  /** Where all offers are that were ever given to `add`. */
  get counts(): OfferCounts {
    return this.#book.counts;
  }

  /**
   * Takes offers in; each is judged on its own. Agents that the scheduler lacks are added to it; an agent that it has
   * is from its first offer on used only as far as it is offered, and its tasks count as running.
   * @throws StowageError INVALID_SPEC unless given a list and a finite time
   */
  add(offers: readonly Offer[], nowMs: number): AddedOffers {
    this.#begin(nowMs);
    const given: unknown = offers;
    if (!Array.isArray(given)) fail('INVALID_SPEC', `the offers are ${show(given)}; give a list.`);
    const readings = offers.map((offer) => ({ offer, parsed: this.#book.read(offer) }));
    const accepted: Offer[] = [];
    const refused: RefusedOffer[] = [];
    const unusable: UnusablePart[] = [];
    const turnedAway: { readonly parsed: ParsedOffer; readonly reason: GivenBack['reason'] }[] = [];
    const takenBack: string[] = [];
    for (const { offer, parsed } of readings) {
      try {
        if (parsed instanceof StowageError) throw parsed;
        this.#book.requireWanted(parsed, nowMs);
        const reason = this.#closedBecause(parsed.agent, parsed.attributes, nowMs);
        if (reason !== undefined) {
          this.#book.turnAway();
          turnedAway.push({ parsed, reason });
          continue;
        }
        takenBack.push(...this.#hold(parsed));
        accepted.push(offer);
        unusable.push(...parsed.unusable);
      } catch (error) {
        if (!(error instanceof StowageError)) throw error;
        this.#book.refuse();
        refused.push({ offer, error });
      }
    }
    return { accepted, refused, givenBack: byAgent(turnedAway), unusable, takenBack };
  }

  /**
   * Takes back an offer that was rescinded, or refuses it when it comes: the id is remembered for `rescindMemoryMs`.
   * @throws StowageError INVALID_SPEC
   */
  rescind(offerId: string, nowMs: number): RescindedOffer {
    this.#begin(nowMs);
    this.#book.rememberRescinded(text(offerId, 'offer id'), nowMs);
    const agent = this.#book.holderOf(offerId);
    if (agent === undefined) return { offer: undefined, takenBack: [] };
    const [offer] = this.#book.remove(agent, [offerId], 'rescinded');
    return { offer, takenBack: this.#link.settle(agent) };
  }

  /**
   * Gives back what is too old: all offers of an agent as soon as one of them is, oldest first, at most
   * `maxAgentsPerWindow` agents within any `windowMs`. Agents with tasks that wait for their hand-over are left
   * alone. Nothing expires in single-offer mode. O(agents given back or left alone · log agents).
   * @throws StowageError INVALID_SPEC
   */
  expire(nowMs: number): GivenBack[] {
    this.#begin(nowMs);
    const expired: GivenBack[] = [];
    const leftAlone: Deadline[] = [];
    while (!this.#singleOffer && this.#limit.allows(nowMs)) {
      const oldest = this.#book.oldest();
      if (oldest === undefined || nowMs - oldest.atMs < this.#maxAgeMs) break;
      const agent = this.#book.find(oldest.key)!;
      if (this.#link.isWaiting(agent)) {
        this.#book.setAside(oldest);
        leftAlone.push(oldest);
      } else {
        this.#limit.count(nowMs);
        expired.push(this.#giveBack(agent, 'expired'));
      }
    }
    for (const oldest of leftAlone) this.#book.restore(oldest);
    return expired;
  }

  /** Gives back all offers, for example after a new registration, which voids them; oldest first. */
  expireAll(): GivenBack[] {
    this.#link.requireIdle();
    const expired: GivenBack[] = [];
    for (let next = this.#book.oldest(); next !== undefined; next = this.#book.oldest())
      expired.push(this.#giveBack(this.#book.find(next.key)!, 'requested'));
    return expired;
  }

  /** Gives back all offers of an agent; undefined when it has none. */
  expireAgent(agentId: string): GivenBack | undefined {
    this.#link.requireIdle();
    const agent = this.#book.find(agentId);
    return agent === undefined || agent.held.size === 0 ? undefined : this.#giveBack(agent, 'requested');
  }

  /**
   * Gives back the offers of agents that the gates refuse now; to be called when gates were changed. O(agents).
   * @throws StowageError INVALID_SPEC
   */
  expireClosed(nowMs: number): GivenBack[] {
    this.#begin(nowMs);
    const closed: [AgentOffers, GivenBack['reason']][] = [];
    for (const agent of this.#book.agents()) {
      const reason = agent.held.size === 0 ? undefined : this.#closedBecause(agent.agent, undefined, nowMs);
      if (reason !== undefined) closed.push([agent, reason]);
    }
    return closed.map(([agent, reason]) => this.#giveBack(agent, reason));
  }

  /**
   * Hands all offers of every agent that got tasks over to the framework, which is to launch the tasks with them;
   * what is left of them comes back as a new offer. In single-offer mode the offer is named, and stays. Placements
   * on agents that were never offered are passed over.
   * @param placements - all tasks placed on these agents since their last hand-over
   * @param values - concrete values that tasks must get, by task; the others get the lowest free ones
   * @returns one entry per agent, in the order of the placements
   * @throws StowageError UNKNOWN_TASK, ALREADY_HANDED_OVER, INCOMPLETE_HAND_OVER, UNAVAILABLE_VALUES, INVALID_OFFER
   * for malformed values; then nothing has changed
   */
  handOver(
    placements: readonly NewPlacement[],
    values: Readonly<Record<string, OfferedValues>> = {},
  ): HandOver[] {
    this.#link.requireIdle();
    const plan = planHandOver(this.#scheduler, this.#book, this.#link, placements, values);
    return [...plan].map(([agent, tasks]) => {
      const handed = tasks.map(({ task, demand }) => {
        const parts = agent.launch(task, demand);
        return { task, parts, values: agent.valuesOf(task) };
      });
      const offers = this.#singleOffer
        ? [...agent.held.values()].map(({ offer }) => offer)
        : this.#book.removeAll(agent, 'handedOver');
      this.#link.settle(agent);
      return { agent: agent.agent, offers, tasks: handed };
    });
  }

  /**
   * Books a task that runs on an agent already, for example after a restart; the agent need not be known. In
   * single-offer mode it uses what its agent is offered, else it runs on what was offered before.
   * @returns new tasks that had to give way, in single-offer mode
   * @throws StowageError as `Scheduler.adopt`, UNAVAILABLE_VALUES when another task has a value; then nothing has changed
   */
  adopt(
    task: TaskSpec,
    agentId: string,
    holding: TaskHolding = {},
  ): { readonly takenBack: readonly string[] } {
    this.#link.requireIdle();
    text(agentId, 'agent id');
    const id = text((task as TaskSpec | undefined)?.id, 'task id');
    const demand = parseTask(this.#scheduler.engine.schema, task, `task "${id}"`).scalars;
    const values = namedValues(holding.values ?? {}, `values of task "${id}"`);
    if (this.#scheduler.agentOf(id) !== undefined)
      fail('DUPLICATE_TASK', `task "${id}" is placed already; release it first or use another id.`);
    const isNew = this.#book.find(agentId) === undefined;
    const agent = this.#book.open(agentId);
    this.#scheduler.begin();
    try {
      this.#link.introduce(agent, undefined, isNew);
      agent.hold(id, values);
      this.#link.makeRoom(agent, demand);
      this.#scheduler.adopt(task, agentId, holding.slots);
      this.#scheduler.commit();
    } catch (error) {
      this.#scheduler.rollback();
      agent.release(id);
      if (isNew) this.#book.close(agentId);
      throw error;
    }
    if (this.#singleOffer) agent.launch(id, demand);
    else agent.enter(id, demand);
    return { takenBack: this.#link.settle(agent) };
  }

  /**
   * Takes a task off its agent. What it used is free at once if its offers were not handed over yet, and in
   * single-offer mode; else it comes back as a new offer, and until then the agent has less.
   * @throws StowageError UNKNOWN_TASK
   */
  release(taskId: string): void {
    this.#link.requireIdle();
    const agentId = this.#scheduler.agentOf(taskId);
    this.#scheduler.release(taskId);
    const agent = this.#book.find(agentId!);
    if (agent === undefined) return;
    agent.forget(taskId);
    this.#link.settle(agent);
  }

  /**
   * Forgets tasks that were taken off their agents past the pool, for example within a transaction. O(tasks).
   * @returns their ids, and new tasks that were placed on what they left behind
   */
  reconcile(): { readonly forgotten: readonly string[]; readonly takenBack: readonly string[] } {
    this.#link.requireIdle();
    const forgotten: string[] = [];
    const takenBack: string[] = [];
    for (const agent of this.#book.agents()) {
      const gone = [...agent.tasks.keys()].filter((task) => this.#scheduler.agentOf(task) !== agent.agent);
      for (const task of gone) agent.forget(task);
      forgotten.push(...gone);
      if (gone.length > 0) takenBack.push(...this.#link.settle(agent));
    }
    return { forgotten, takenBack };
  }

  /**
   * Removes agents without offers and tasks from the pool and from the scheduler; their next offer adds them again.
   * O(agents · tasks) at worst.
   * @returns their ids
   */
  purge(): string[] {
    this.#link.requireIdle();
    const idle = this.#book.agents().filter(({ held, tasks }) => held.size === 0 && tasks.size === 0);
    const removed = idle.map(({ agent }) => agent).filter((agentId) => this.#link.remove(agentId));
    for (const agentId of removed) this.#book.close(agentId);
    return removed;
  }

  /** Offers held of an agent, in the order of arrival. */
  offersOf(agentId: string): Offer[] {
    return [...(this.#book.find(agentId)?.held.values() ?? [])].map(({ offer }) => offer);
  }

  /** Parts of the offers held of an agent that no task can use. */
  unusable(agentId: string): UnusablePart[] {
    return [...(this.#book.find(agentId)?.held.values() ?? [])].flatMap((offer) => offer.unusable);
  }

  /**
   * Free values of an agent by offered name, ascending: those of its offers that no task has, tasks that wait for
   * their hand-over left out of account.
   */
  freeValues(agentId: string, name: string): Values {
    const agent = this.#book.find(agentId);
    return {
      ranges: agent?.freeValues('ranges', name).ranges ?? [],
      items: agent?.freeValues('set', name).items ?? [],
    };
  }

  /** Concrete values of a task by offered name, ascending; empty before its hand-over. */
  valuesOf(taskId: string): Record<string, (number | string)[]> {
    return this.#agentWith(taskId)?.valuesOf(taskId) ?? {};
  }

  /** What a task took from offers, undefined before its hand-over. */
  partsOf(taskId: string): readonly TakenPart[] | undefined {
    return this.#agentWith(taskId)?.tasks.get(taskId)?.parts;
  }

  #agentWith(taskId: string): AgentOffers | undefined {
    return this.#book.find(this.#scheduler.agentOf(taskId) ?? '');
  }

  #hold(parsed: ParsedOffer): string[] {
    const { agent: agentId, attributes } = parsed;
    this.#book.requireRoom(parsed, this.#link.usage(agentId));
    const isNew = this.#book.find(agentId) === undefined;
    try {
      this.#link.introduce(this.#book.open(agentId), attributes, isNew);
    } catch (error) {
      if (isNew) this.#book.close(agentId);
      throw error;
    }
    return this.#link.settle(this.#book.hold(parsed));
  }

  #giveBack(agent: AgentOffers, reason: GivenBack['reason']): GivenBack {
    const offers = this.#book.removeAll(agent, 'givenBack');
    return { agent: agent.agent, offers, reason, takenBack: this.#link.settle(agent) };
  }

  #closedBecause(
    agentId: string,
    attributes: ParsedOffer['attributes'],
    nowMs: number,
  ): GivenBack['reason'] | undefined {
    const known = attributes ?? this.#book.find(agentId)?.attributes ?? {};
    try {
      return this.#gates.reasonFor(agentId, known, nowMs)?.code;
    } catch (error) {
      const message = `the gates threw for agent "${agentId}": ${messageOf(error)}; mend them.`;
      throw new StowageError('PLUGIN_FAILED', message, error);
    }
  }

  #begin(nowMs: number): void {
    this.#link.requireIdle();
    if (!Number.isFinite(nowMs)) fail('INVALID_SPEC', `nowMs is ${show(nowMs)}; give milliseconds.`);
  }
}

function byAgent(
  turnedAway: readonly { readonly parsed: ParsedOffer; readonly reason: GivenBack['reason'] }[],
): GivenBack[] {
  const groups = new Map<string, { offers: Offer[]; reason: GivenBack['reason'] }>();
  for (const { parsed, reason } of turnedAway) {
    const key = `${reason}:${parsed.agent}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { offers: [parsed.offer], reason });
    else group.offers.push(parsed.offer);
  }
  return [...groups].map(([key, { offers, reason }]) => ({
    agent: key.slice(reason.length + 1),
    offers,
    reason,
    takenBack: [],
  }));
}
