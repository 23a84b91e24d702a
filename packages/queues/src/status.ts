/**
 * What a queue shows of its tasks, and of its tiers and buckets in decimals.
 */
import { type Amounts, decimals } from './amounts.ts';
import type { Bucket, TaskRecord } from './bucket.ts';
import type { QueuedTask, QueueEntry } from './queued-task.ts';
import { dominantRatio, shareOf } from './ratio.ts';
import type { BucketRules } from './settings.ts';
import type { Tier } from './tier.ts';

/** A bucket that has tasks or settings. @public */
export interface BucketStatus {
  readonly name: string;
  readonly queued: number;
  readonly launched: number;
  /** Sum over its launched tasks; resources without use are left out. */
  readonly used: Amounts;
  readonly guarantee: Amounts;
  /** Resources without a limit are left out. */
  readonly limit: Amounts;
  readonly weight: number;
  /** Dominant share of the tier's capacity, or of its present use while it has no capacity. */
  readonly dominantShare: number;
  /** dominantShare / weight; the bucket with the least is asked first. */
  readonly weightedShare: number;
}

/** @public */
export interface TierStatus {
  readonly queued: number;
  readonly launched: number;
  readonly used: Amounts;
  /** Undefined while the tier is unlimited. Resources without a bound are left out. */
  readonly capacity: Amounts | undefined;
  /** Σ over buckets of max(used, guarantee): beyond it, capacity is free for all. */
  readonly reserved: Amounts;
  /** By name. */
  readonly buckets: readonly BucketStatus[];
}

export function entryOf<T extends QueuedTask>(record: TaskRecord<T>): QueueEntry<T> {
  const { task, state, enqueuedAtMs, readyAtMs, launchedAtMs, failures } = record;
  return { task, state, enqueuedAtMs, readyAtMs, launchedAtMs, failures };
}

/** O(buckets · log buckets). */
export function statusOf<T extends QueuedTask>(tier: Tier<T>): TierStatus {
  const { schema, rules, used, reserved, buckets } = tier;
  const names = [...new Set([...rules.buckets.keys(), ...buckets.keys()])].sort();
  const statuses = names.map((name) =>
    bucketStatus(tier, name, buckets.get(name), rules.buckets.get(name) ?? rules.others),
  );
  return {
    queued: sum(statuses.map(({ queued }) => queued)),
    launched: sum(statuses.map(({ launched }) => launched)),
    used: decimals(schema, used, 0),
    capacity: rules.capacity && decimals(schema, rules.capacity, Infinity),
    reserved: decimals(schema, reserved, 0),
    buckets: statuses,
  };
}

function bucketStatus<T extends QueuedTask>(
  { schema, rules: { capacity }, used: tierUse }: Tier<T>,
  name: string,
  bucket: Bucket<T> | undefined,
  { guarantee, limit, weight }: BucketRules,
): BucketStatus {
  const used = bucket?.used ?? new Float64Array(guarantee.length);
  const dominant = dominantRatio(used, capacity ?? tierUse);
  return {
    name,
    queued: bucket?.queued ?? 0,
    launched: bucket?.launched ?? 0,
    used: decimals(schema, used, 0),
    guarantee: decimals(schema, guarantee, 0),
    limit: decimals(schema, limit, Infinity),
    weight: weight.numerator / weight.denominator,
    dominantShare: dominant.numerator / dominant.denominator,
    weightedShare: shareOf(dominant, weight).approximate,
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
