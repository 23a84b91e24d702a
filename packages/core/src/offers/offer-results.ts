/**
 * What the operations of an `OfferPool` report. Offers in results are the objects that the caller gave. `takenBack`
 * names tasks that were placed since the last hand-over and lost what they were placed on: they are released and
 * may be scheduled again.
 */
import type { GateReason } from '../agents/agent-gates.ts';
import type { StowageError } from '../errors.ts';
import type { Offer, TakenPart, UnusablePart } from './offer.ts';

/** @public */
export interface RefusedOffer {
  readonly offer: Offer;
  /**
   * `DUPLICATE_OFFER` and `OFFER_RESCINDED` need no answer; an offer that is refused for another reason is still to
   * be declined, or nobody can use it.
   */
  readonly error: StowageError;
}

/** Offers of one agent that were not used. @public */
export interface GivenBack {
  readonly agent: string;
  /** In the order of arrival. */
  readonly offers: readonly Offer[];
  readonly reason: 'expired' | 'requested' | GateReason['code'];
  readonly takenBack: readonly string[];
}

/** @public */
export interface AddedOffers {
  readonly accepted: readonly Offer[];
  readonly refused: readonly RefusedOffer[];
  /** Offers of agents that take no new tasks, by agent. */
  readonly givenBack: readonly GivenBack[];
  /** Parts of accepted offers that no task can use; they go where their offer goes. */
  readonly unusable: readonly UnusablePart[];
  readonly takenBack: readonly string[];
}

/** A task that leaves with offers. @public */
export interface HandedTask {
  readonly task: string;
  /** What it takes from the offers, by resource of the engine, in the order of consumption. */
  readonly parts: readonly TakenPart[];
  /** Its concrete values by offered name: `{ ports: [31000, 31001] }`. */
  readonly values: Readonly<Record<string, readonly (number | string)[]>>;
}

/** The offers of one agent with the tasks to launch on them. @public */
export interface HandOver {
  readonly agent: string;
  /** All offers of the agent, in the order of arrival. */
  readonly offers: readonly Offer[];
  /** In the order of the placements given. */
  readonly tasks: readonly HandedTask[];
}

/** @public */
export interface RescindedOffer {
  /** Undefined when the offer was not held. */
  readonly offer: Offer | undefined;
  readonly takenBack: readonly string[];
}
