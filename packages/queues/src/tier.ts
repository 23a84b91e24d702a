/**
 * The buckets of one tier and what may still be launched in it. `reserved` is Σ over buckets of max(used, guarantee):
 * what the tier's capacity must cover, so that a guarantee nobody uses yet stays free. Sums are integers and kept up
 * to date, so they are exact whatever the history.
 */
import type { ResourceSchema } from '@stowage/core';
import { add, firstAbove } from './amounts.ts';
import { Bucket } from './bucket.ts';
import type { QueuedTask } from './queued-task.ts';
import { aboveLimit, amountOf, Refusal } from './refusal.ts';
import { NO_PLAN, rulesOf, type TierPlan, type TierRules } from './settings.ts';

export class Tier<T extends QueuedTask> {
  readonly number: number;
  readonly schema: ResourceSchema;
  readonly buckets: Map<string, Bucket<T>> = new Map();
  readonly used: Float64Array;
  readonly reserved: Float64Array;
  plan: TierPlan = NO_PLAN;
  #rules: TierRules;
  /** What shares relate to while there is no capacity. */
  readonly #sample: Float64Array;

  constructor(schema: ResourceSchema, number: number) {
    this.number = number;
    this.schema = schema;
    this.used = new Float64Array(schema.scalars.length);
    this.reserved = new Float64Array(schema.scalars.length);
    this.#sample = new Float64Array(schema.scalars.length);
    this.#rules = rulesOf(schema, NO_PLAN, number);
  }

  get rules(): TierRules {
    return this.#rules;
  }

  /** What shares relate to: the capacity, or the use as of the last `sampleUse`. */
  get totals(): Float64Array {
    return this.#rules.capacity ?? this.#sample;
  }

  /** Adds a bucket of a name that is not there yet. @param stamp - see `Bucket.askedAt` */
  addBucket(name: string, stamp: number): Bucket<T> {
    const bucket = new Bucket<T>(this.number, name, this.#rulesFor(name), stamp);
    this.buckets.set(name, bucket);
    return bucket;
  }

  /** Forgets a bucket that has no tasks. Its guarantee, if any, stays reserved. */
  dropIfEmpty(bucket: Bucket<T>): void {
    if (bucket.isEmpty) this.buckets.delete(bucket.name);
  }

  /** Checks new settings and puts them in force. O(buckets). @throws StowageError as `rulesOf` */
  set(plan: TierPlan): void {
    this.#rules = rulesOf(this.schema, plan, this.number);
    this.plan = plan;
    for (const bucket of this.buckets.values()) bucket.rules = this.#rulesFor(bucket.name);
    this.reserved.set(this.recomputeReserved());
  }

  /** Why a task of the bucket may not be launched now. O(resources). */
  refusal(bucket: Bucket<T>, asked: Float64Array): Refusal | undefined {
    const { guarantee, limit } = bucket.rules;
    const above = firstAbove(bucket.used, asked, limit);
    if (above >= 0) {
      const numbers = { used: bucket.used[above], asked: asked[above], limit: limit[above] };
      return aboveLimit('ABOVE_LIMIT', this.schema, above, () => this.#title(bucket), numbers);
    }
    const { capacity } = this.#rules;
    if (capacity === undefined) return undefined;
    for (let r = 0; r < asked.length; r++) {
      if (asked[r] === 0 || bucket.used[r] + asked[r] <= guarantee[r]) continue;
      if (this.reserved[r] + asked[r] > capacity[r])
        return this.#noCapacity(bucket, r, asked[r], capacity[r]);
    }
    return undefined;
  }

  /** Counts a launched task of the bucket into what is used. */
  charge(bucket: Bucket<T>, units: Float64Array): void {
    this.#book(bucket, units, 1);
  }

  /** The inverse of `charge`. */
  discharge(bucket: Bucket<T>, units: Float64Array): void {
    this.#book(bucket, units, -1);
  }

  /** Takes the present use as what shares relate to. */
  sampleUse(): void {
    this.#sample.set(this.used);
  }

  /** Whether some use has at least doubled since the last `sampleUse`, and shares relate to it. */
  get hasOutgrownSample(): boolean {
    if (this.#rules.capacity !== undefined) return false;
    for (let r = 0; r < this.used.length; r++) {
      if (this.used[r] > 0 && this.used[r] >= 2 * this.#sample[r]) return true;
    }
    return false;
  }

  /** `reserved` from nothing. O(buckets). */
  recomputeReserved(): Float64Array {
    const sum = new Float64Array(this.used.length);
    for (const [name, { guarantee }] of this.#rules.buckets) {
      if (!this.buckets.has(name)) add(sum, guarantee);
    }
    for (const { used, rules } of this.buckets.values()) {
      add(
        sum,
        used.map((units, r) => Math.max(units, rules.guarantee[r])),
      );
    }
    return sum;
  }

  #book(bucket: Bucket<T>, units: Float64Array, sign: 1 | -1): void {
    const { used, rules } = bucket;
    for (let r = 0; r < units.length; r++) {
      const after = used[r] + sign * units[r];
      this.reserved[r] += Math.max(after, rules.guarantee[r]) - Math.max(used[r], rules.guarantee[r]);
      this.used[r] += sign * units[r];
      used[r] = after;
    }
  }

  #rulesFor(name: string): TierRules['others'] {
    return this.#rules.buckets.get(name) ?? this.#rules.others;
  }

  #noCapacity(bucket: Bucket<T>, index: number, asked: number, capacity: number): Refusal {
    const say = amountOf(this.schema, index);
    const [used, guarantee] = [bucket.used[index], bucket.rules.guarantee[index]];
    const spare = Math.max(0, capacity - this.reserved[index]);
    return new Refusal(
      'NO_GUARANTEED_CAPACITY',
      this.schema.scalars[index].name,
      () =>
        `${this.#title(bucket)} has no guaranteed capacity left for ${say(asked)}: ${say(used)} are in use, ` +
        `${say(guarantee)} are guaranteed, and the tier has ${say(spare)} to spare of ${say(capacity)}.`,
    );
  }

  #title({ name }: Bucket<T>): string {
    return `bucket ${JSON.stringify(name)} of tier ${this.number}`;
  }
}
