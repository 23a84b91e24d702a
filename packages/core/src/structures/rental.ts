/**
 * When to fill a structure that is empty or lags behind: the ski-rental rule. Go on without until what it would have
 * saved exceeds what filling costs; what is spent then is at most twice the best in hindsight (Karlin et al., 1988).
 */

/** Keeps the sum a small integer, which costs nothing to write. */
const MOST_NS = 1e9;

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
    const saved = rented.savedNs + (otherNs - steadyNs) * decisions;
    rented.savedNs = Math.max(0, Math.min(saved, MOST_NS)) | 0;
    if (rented.savedNs < nowNs) return false;
  }
  rented.savedNs = 0;
  return true;
}
