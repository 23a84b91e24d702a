/** Percentiles from buckets against those of the sorted values. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  LATENCY_BOUNDS_MS,
  LatencyHistogram,
  latencyPercentileMs,
} from '../../src/manager/latency-histogram.ts';

function histogramOf(values: readonly number[]): LatencyHistogram {
  const histogram = new LatencyHistogram();
  for (const value of values) histogram.add(value);
  return histogram;
}

describe('LatencyHistogram', () => {
  test('count, sum and maximum are exact', () => {
    const { count, sumMs, maxMs, buckets } = histogramOf([3, 0, 500, -2]).read();
    expect([count, sumMs, maxMs]).toEqual([4, 503, 500]);
    expect(buckets.reduce((sum, size) => sum + size)).toBe(4);
    expect(buckets.length).toBe(LATENCY_BOUNDS_MS.length + 1);
  });

  test('a duration at a bound counts below it, one above it in the next bucket', () => {
    const { buckets } = histogramOf([1, 2, 2.01, 2 ** 27, 2 ** 27 + 1]).read();
    expect(buckets.flatMap((size, bucket) => (size > 0 ? [bucket] : []))).toEqual([0, 4, 5, 108, 109]);
  });

  test('without any there is no percentile', () => {
    expect(latencyPercentileMs(histogramOf([]).read(), 0.5)).toBeUndefined();
  });

  test('a percentile is less than a fifth off, and never above the longest', () => {
    const values = fc.array(fc.oneof(fc.nat(20), fc.nat(100_000), fc.nat(500_000_000)), { minLength: 1 });
    fc.assert(
      fc.property(values, fc.double({ min: 0, max: 1, noNaN: true }), (durations, share) => {
        const sorted = [...durations].sort((a, b) => a - b);
        const exact = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
        const estimate = latencyPercentileMs(histogramOf(durations).read(), share)!;
        expect(estimate).toBeLessThanOrEqual(sorted.at(-1)!);
        // The last bucket has no upper bound but the longest.
        const isBounded = exact <= LATENCY_BOUNDS_MS.at(-1)!;
        if (isBounded) expect(estimate).toBeLessThanOrEqual(Math.max(1, exact * 1.19));
        const least = isBounded ? exact / 1.19 - 1e-9 : LATENCY_BOUNDS_MS.at(-1)!;
        expect(estimate).toBeGreaterThanOrEqual(exact <= 1 ? 0 : least);
      }),
    );
  });

  test('the difference of two readings has the percentiles of what came between', () => {
    const histogram = histogramOf([10, 10, 10]);
    const before = histogram.read();
    for (const value of [1000, 1000, 1000]) histogram.add(value);
    const after = histogram.read();
    const between = {
      count: after.count - before.count,
      sumMs: after.sumMs - before.sumMs,
      maxMs: after.maxMs,
      buckets: after.buckets.map((size, bucket) => size - before.buckets[bucket]),
    };
    expect(latencyPercentileMs(between, 0)).toBeGreaterThan(800);
  });
});
