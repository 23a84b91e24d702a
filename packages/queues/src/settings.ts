/**
 * What users set for a tier, and the rules that follow from it. A tier's settings are read and checked as a whole
 * before any of them takes effect, so a contradiction leaves the old ones in force. Capacities, guarantees and
 * best effort are those of Fenzo's TieredQueueSlas; limits and explicit weights are additions.
 */
import { type ResourceSchema, show } from '@stowage/core';
import { add, type Amounts, boundUnits, requireBound } from './amounts.ts';
import { record, text } from './checks.ts';
import { fail } from './errors.ts';
import { amountOf } from './refusal.ts';
import { compareRatios, dominantRatio, ONE, type Ratio } from './ratio.ts';

/** Settings of a bucket, the queue of one capacity group. @public */
export interface BucketSettings {
  /** Kept free for the bucket, whatever others ask for. Default and missing resources: nothing. */
  readonly guarantee?: Amounts;
  /** Never exceeded by what is offered. Default and missing resources: unlimited. */
  readonly limit?: Amounts;
  /**
   * The bucket's part relative to others, 0.000001 to 1000000 in steps of 0.000001. Default: the dominant share of
   * the guarantee in the tier's capacity; without a guarantee the least such share in the tier, 1 when there is none.
   */
  readonly weight?: number;
}

/** Settings of a tier. @public */
export interface TierSettings {
  /**
   * What the tier may use. Missing resources: unlimited, and without effect on fairness. Default: the sum of the
   * guarantees, as in Fenzo; a tier without capacity and guarantees is unlimited.
   */
  readonly capacity?: Amounts;
  readonly buckets?: Readonly<Record<string, BucketSettings>>;
}

/** The settings of a bucket in units. */
export interface BucketPlan {
  readonly guarantee: Float64Array;
  readonly limit: Float64Array;
  readonly weight: Ratio | undefined;
}

/** The settings of a tier in units. */
export interface TierPlan {
  readonly capacity: Float64Array | undefined;
  readonly buckets: ReadonlyMap<string, BucketPlan>;
}

/** What holds for one bucket. */
export interface BucketRules extends BucketPlan {
  readonly weight: Ratio;
}

/** What holds in a tier; without capacity it is unlimited. */
export interface TierRules {
  readonly capacity: Float64Array | undefined;
  readonly buckets: ReadonlyMap<string, BucketRules>;
  /** For buckets without settings. */
  readonly others: BucketRules;
}

/** Steps of a weight in 1.0. */
const WEIGHT_STEPS = 1e6;

export const NO_PLAN: TierPlan = { capacity: undefined, buckets: new Map() };

/** @throws StowageError INVALID_SPEC, INVALID_WEIGHT, GUARANTEE_ABOVE_LIMIT and those of amounts */
export function parseTier(schema: ResourceSchema, settings: TierSettings, tier: number): TierPlan {
  const { capacity, buckets = {} } = record<TierSettings>(settings, `the settings of tier ${tier}`);
  const entries = Object.entries(record<Record<string, BucketSettings>>(buckets, `buckets of tier ${tier}`));
  return {
    capacity: parseCapacity(schema, capacity, tier),
    buckets: new Map(entries.map(([name, bucket]) => [name, parseBucket(schema, bucket, name)])),
  };
}

/** A capacity that names no resource is none. @throws StowageError those of amounts */
export function parseCapacity(
  schema: ResourceSchema,
  capacity: Amounts | undefined,
  tier: number,
): Float64Array | undefined {
  if (capacity === undefined) return undefined;
  const units = boundUnits(schema, capacity, `capacity of tier ${tier}`, Infinity);
  return units.some(Number.isFinite) ? units : undefined;
}

/** @throws StowageError INVALID_SPEC, INVALID_WEIGHT, GUARANTEE_ABOVE_LIMIT and those of amounts */
export function parseBucket(schema: ResourceSchema, settings: BucketSettings, name: string): BucketPlan {
  const what = `bucket ${show(text(name, 'the name of a bucket'))}`;
  const { guarantee = {}, limit = {}, weight } = record<BucketSettings>(settings, `the settings of ${what}`);
  const plan = {
    guarantee: boundUnits(schema, guarantee, `guarantee of ${what}`, 0),
    limit: boundUnits(schema, limit, `limit of ${what}`, Infinity),
    weight: weight === undefined ? undefined : parseWeight(weight, what),
  };
  for (const resource of schema.scalars) {
    if (plan.guarantee[resource.index] > plan.limit[resource.index])
      fail(
        'GUARANTEE_ABOVE_LIMIT',
        `${what} is guaranteed more ${resource.name} than its limit; raise the limit or lower the guarantee.`,
      );
  }
  return plan;
}

function parseWeight(weight: unknown, what: string): Ratio {
  const steps = typeof weight === 'number' ? Math.round(weight * WEIGHT_STEPS) : 0;
  if (steps >= 1 && steps <= WEIGHT_STEPS ** 2 && steps / WEIGHT_STEPS === weight)
    return { numerator: steps, denominator: WEIGHT_STEPS };
  return fail(
    'INVALID_WEIGHT',
    `the weight of ${what} is ${show(weight)}; give a multiple of 0.000001, up to 1000000.`,
  );
}

/** O(buckets). @throws StowageError GUARANTEES_ABOVE_CAPACITY, QUANTITY_OVERFLOW */
export function rulesOf(schema: ResourceSchema, plan: TierPlan, tier: number): TierRules {
  const guaranteed = new Float64Array(schema.scalars.length);
  for (const { guarantee } of plan.buckets.values()) {
    add(guaranteed, guarantee);
    guaranteed.forEach((units) => requireBound(units, `the guarantees of tier ${tier}`));
  }
  const capacity = plan.capacity ?? sumAsCapacity(guaranteed);
  const short = schema.scalars.find(({ index }) => guaranteed[index] > (capacity?.[index] ?? Infinity));
  if (capacity !== undefined && short !== undefined) {
    const [sum, all] = [guaranteed, capacity].map((units) =>
      amountOf(schema, short.index)(units[short.index]),
    );
    fail(
      'GUARANTEES_ABOVE_CAPACITY',
      `tier ${tier} guarantees ${sum} and has ${all}; raise the capacity or lower the guarantees.`,
    );
  }
  const derived = new Map<string, Ratio>();
  for (const [name, { guarantee }] of plan.buckets) {
    const weight = dominantRatio(guarantee, capacity ?? guaranteed);
    if (weight.numerator > 0) derived.set(name, weight);
  }
  // Who was promised nothing does not rank above those who were.
  const [least = ONE] = [...derived.values()].sort(compareRatios);
  const buckets = [...plan.buckets].map(
    ([name, bucket]) => [name, { ...bucket, weight: bucket.weight ?? derived.get(name) ?? least }] as const,
  );
  const unbounded = new Float64Array(schema.scalars.length).fill(Infinity);
  const others = { guarantee: new Float64Array(unbounded.length), limit: unbounded, weight: least };
  return { capacity, buckets: new Map(buckets), others };
}

function sumAsCapacity(guaranteed: Float64Array): Float64Array | undefined {
  if (!guaranteed.some((units) => units > 0)) return undefined;
  return guaranteed.map((units) => (units > 0 ? units : Infinity));
}
