/**
 * The queue in the most obvious way: an array of tasks, everything else computed anew whenever it is needed, shares
 * as fractions of big integers. Shares no code with the sources.
 */

export interface ModelTask {
  readonly id: string;
  readonly tier: number;
  readonly bucket: string;
  /** In units. */
  readonly asks: readonly number[];
  readonly enqueuedAtMs: number;
  readonly arrival: number;
  state: 'queued' | 'launched';
  readyAtMs: number;
  launchedAtMs: number | undefined;
  failures: number;
  turn: number;
}

/** Units; undefined = not bounded. */
export type Bound = readonly (number | undefined)[];

export interface ModelBucketSettings {
  readonly guarantee: readonly number[];
  readonly limit: Bound;
  readonly weight?: number;
}

export interface ModelTierSettings {
  readonly capacity: Bound | undefined;
  readonly buckets: ReadonlyMap<string, ModelBucketSettings>;
}

type Fraction = readonly [bigint, bigint];

interface ModelBucket {
  readonly tier: number;
  readonly name: string;
  askedAt: number;
  parked: boolean;
  firstTurn: number;
  lastTurn: number;
}

interface ModelCycle {
  readonly nowMs: number;
  readonly start: number;
  readonly wasBehind: boolean;
  /** Tasks offered or refused, in this order. */
  readonly tried: ModelTask[];
  readonly placed: ModelTask[];
  readonly failed: ModelTask[];
  /** Of those, the ones that failed before anything of their tier was placed. */
  readonly tooLarge: ModelTask[];
  readonly refused: { id: string; code: string; resource: number }[];
  /** By tier: what shares relate to without a capacity, once the tier is served. */
  readonly samples: (number[] | undefined)[];
  inHand: ModelTask | undefined;
}

export interface ModelReport {
  readonly placed: number;
  readonly failed: number;
  readonly refused: readonly { id: string; code: string; resource: number }[];
  readonly complete: boolean;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
const less = (a: Fraction, b: Fraction): boolean => a[0] * b[1] < b[0] * a[1];
const max = (a: Fraction, b: Fraction): Fraction => (less(a, b) ? b : a);

function fractionOf(decimal: number): Fraction {
  const [whole, digits = ''] = decimal.toFixed(6).split('.');
  return [BigInt(whole + digits), 10n ** BigInt(digits.length)];
}

export class QueueModel {
  readonly tasks: ModelTask[] = [];
  readonly settings: ModelTierSettings[];
  cycle: ModelCycle | undefined;
  isBehind = false;
  offersByAge = 0;
  readonly #resources: number;
  #buckets: ModelBucket[] = [];
  #counter = 0;
  #offersByShare = 0;

  constructor(tiers: number, resources: number) {
    this.settings = Array.from({ length: tiers }, () => ({ capacity: undefined, buckets: new Map() }));
    this.#resources = resources;
  }

