/**
 * Titus publishes its scores as decimals between 0 and 1. Here 1.0 is 10^9: decimal, so that 0.7 and 0.01 are
 * integers, and small, so that weighted sums with the loads of real machines stay exact within 53 bits.
 */
export const ONE = 1_000_000_000;

/** A published decimal as a score. */
export function published(decimal: number): number {
  return Math.round(decimal * ONE);
}
