/**
 * How long something took, counted in fixed buckets whose bounds grow by the fourth root of two from 1 ms to 37 hours. So
 * two readings can be subtracted, readings of several cells added, and a percentile is off by less than a fifth. The idea
 * of exponential buckets is that of HdrHistogram and Prometheus.
 */

const STEPS_PER_DOUBLING = 4;
const DOUBLINGS = 27;

/**
 * Bucket i counts durations above bound i − 1 and up to bound i; the first those up to 1 ms; one more bucket, after the
 * last bound, what took longer.
 * @public
 */
export const LATENCY_BOUNDS_MS: readonly number[] = Array.from(
  { length: STEPS_PER_DOUBLING * DOUBLINGS + 1 },
  (_, step) => 2 ** (step / STEPS_PER_DOUBLING),
);

/** @public */
export interface LatencyReading {
  readonly count: number;
  readonly sumMs: number;
  /** Longest so far; 0 when there was none. */
  readonly maxMs: number;
  /** Per bucket of `LATENCY_BOUNDS_MS`, one more than there are bounds. */
  readonly buckets: readonly number[];
}

export class LatencyHistogram {
  readonly #buckets = new Array<number>(LATENCY_BOUNDS_MS.length + 1).fill(0);
  #count = 0;
  #sumMs = 0;
  #maxMs = 0;

  /** @param durationMs - below 0 counts as 0. O(log buckets) */
  add(durationMs: number): void {
    const lengthMs = Math.max(0, durationMs);
    this.#buckets[bucketOf(lengthMs)]++;
    this.#count++;
    this.#sumMs += lengthMs;
    this.#maxMs = Math.max(this.#maxMs, lengthMs);
  }

  read(): LatencyReading {
    return { count: this.#count, sumMs: this.#sumMs, maxMs: this.#maxMs, buckets: this.#buckets.slice() };
  }
}

function bucketOf(lengthMs: number): number {
  let [low, high] = [0, LATENCY_BOUNDS_MS.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (lengthMs <= LATENCY_BOUNDS_MS[middle]) high = middle;
    else low = middle + 1;
  }
  return low;
}

/**
 * The duration that a share of those counted did not exceed, interpolated within its bucket. Of a difference of two
 * readings `maxMs` is that of the later one. O(buckets).
 * @param share - 0 to 1
 * @returns undefined when nothing was counted
 * @public
 */
export function latencyPercentileMs(
  { buckets, count, maxMs }: LatencyReading,
  share: number,
): number | undefined {
  if (count === 0) return undefined;
  const rank = Math.min(Math.max(share, 0), 1) * count;
  let below = 0;
  for (const [bucket, size] of buckets.entries()) {
    if (size > 0 && below + size >= rank) {
      const from = bucket === 0 ? 0 : LATENCY_BOUNDS_MS[bucket - 1];
      const to = Math.min(LATENCY_BOUNDS_MS[bucket] ?? Infinity, maxMs);
      return from + (Math.max(to, from) - from) * ((rank - below) / size);
    }
    below += size;
  }
  return maxMs;
}
