/**
 * A queue and its model, which live through the same history and are compared after every step.
 */
import { ResourceSchema, StowageError } from '@stowage/core';
import { expect } from 'vitest';
import {
  type Amounts,
  type BucketSettings,
  type BucketStatus,
  type CycleReport,
  type QueueCycle,
  type QueuedTask,
  TieredQueue,
  type TierStatus,
} from '../src/index.ts';
import {
  type ModelBucketSettings,
  type ModelReport,
  type ModelTask,
  type ModelTierSettings,
  QueueModel,
} from './queue-model.ts';
import { type Answer, type Operation, RESOURCES, TIERS } from './queue-operations.ts';

const MAX_TASKS = 60;

export interface Tally {
  steps: number;
  placed: number;
  failed: number;
  refused: number;
  coded: number;
  complete: number;
  cutShort: number;
  byAge: number;
}

const decimals = (units: readonly (number | undefined)[]): Amounts =>
  Object.fromEntries(
    RESOURCES.map(({ name, unitsPerWhole = 1 }, r) => [name, units[r]! / unitsPerWhole] as const).filter(
      ([, amount]) => !Number.isNaN(amount),
    ),
  );
const used = (units: readonly number[]): Amounts => decimals(units.map((amount) => amount || undefined));
const publicBucket = ({ guarantee, limit, weight }: ModelBucketSettings): BucketSettings => ({
  guarantee: decimals(guarantee),
  limit: decimals(limit),
  ...(weight === undefined ? {} : { weight }),
});

