/**
 * Exact comparison of weighted shares: used/total divided by a weight that is itself a ratio of integers. Doubles
 * decide when they differ by more than their rounding can explain; only near ties are multiplied out in big
 * integers. So equal shares are ties whatever the numbers, and the order is total (the filter is that of Shewchuk's
 * adaptive predicates, 1997).
 */

/** Integers; the denominator is above 0. */
export interface Ratio {
  readonly numerator: number;
  readonly denominator: number;
}

/** Six roundings of 2^-53 each at most separate two approximations of equal values. */
const ROUNDING = 2 ** -50;

export const ONE: Ratio = { numerator: 1, denominator: 1 };
const NOTHING: Ratio = { numerator: 0, denominator: 1 };

/** Below 0, 0 or above 0 as a is smaller than, equal to or greater than b. Exact. */
export function compareRatios(a: Ratio, b: Ratio): number {
  const left = a.numerator * b.denominator;
  const right = b.numerator * a.denominator;
  if (left <= Number.MAX_SAFE_INTEGER && right <= Number.MAX_SAFE_INTEGER) return Math.sign(left - right);
  return (
    roughly(left, right) ||
    compareBig(product(a.numerator, b.denominator), product(b.numerator, a.denominator))
  );
}

/**
 * The greatest used/total of all resources with a finite total; a total of 0 counts as one unit. O(resources).
 */
export function dominantRatio(used: Float64Array, totals: Float64Array): Ratio {
  let greatest: Ratio = NOTHING;
  for (let r = 0; r < used.length; r++) {
    if (used[r] === 0 || totals[r] === Infinity) continue;
    const ratio = { numerator: used[r], denominator: Math.max(1, totals[r]) };
    if (compareRatios(ratio, greatest) > 0) greatest = ratio;
  }
  return greatest;
}

/** A weighted dominant share, ready to be compared. */
export interface Share {
  /** Use of the dominant resource over what the tier has of it. */
  readonly dominant: Ratio;
  readonly weight: Ratio;
  /** dominant / weight as a double. */
  readonly approximate: number;
}

export function shareOf(dominant: Ratio, weight: Ratio): Share {
  const approximate = (dominant.numerator / dominant.denominator) * (weight.denominator / weight.numerator);
  return { dominant, weight, approximate };
}

export const NO_SHARE: Share = shareOf(NOTHING, ONE);

/** As `compareRatios`, for shares. Exact. */
export function compareShares(a: Share, b: Share): number {
  const rough = roughly(a.approximate, b.approximate);
  if (rough !== 0 || a.approximate === 0) return rough;
  if (sameRatio(a.dominant, b.dominant) && sameRatio(a.weight, b.weight)) return 0;
  return compareBig(
    product(a.dominant.numerator, a.weight.denominator, b.dominant.denominator, b.weight.numerator),
    product(b.dominant.numerator, b.weight.denominator, a.dominant.denominator, a.weight.numerator),
  );
}

/** The order of two approximations, 0 when their rounding could hide it. */
function roughly(a: number, b: number): number {
  const difference = a - b;
  if (Math.abs(difference) <= ROUNDING * Math.max(a, b)) return 0;
  return difference < 0 ? -1 : 1;
}

function sameRatio(a: Ratio, b: Ratio): boolean {
  return a.numerator === b.numerator && a.denominator === b.denominator;
}

function product(...factors: number[]): bigint {
  return factors.reduce((result, factor) => result * BigInt(factor), 1n);
}

function compareBig(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
