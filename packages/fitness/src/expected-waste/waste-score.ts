/**
 * Expected waste as a score: an exact integer in steps fine enough that nothing which matters is rounded away.
 */

/** Steps of a score per unit (one resource) or per total of an agent (several). */
export const SCORE_STEPS: number = 2 ** 20;

/** Greatest score there can be, of so many units or totals of an agent. */
export function rangeOf(most: number): readonly [number, number] {
  return [-most * SCORE_STEPS, most * SCORE_STEPS];
}
