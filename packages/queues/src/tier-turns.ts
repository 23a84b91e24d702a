/**
 * Which bucket of a tier is asked next: the one with the least weighted dominant share, then the first by name
 * (weighted DRF: Ghodsi et al., NSDI 2011). A bucket whose task failed is parked until every other waiting bucket
 * has been asked since, which is when it is the one that was asked longest ago. O(log buckets) per offer, amortised
 * where shares relate to the tier's use: then all shares are computed anew each time that a use has doubled.
 */
import type { Bucket } from './bucket.ts';
import { IndexedHeap } from './indexed-heap.ts';
import type { QueuedTask } from './queued-task.ts';
import { compareShares } from './ratio.ts';
import type { Tier } from './tier.ts';

export class TierTurns<T extends QueuedTask> {
  readonly tier: Tier<T>;
  readonly #active: IndexedHeap<Bucket<T>> = new IndexedHeap(
    (a, b) => compareShares(a.share, b.share) || (a.name < b.name ? -1 : 1),
  );
  /** Buckets in the order in which they were asked; an element is void when its bucket was asked again. */
  readonly #asked: { readonly bucket: Bucket<T>; readonly askedAt: number }[] = [];
  #oldest = 0;

  /** O(buckets · log buckets). */
  constructor(tier: Tier<T>) {
    this.tier = tier;
    tier.sampleUse();
    for (const bucket of waitingBuckets([tier])) {
      this.#asked.push({ bucket, askedAt: bucket.askedAt });
      if (!bucket.parked) this.#activate(bucket);
    }
  }

  /** The bucket whose turn it is; undefined when all tasks of the tier were tried. */
  first(): Bucket<T> | undefined {
    const oldest = this.#longestUnasked();
    if (oldest?.parked === true) {
      oldest.parked = false;
      this.#activate(oldest);
    }
    return this.#active.peek();
  }

  /** A task of the bucket was offered; `bucket.askedAt` is its new stamp. */
  asked(bucket: Bucket<T>): void {
    this.#asked.push({ bucket, askedAt: bucket.askedAt });
  }

  /** The offer was answered, or the bucket has nothing to offer: share, parking and readiness may have changed. */
  settle(bucket: Bucket<T>): void {
    const isActive = this.#active.has(bucket);
    if (bucket.parked || bucket.ready.size === 0) {
      if (isActive) this.#active.remove(bucket);
    } else if (isActive) {
      bucket.updateShare(this.tier.totals);
      this.#active.update(bucket);
    } else {
      this.#activate(bucket);
    }
    if (this.tier.hasOutgrownSample) this.#resample();
  }

  #activate(bucket: Bucket<T>): void {
    bucket.updateShare(this.tier.totals);
    this.#active.push(bucket);
  }

  #resample(): void {
    this.tier.sampleUse();
    for (const bucket of this.#active.items) bucket.updateShare(this.tier.totals);
    this.#active.rebuild();
  }

  #longestUnasked(): Bucket<T> | undefined {
    for (; this.#oldest < this.#asked.length; this.#oldest++) {
      const { bucket, askedAt } = this.#asked[this.#oldest];
      if (bucket.askedAt === askedAt && bucket.ready.size > 0) return bucket;
    }
    return undefined;
  }
}

/** Buckets with ready tasks, the one that was asked longest ago first. O(buckets · log buckets). */
export function waitingBuckets<T extends QueuedTask>(tiers: readonly Tier<T>[]): Bucket<T>[] {
  return tiers
    .flatMap(({ buckets }) => [...buckets.values()].filter(({ ready }) => ready.size > 0))
    .sort((a, b) => a.askedAt - b.askedAt);
}
