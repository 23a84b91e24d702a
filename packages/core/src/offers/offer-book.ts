/**
 * The books of all offers: who holds which, how old they are, which were rescinded before they came, and how many
 * went which way. Knows no scheduler. Invariant: an offer that was ever shown here is refused, or held, or went
 * exactly one way out; `counts` adds up to the number of offers shown.
 */
import { fail, StowageError } from '../errors.ts';
import { MAX_UNITS } from '../resources/quantity.ts';
import { AgentOffers } from './agent-offers.ts';
import { type Deadline, Deadlines } from './deadlines.ts';
import type { Offer } from './offer.ts';
import { failOffer } from './offer-errors.ts';
import { type OfferRules, type ParsedOffer, parseOffer } from './offer-parser.ts';
import { RescindedIds } from './rescinded-ids.ts';

/** Offers by where they are now; together all offers that were ever given to `add`. @public */
export interface OfferCounts {
  readonly held: number;
  /** Gone to the framework with tasks. */
  readonly handedOver: number;
  /** Gone back unused: too old, asked for, or the agent takes no tasks. */
  readonly givenBack: number;
  /** Rescinded while held. */
  readonly rescinded: number;
  /** Never held: malformed, double, rescinded before, not needed. */
  readonly refused: number;
}

/** How offers leave the books. */
export type WayOut = 'handedOver' | 'givenBack' | 'rescinded';

export interface BookOptions {
  readonly rules: OfferRules;
  readonly rescindMemoryMs: number;
  readonly rescindMemorySize: number;
  readonly singleOffer: boolean;
}

export class OfferBook {
  readonly #rules: OfferRules;
  readonly #rescinded: RescindedIds;
  readonly #singleOffer: boolean;
  readonly #agents = new Map<string, AgentOffers>();
  /** Offers held: their agent, and their place in the order of arrival. */
  readonly #held = new Map<string, { readonly agent: AgentOffers; readonly order: number }>();
  /** Agents that hold offers, by their oldest one. */
  readonly #ages = new Deadlines();
  readonly #counts = { handedOver: 0, givenBack: 0, rescinded: 0, refused: 0 };
  #nextOrder = 0;

  constructor({ rules, rescindMemoryMs, rescindMemorySize, singleOffer }: BookOptions) {
    this.#rules = rules;
    this.#rescinded = new RescindedIds(rescindMemoryMs, rescindMemorySize);
    this.#singleOffer = singleOffer;
  }

  get counts(): OfferCounts {
    return { held: this.#held.size, ...this.#counts };
  }

  /** Agents in the books, whether they hold offers or not. */
  agents(): AgentOffers[] {
    return [...this.#agents.values()];
  }

  find(agentId: string): AgentOffers | undefined {
    return this.#agents.get(agentId);
  }

  holderOf(offerId: string): AgentOffers | undefined {
    return this.#held.get(offerId)?.agent;
  }

  open(agentId: string): AgentOffers {
    const known = this.#agents.get(agentId);
    if (known !== undefined) return known;
    const agent = new AgentOffers(agentId, this.#rules.schema);
    this.#agents.set(agentId, agent);
    return agent;
  }

  /** Forgets an agent that holds no offers. */
  close(agentId: string): void {
    this.#agents.delete(agentId);
  }

  /** The offer in units, or why it is refused. */
  read(offer: Offer): ParsedOffer | StowageError {
    try {
      return parseOffer(offer, this.#rules);
    } catch (error) {
      if (error instanceof StowageError) return error;
      throw error;
    }
  }

  /** @throws StowageError DUPLICATE_OFFER, OFFER_RESCINDED, SECOND_OFFER */
  requireWanted({ id, agent }: ParsedOffer, nowMs: number): void {
    const holder = this.holderOf(id);
    if (holder !== undefined)
      failOffer('DUPLICATE_OFFER', `offer "${id}" of agent "${holder.agent}" is held; do not decline it.`);
    if (this.#rescinded.has(id, nowMs))
      failOffer('OFFER_RESCINDED', `offer "${id}" was rescinded before it came; wait for another.`);
    if (this.#singleOffer && (this.find(agent)?.held.size ?? 0) > 0)
      failOffer('SECOND_OFFER', `agent "${agent}" has its one offer; decline "${id}".`);
  }

  /**
   * @param usage - units booked on the agent, by resource
   * @throws StowageError QUANTITY_OVERFLOW
   */
  requireRoom({ id, agent: agentId, parts }: ParsedOffer, usage: readonly number[]): void {
    const agent = this.find(agentId);
    this.#rules.schema.scalars.forEach(({ name, index }) => {
      let units = Math.max(usage[index], agent?.total(index) ?? 0);
      for (const part of parts) if (part.resource === index) units += part.units;
      if (units > MAX_UNITS) {
        fail(
          'QUANTITY_OVERFLOW',
          `agent "${agentId}" would have ${units} units of ${name} with offer "${id}"; the largest is ${MAX_UNITS}.`,
        );
      }
    });
  }

  /** Takes an offer in that passed the checks above. */
  hold(parsed: ParsedOffer): AgentOffers {
    const agent = this.open(parsed.agent);
    agent.add(parsed);
    if (this.#singleOffer) agent.serveAgain();
    this.#held.set(parsed.id, { agent, order: this.#nextOrder++ });
    this.#noteAge(agent);
    return agent;
  }

  refuse(): void {
    this.#counts.refused++;
  }

  /** Counts an offer that is given back without ever being held. */
  turnAway(): void {
    this.#counts.givenBack++;
  }

  /** Lets an offer that has not come yet be refused when it comes. */
  rememberRescinded(offerId: string, nowMs: number): void {
    this.#rescinded.remember(offerId, nowMs);
  }

  /** Takes out offers of an agent. */
  remove(agent: AgentOffers, offerIds: Iterable<string>, way: WayOut): Offer[] {
    const offers = [...offerIds].map((id) => {
      this.#held.delete(id);
      this.#counts[way]++;
      return agent.remove(id).offer;
    });
    this.#noteAge(agent);
    return offers;
  }

  /** Takes out all offers of an agent, in the order of arrival. */
  removeAll(agent: AgentOffers, way: WayOut): Offer[] {
    return this.remove(agent, agent.held.keys(), way);
  }

  /** The agent that holds the oldest offer; ties: the offer that came first. */
  oldest(): Deadline | undefined {
    return this.#ages.first();
  }

  /** Leaves an agent out of `oldest` until `restore`. */
  setAside({ key }: Deadline): void {
    this.#ages.delete(key);
  }

  restore({ key, atMs, order }: Deadline): void {
    this.#ages.set(key, atMs, order);
  }

  /** O(offers of the agent). */
  #noteAge(agent: AgentOffers): void {
    let oldest: ParsedOffer | undefined;
    for (const offer of agent.held.values()) {
      if (oldest === undefined || offer.offeredAtMs < oldest.offeredAtMs) oldest = offer;
    }
    if (oldest === undefined) this.#ages.delete(agent.agent);
    else this.#ages.set(agent.agent, oldest.offeredAtMs, this.#held.get(oldest.id)!.order);
  }
}
