/**
 * The codes of the offer model, beside those of the engine: one table, checked against `docs/errors.md`. A
 * refused offer carries one of them, or a quantity code of the engine.
 */
import { StowageError } from '../errors.ts';

/**
 * Codes of the offer model, each with the situation it reports.
 * @public
 */
export const OFFER_ERRORS = {
  INVALID_OFFER: 'An offer has a missing or ill-typed field, or a malformed range.',
  DUPLICATE_OFFER: 'An offer with this id is held already.',
  OFFER_RESCINDED: 'The offer was rescinded before it arrived.',
  SECOND_OFFER: 'The agent has its one offer already, in single-offer mode.',
  UNKNOWN_ROLE: 'A resource is reserved for a role that the framework does not have.',
  UNAVAILABLE_VALUES: 'Values asked for, such as ports, are not offered or belong to another task.',
  INCOMPLETE_HAND_OVER: 'New tasks of an agent are missing from the hand-over of its offers.',
  ALREADY_HANDED_OVER: 'The offers behind a task were handed over before.',
} as const;

/** @public */
export type OfferErrorCode = keyof typeof OFFER_ERRORS;

/** Throws an error of the offer model. */
export function failOffer(code: OfferErrorCode, message: string, cause?: unknown): never {
  throw new StowageError(code, message, cause);
}
