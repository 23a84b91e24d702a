/**
 * When to fill a structure that is empty or lags behind: the ski-rental rule. Go on without until what it would have
 * saved exceeds what filling costs; what is spent then is at most twice the best in hindsight (Karlin et al., 1988), or a
 * third more than the best where little can be saved.
 */

/** Keeps the sum a small integer, which costs nothing to write. */
const MOST_NS = 1e9;

/**
 * A saving of less than 1 / 2² of the cost without does not count: estimates are hardly better than that, and filling one
 * tree after the other would go on for long for little.
 */
const LEAST_SAVING_SHIFT = 2;

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
    const savingNs = otherNs - steadyNs;
    const counts = savingNs < 0 || savingNs >= otherNs >> LEAST_SAVING_SHIFT;
    const saved = counts ? rented.savedNs + savingNs * decisions : rented.savedNs;
    rented.savedNs = Math.max(0, Math.min(saved, MOST_NS)) | 0;
    if (rented.savedNs < Math.min(nowNs, MOST_NS)) return false;
  }
  rented.savedNs = 0;
  return true;
}
