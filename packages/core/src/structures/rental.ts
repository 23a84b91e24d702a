/**
 * When to fill a structure that is empty or lags behind: the ski-rental rule. Go on without until what it would have
 * saved exceeds what filling costs; what is spent then is at most twice the best in hindsight (Karlin et al., 1988).
 */

/** Keeps the sum a small integer, which costs nothing to write. */
const MOST_NS = 1e9;

/**
 * A structure must save one in so many parts of the cost without, as a power of two: estimates are hardly better than that,
 * and filling one after the other that saves less would go on for long for little.
 */
const LEAST_SAVING_BITS = 2;

/** Something that is rented until it is worthwhile to have it. */
export interface Rented {
  /** What the structure would have saved since it was last worthwhile, in ns; at first 0. */
  savedNs: number;
}

/**
 * Whether to use the structure for the decision at hand.
 * @param nowNs - what that costs, filling included
 * @param steadyNs - what it would cost, had it been used the last time too
 * @param otherNs - what the decision costs without
 * @param decisions - made like this one since it was last asked, this one included
 */
export function isWorthwhile(
  rented: Rented,
  nowNs: number,
  steadyNs: number,
  otherNs: number,
  decisions: number,
): boolean {
  if (nowNs > otherNs) {
    const saved = rented.savedNs + (otherNs - (otherNs >> LEAST_SAVING_BITS) - steadyNs) * decisions;
    rented.savedNs = Math.max(0, Math.min(saved, MOST_NS)) | 0;
    if (rented.savedNs < nowNs) return false;
  }
  rented.savedNs = 0;
  return true;
}
