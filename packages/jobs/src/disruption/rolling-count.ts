/**
 * How many evictions fall into a window that ends now. Exact: moments are kept, not buckets, so no window of the length
 * ever holds more than its limit, wherever it begins. Costs one entry per moment of the last hour, the longest window.
 * When the clock goes back, what it calls the future has happened all the same: it counts, and a new eviction is noted no
 * earlier than the last. So such a clock lets fewer through, never more.
 */
import type { EvictionCount } from '../model/job-record.ts';

/** Longest window that a rate can ask for; what is older is forgotten. */
export const LONGEST_WINDOW_MS = 3_600_000;

/**
 * Evictions in `(nowMs − intervalMs, nowMs]`, and any that seem to be later. O(evictions).
 * @param evictions - in order of time, as `noteEviction` keeps them
 * @param intervalMs - above 0, at most an hour
 */
export function rollingCount(evictions: readonly EvictionCount[], intervalMs: number, nowMs: number): number {
  let count = 0;
  for (let at = evictions.length - 1; at >= 0 && evictions[at].atMs > nowMs - intervalMs; at--) {
    count += evictions[at].count;
  }
  return count;
}

/**
 * The evictions with one more at `nowMs`; those of the same millisecond are one entry, those of an hour ago or earlier
 * go. The list given stays as it is. O(evictions).
 * @public
 */
export function noteEviction(evictions: readonly EvictionCount[], nowMs: number): readonly EvictionCount[] {
  const kept = evictions.filter(({ atMs }) => atMs > nowMs - LONGEST_WINDOW_MS);
  const last = kept.at(-1);
  if (last === undefined || last.atMs < nowMs) return [...kept, { atMs: nowMs, count: 1 }];
  return [...kept.slice(0, -1), { atMs: last.atMs, count: last.count + 1 }];
}