/** A queue and its model, which live through the same history. */
export class History {
  readonly #model = new QueueModel(TIERS, RESOURCES.length);
  readonly #queue = new TieredQueue<QueuedTask>({
    tiers: TIERS,
    schema: new ResourceSchema(RESOURCES),
    maxTasks: MAX_TASKS,
  });
  readonly #tally: Tally;
  #cycle: QueueCycle | undefined;
  #nowMs = 0;
  #ids = 0;

  constructor(tally: Tally) {
    this.#tally = tally;
  }

  run(operation: Operation): void {
    if (operation.kind !== 'offers' && operation.kind !== 'cycle') return this.#step(operation);
    const isCycle = operation.kind === 'cycle';
    if (isCycle && this.#cycle === undefined) this.#step({ kind: 'open' });
    operation.answers.every((answer) => this.#offer(answer));
    if (isCycle) this.#step({ kind: 'end' });
  }

  #step(operation: Exclude<Operation, { kind: 'offers' | 'cycle' }>): void {
    const queue = this.#queue;
    const model = this.#model;
    switch (operation.kind) {
      case 'add': {
        const { launched, delayMs: delay, ...rest } = operation;
        const readyAtMs = delay === undefined ? {} : { readyAtMs: this.#nowMs + delay };
        const task = { id: `t${this.#ids++}`, tier: rest.tier, bucket: rest.bucket, ...readyAtMs };
        const state = launched ? ('launched' as const) : ('queued' as const);
        const times = {
          enqueuedAtMs: this.#nowMs,
          launchedAtMs: launched ? this.#nowMs : undefined,
          readyAtMs: task.readyAtMs ?? -Infinity,
        };
        const add = launched ? queue.addLaunched.bind(queue) : queue.enqueue.bind(queue);
        this.#change(
          model.tasks.length < MAX_TASKS ? undefined : 'QUEUE_FULL',
          () => add({ ...task, resources: decimals(rest.asks) }, this.#nowMs),
          () => model.add(task.id, { ...task, asks: rest.asks, state, ...times }),
        );
        break;
      }
      case 'add-again':
        this.#withTask(operation.task, (task) => {
          const again = { id: task.id, tier: 0, bucket: 'other', resources: {} };
          this.#change('DUPLICATE_QUEUED_TASK', () => queue.enqueue(again, this.#nowMs));
        });
        break;
      case 'remove':
        this.#withTask(operation.task, (task) =>
          this.#change(
            undefined,
            () => expect(queue.remove(task.id).id).toBe(task.id),
            () => model.remove(task),
          ),
        );
        this.#change('UNKNOWN_QUEUED_TASK', () => queue.remove('nobody'));
        break;
      case 'requeue':
        this.#withTask(operation.task, (task) =>
          this.#change(
            task.state === 'launched' ? undefined : 'WRONG_TASK_STATE',
            () => queue.requeue(task.id, this.#nowMs + 1),
            () => model.requeue(task, this.#nowMs + 1),
          ),
        );
        break;
      case 'set-ready':
        this.#withTask(operation.task, (task) =>
          this.#change(
            task.state === 'queued' ? undefined : 'WRONG_TASK_STATE',
            () => queue.setReadyAt(task.id, this.#nowMs + operation.delayMs),
            () => (task.readyAtMs = this.#nowMs + operation.delayMs),
          ),
        );
        break;
      case 'set-tier': {
        const settings = operation.settings ?? { capacity: undefined, buckets: new Map() };
        const buckets = [...settings.buckets].map(([name, one]) => [name, publicBucket(one)] as const);
        this.#settings(operation.tier, settings, () =>
          queue.setTier(
            operation.tier,
            operation.settings && {
              ...(settings.capacity && { capacity: decimals(settings.capacity) }),
              buckets: Object.fromEntries(buckets),
            },
          ),
        );
        break;
      }
      case 'set-capacity': {
        const { capacity: bounds } = operation;
        const settings = { ...model.settings[operation.tier], capacity: bounds };
        this.#settings(operation.tier, settings, () =>
          queue.setCapacity(operation.tier, bounds && decimals(bounds)),
        );
        break;
      }
      case 'set-bucket': {
        const { settings, bucket: name } = operation;
        const buckets = new Map(model.settings[operation.tier].buckets);
        if (settings === undefined) buckets.delete(name);
        else buckets.set(name, settings);
        this.#settings(operation.tier, { ...model.settings[operation.tier], buckets }, () =>
          queue.setBucket(operation.tier, name, settings && publicBucket(settings)),
        );
        break;
      }
      case 'wait':
        this.#nowMs += operation.ms;
        break;
      case 'open':
        this.#change(
          undefined,
          () => (this.#cycle = queue.cycle(this.#nowMs)),
          () => model.open(this.#nowMs),
        );
        break;
      case 'end':
        if (this.#cycle !== undefined) this.#end(this.#cycle);
        break;
    }
    this.#compare();
  }

  /** @returns whether the cycle can go on */
  #offer(reply: Answer): boolean {
    const cycle = this.#cycle;
    if (cycle === undefined || this.#model.cycle?.inHand !== undefined) return false;
    const { offersByAge } = this.#model;
    const expected = this.#model.next();
    this.#tally.byAge += this.#model.offersByAge - offersByAge;
    const task = cycle.next();
    expect(task?.id).toBe(expected?.id);
    this.#compare();
    if (task === undefined) return false;
    this.#change('TASK_IN_HAND', () => cycle.next());
    if (reply === 'left') return false;
    if (reply === 'placed') {
      cycle.placed(task);
      this.#model.placed();
      this.#expectWithinBounds(expected!);
      this.#tally.placed += 1;
    } else {
      const readyAtMs = reply === 'failed' ? undefined : this.#nowMs + reply;
      cycle.failed(task, readyAtMs);
      this.#model.failed(readyAtMs);
      this.#tally.failed += 1;
    }
    this.#compare();
    return true;
  }

  #end(cycle: QueueCycle): void {
    const expected: ModelReport = this.#model.end();
    const report: CycleReport = cycle.end();
    this.#cycle = undefined;
    expect({
      ...report,
      refused: report.refused.map(({ task, refusal: { code, resource } }) => ({
        id: task.id,
        code,
        resource,
      })),
    }).toEqual({
      ...expected,
      refused: expected.refused.map((one) => ({ ...one, resource: RESOURCES[one.resource].name })),
    });
    expect(cycle.end()).toBe(report);
    expect(() => cycle.next()).toThrow('CYCLE_ENDED');
    this.#tally.refused += report.refused.length;
    this.#tally[report.complete ? 'complete' : 'cutShort'] += 1;
  }

  #settings(tierNumber: number, settings: ModelTierSettings, act: () => void): void {
    const aboveLimit = [...settings.buckets.values()].some(({ guarantee, limit }) =>
      guarantee.some((units, r) => units > (limit[r] ?? Infinity)),
    );
    const guaranteed = this.#model.guaranteed(settings);
    const bounds = this.#model.capacity(tierNumber, settings) ?? [];
    const aboveCapacity = guaranteed.some((units, r) => units > (bounds[r] ?? Infinity));
    this.#change(
      aboveLimit ? 'GUARANTEE_ABOVE_LIMIT' : aboveCapacity ? 'GUARANTEES_ABOVE_CAPACITY' : undefined,
      act,
      () => (this.#model.settings[tierNumber] = settings),
    );
  }

  /** Acts on the queue and, unless that is refused with the code expected, on the model. */
  #change(code: string | undefined, act: () => unknown, follow?: () => unknown): void {
    const inCycle = this.#cycle !== undefined && code !== 'TASK_IN_HAND';
    const expected = inCycle ? 'CYCLE_OPEN' : code;
    let thrown: string | undefined;
    try {
      act();
    } catch (error) {
      if (!(error instanceof StowageError)) throw error;
      thrown = error.code;
      this.#tally.coded += 1;
    }
    expect(thrown).toBe(expected);
    if (thrown === undefined) follow?.();
  }

  #withTask(which: number, act: (task: ModelTask) => void): void {
    const { tasks } = this.#model;
    if (tasks.length > 0) act(tasks[which % tasks.length]);
  }

  /** What was placed has exceeded no limit, and eaten no guarantee but its own. */
  #expectWithinBounds({ tier: number, bucket: name, asks: placed }: ModelTask): void {
    const settings = this.#model.settings[number].buckets.get(name);
    const bounds = this.#model.capacity(number);
    const reserved = this.#model.reserved(number);
    this.#model.used(number, name).forEach((units, r) => {
      if (placed[r] === 0) return;
      expect(units).toBeLessThanOrEqual(settings?.limit[r] ?? Infinity);
      if (units > (settings?.guarantee[r] ?? 0))
        expect(reserved[r]).toBeLessThanOrEqual(bounds?.[r] ?? Infinity);
    });
  }

  /** Nothing lost, nothing twice, use equal to the sum over launched tasks. */
  #compare(): void {
    this.#tally.steps += 1;
    const model = this.#model;
    expectSame(
      this.#queue.entries().map(({ task, ...rest }) => ({ id: task.id, ...rest })),
      model.tasks.map(({ id, state, enqueuedAtMs, readyAtMs, launchedAtMs, failures }) => ({
        id,
        state,
        enqueuedAtMs,
        readyAtMs,
        launchedAtMs,
        failures,
      })),
    );
    for (let number = 0; number < TIERS; number++)
      expectSame(this.#queue.status(number), this.#expected(number));
    expectSame(this.#queue.verify(), []);
  }

  #expected(number: number): TierStatus {
    const model = this.#model;
    const settings = model.settings[number];
    const capacity = model.capacity(number);
    const ofTier = model.tasks.filter((task) => task.tier === number);
    const names = new Set([...ofTier.map((task) => task.bucket), ...settings.buckets.keys()]);
    const counts = (name?: string): { queued: number; launched: number } => {
      const tasks = ofTier.filter((task) => (name ?? task.bucket) === task.bucket);
      const queued = tasks.filter(({ state }) => state === 'queued').length;
      return { queued, launched: tasks.length - queued };
    };
    const statusOf = (name: string): BucketStatus => {
      const use = model.used(number, name);
      const { guarantee, limit } = settings.buckets.get(name) ?? { guarantee: [0, 0, 0], limit: [] };
      const [weight, share] = [
        model.weight(number, name),
        model.dominant(use, capacity ?? model.used(number)),
      ];
      return {
        name,
        ...counts(name),
        used: used(use),
        guarantee: used(guarantee),
        limit: decimals(limit),
        weight: quotient(weight),
        dominantShare: quotient(share),
        weightedShare: quotient(share) * quotient([weight[1], weight[0]]),
      };
    };
    return {
      ...counts(),
      used: used(model.used(number)),
      capacity: capacity && decimals(capacity),
      reserved: used(model.reserved(number)),
      buckets: [...names].sort().map(statusOf),
    };
  }
}

const quotient = ([numerator, denominator]: readonly [bigint, bigint]): number =>
  Number(numerator) / Number(denominator);

/** `toEqual`, asked only where the texts differ: it takes most of the time otherwise. */
function expectSame(actual: unknown, expected: unknown): void {
  if (JSON.stringify(actual) !== JSON.stringify(expected)) expect(actual).toEqual(expected);
}
