/**
 * How preferences that count something rate it: the first one counts most, and no number of them counts for nothing.
 */
import { SOFT_SCALE } from '@stowage/core';

/** 1 / (1 + count) of `SOFT_SCALE`, rounded down: strictly decreasing up to a count of 1023. */
export function diminishing(count: number): number {
  return Math.floor(SOFT_SCALE / (1 + count));
}