  add(id: string, task: Omit<ModelTask, 'id' | 'arrival' | 'turn' | 'failures'>): void {
    let bucket = this.#bucketOf(task);
    if (bucket === undefined) {
      const { tier, bucket: name } = task;
      bucket = { tier, name, askedAt: ++this.#counter, parked: false, firstTurn: 0, lastTurn: 0 };
      this.#buckets.push(bucket);
    }
    this.tasks.push({ ...task, id, arrival: ++this.#counter, turn: bucket.lastTurn, failures: 0 });
  }

  find(id: string): ModelTask | undefined {
    return this.tasks.find((task) => task.id === id);
  }

  remove(task: ModelTask): void {
    this.tasks.splice(this.tasks.indexOf(task), 1);
    this.#buckets = this.#buckets.filter((bucket) =>
      this.tasks.some((other) => this.#bucketOf(other) === bucket),
    );
  }

  requeue(task: ModelTask, readyAtMs: number): void {
    task.state = 'queued';
    task.launchedAtMs = undefined;
    task.readyAtMs = readyAtMs;
    const bucket = this.#bucketOf(task)!;
    bucket.lastTurn += 1;
    task.turn = bucket.lastTurn;
  }

  /** By resource. */
  used(tier: number, bucket?: string): number[] {
    const launched = this.tasks.filter(
      (task) => task.state === 'launched' && task.tier === tier && (bucket ?? task.bucket) === task.bucket,
    );
    return this.#perResource((r) => sum(launched.map(({ asks }) => asks[r])));
  }

  capacity(tier: number, settings: ModelTierSettings = this.settings[tier]): Bound | undefined {
    const guaranteed = this.guaranteed(settings);
    if (settings.capacity?.some((units) => units !== undefined)) return settings.capacity;
    return guaranteed.some((units) => units > 0) ? guaranteed.map((units) => units || undefined) : undefined;
  }

  guaranteed({ buckets }: ModelTierSettings): number[] {
    return this.#perResource((r) => sum([...buckets.values()].map(({ guarantee }) => guarantee[r])));
  }

  /** Σ over buckets of max(used, guarantee). */
  reserved(tier: number): number[] {
    const { buckets } = this.settings[tier];
    const names = new Set([
      ...buckets.keys(),
      ...this.tasks.filter((t) => t.tier === tier).map((t) => t.bucket),
    ]);
    return this.#perResource((r) =>
      sum([...names].map((name) => Math.max(this.used(tier, name)[r], buckets.get(name)?.guarantee[r] ?? 0))),
    );
  }

  weight(tier: number, bucket: string): Fraction {
    const { buckets } = this.settings[tier];
    const { weight } = buckets.get(bucket) ?? {};
    if (weight !== undefined) return fractionOf(weight);
    const derived = [...buckets].map(
      ([name, { guarantee }]) => [name, this.#derived(tier, guarantee)] as const,
    );
    const own = derived.find(([name]) => name === bucket)?.[1];
    if (own !== undefined && own[0] > 0n) return own;
    const others = derived.map(([, share]) => share).filter(([numerator]) => numerator > 0n);
    return others.length === 0 ? [1n, 1n] : others.reduce((a, b) => (less(a, b) ? a : b));
  }

  open(nowMs: number): void {
    this.cycle = {
      nowMs,
      start: this.#counter,
      wasBehind: this.isBehind,
      tried: [],
      placed: [],
      failed: [],
      tooLarge: [],
      refused: [],
      samples: this.settings.map(() => undefined),
      inHand: undefined,
    };
    for (const task of this.#untried()) task.turn = Math.max(task.turn, this.#bucketOf(task)!.firstTurn);
  }

  next(): ModelTask | undefined {
    const task = this.#byAge() ?? this.#byShare();
    if (task !== undefined) {
      this.cycle!.inHand = task;
      this.#bucketOf(task)!.askedAt = ++this.#counter;
    }
    return task;
  }

  placed(): void {
    const cycle = this.cycle!;
    const task = cycle.inHand!;
    cycle.inHand = undefined;
    cycle.placed.push(task);
    task.state = 'launched';
    task.launchedAtMs = cycle.nowMs;
    this.#bucketOf(task)!.parked = false;
    const sample = cycle.samples[task.tier];
    const used = this.used(task.tier);
    if (sample !== undefined && used.some((units, r) => units > 0 && units >= 2 * sample[r]))
      cycle.samples[task.tier] = used;
  }

  failed(readyAtMs: number | undefined): void {
    const task = this.cycle!.inHand!;
    this.cycle!.inHand = undefined;
    this.cycle!.failed.push(task);
    if (this.cycle!.placed.every(({ tier }) => tier !== task.tier)) this.cycle!.tooLarge.push(task);
    task.failures += 1;
    task.readyAtMs = readyAtMs ?? task.readyAtMs;
    this.#bucketOf(task)!.parked = true;
  }

  end(): ModelReport {
    const { inHand, tried, placed, failed, tooLarge, refused } = this.cycle!;
    if (inHand !== undefined) tried.splice(tried.indexOf(inHand), 1);
    const left = this.#untried();
    for (const bucket of this.#buckets) {
      const ofBucket = (task: ModelTask): boolean => this.#bucketOf(task) === bucket;
      const notPlaced = tried.filter((task) => ofBucket(task) && task.state === 'queued');
      const gotSome = placed.some(ofBucket);
      const large = tooLarge.find(ofBucket);
      let back: ModelTask[] = [];
      if (left.some(ofBucket)) back = notPlaced;
      else if (gotSome) bucket.firstTurn = bucket.lastTurn;
      else if (large !== undefined && placed.some(({ tier }) => tier === bucket.tier))
        back = notPlaced.filter(({ asks }) => asks.every((units, r) => units >= large.asks[r]));
      if (back.length > 0) bucket.lastTurn += 1;
      for (const task of back) task.turn = bucket.lastTurn;
    }
    for (const bucket of this.#buckets)
      if (left.every(({ tier }) => tier !== bucket.tier)) bucket.parked = false;
    this.isBehind = left.length > 0;
    if (!this.isBehind) this.#offersByShare = 0;
    this.cycle = undefined;
    return { placed: placed.length, failed: failed.length, refused, complete: left.length === 0 };
  }

  #byAge(): ModelTask | undefined {
    if (!this.cycle!.wasBehind || this.#offersByShare < 7) return undefined;
    for (const bucket of this.#waiting()) {
      const task = this.#admissible(bucket);
      if (task === undefined) continue;
      this.#offersByShare = 0;
      this.offersByAge += 1;
      return task;
    }
    return undefined;
  }

  #byShare(): ModelTask | undefined {
    for (let tier = 0; tier < this.settings.length; tier++) {
      this.cycle!.samples[tier] ??= this.used(tier);
      for (;;) {
        const waiting = this.#waiting().filter((bucket) => bucket.tier === tier);
        if (waiting.length === 0) break;
        waiting[0].parked = false;
        const [first] = waiting.filter(({ parked }) => !parked).sort((a, b) => this.#order(a, b));
        const task = this.#admissible(first);
        if (task === undefined) continue;
        if (this.cycle!.wasBehind) this.#offersByShare += 1;
        return task;
      }
    }
    return undefined;
  }

  #order(a: ModelBucket, b: ModelBucket): number {
    const [left, right] = [this.#weightedShare(a), this.#weightedShare(b)];
    if (less(left, right)) return -1;
    return less(right, left) ? 1 : a.name < b.name ? -1 : 1;
  }

  #weightedShare({ tier, name }: ModelBucket): Fraction {
    const totals = this.capacity(tier) ?? this.cycle!.samples[tier]!;
    const [share, total] = this.dominant(this.used(tier, name), totals);
    const [numerator, denominator] = this.weight(tier, name);
    return [share * denominator, total * numerator];
  }

  #derived(tier: number, guarantee: readonly number[]): Fraction {
    return this.dominant(guarantee, this.capacity(tier) ?? []);
  }

  dominant(used: readonly number[], totals: Bound): Fraction {
    return used
      .map((units, r): Fraction => {
        const total = totals[r];
        return total === undefined ? [0n, 1n] : [BigInt(units), BigInt(Math.max(1, total))];
      })
      .reduce(max, [0n, 1n]);
  }

  /** The bucket's first untried task that may run; those before it are refused. */
  #admissible(bucket: ModelBucket): ModelTask | undefined {
    const tasks = this.#untried().filter((task) => this.#bucketOf(task) === bucket);
    for (const task of tasks.sort((a, b) => a.turn - b.turn || a.arrival - b.arrival)) {
      this.cycle!.tried.push(task);
      const refusal = this.#refusal(task);
      if (refusal === undefined) return task;
      this.cycle!.refused.push({ id: task.id, ...refusal });
    }
    return undefined;
  }

  #refusal({ tier, bucket, asks }: ModelTask): { code: string; resource: number } | undefined {
    const { buckets } = this.settings[tier];
    const settings = buckets.get(bucket);
    const wanted = this.used(tier, bucket).map((units, r) => units + asks[r]);
    const limited = asks.findIndex((units, r) => units > 0 && wanted[r] > (settings?.limit[r] ?? Infinity));
    if (limited >= 0) return { code: 'ABOVE_LIMIT', resource: limited };
    const capacity = this.capacity(tier);
    if (capacity === undefined) return undefined;
    const reserved = this.reserved(tier);
    const short = asks.findIndex(
      (units, r) =>
        units > 0 &&
        wanted[r] > (settings?.guarantee[r] ?? 0) &&
        units > (capacity[r] ?? Infinity) - reserved[r],
    );
    return short >= 0 ? { code: 'NO_GUARANTEED_CAPACITY', resource: short } : undefined;
  }

  /** Queued tasks that are ready in this cycle and were neither offered nor refused in it. */
  #untried(): ModelTask[] {
    const { nowMs, tried, start } = this.cycle!;
    return this.tasks.filter(
      (task) =>
        task.state === 'queued' && task.readyAtMs <= nowMs && task.arrival <= start && !tried.includes(task),
    );
  }

  /** Buckets with untried tasks, the one asked longest ago first. */
  #waiting(): ModelBucket[] {
    const untried = this.#untried();
    return this.#buckets
      .filter((bucket) => untried.some((task) => this.#bucketOf(task) === bucket))
      .sort((a, b) => a.askedAt - b.askedAt);
  }

  #bucketOf({ tier, bucket }: { readonly tier: number; readonly bucket: string }): ModelBucket | undefined {
    return this.#buckets.find((known) => known.tier === tier && known.name === bucket);
  }

  #perResource(amount: (resource: number) => number): number[] {
    return Array.from({ length: this.#resources }, (_, r) => amount(r));
  }
}
