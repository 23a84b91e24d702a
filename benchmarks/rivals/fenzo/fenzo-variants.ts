/**
 * How Fenzo takes part: as it comes, and spared a loop over all pairs of hosts that it runs in every call while it
 * may still give an offer back for its age. Then it never does, which is not what its users want, but its best case.
 */
export const FENZO = 'Fenzo';
export const FENZO_WITHOUT_EXPIRY = 'Fenzo, expiry loop off';

export interface FenzoVariant {
  readonly name: string;
  /** For `withMaxOffersToReject`; -1 = not called. */
  readonly maxOffersToReject: number;
}

export const FENZO_VARIANTS: readonly FenzoVariant[] = [
  { name: FENZO, maxOffersToReject: -1 },
  { name: FENZO_WITHOUT_EXPIRY, maxOffersToReject: 0 },
];
