/**
 * What disruption rates allow: evictions in a rolling window. Evictions made stay counted when the budget of the job is
 * changed, because the job keeps the moments and not a bucket.
 */
import type { EvictionCount } from '../model/job-record.ts';
import type { DisruptionRate } from '../spec/job-spec.ts';
import type { BudgetLimit } from './budget-limit.ts';
import { LONGEST_WINDOW_MS, rollingCount } from './rolling-count.ts';

/** Undefined when the rate sets no limit. O(evictions of the last hour). */
export function rateLimit(
  rate: DisruptionRate,
  desired: number,
  evictions: readonly EvictionCount[],
  nowMs: number,
): BudgetLimit | undefined {
  if (rate.kind === 'unlimited') return undefined;
  const intervalMs = rate.kind === 'percentagePerHour' ? LONGEST_WINDOW_MS : rate.intervalMs;
  const most =
    rate.kind === 'perInterval' ? rate.limit : Math.max(1, Math.floor((desired * rate.percentage) / 100));
  const made = rollingCount(evictions, intervalMs, nowMs);
  return {
    allowed: Math.max(0, most - made),
    limitedBy: 'rate',
    message: `The job allows ${most} evictions in ${intervalMs} ms, and ${made} were made. Try again later.`,
  };
}
