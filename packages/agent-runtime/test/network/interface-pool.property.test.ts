/** The pool against a cloud that lags, throttles, cuts off and forgets nothing; invariants after every step. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { UnavailableError } from '../../src/contract/container-backend.ts';
import type { AddressAssignment } from '../../src/network/address-assignment.ts';
import { InterfacePool } from '../../src/network/interface-pool.ts';
import { FakeVpc, type Fault } from './fake-vpc.ts';
import { VirtualClock } from './virtual-clock.ts';

const SETTLE_MS = 5_000;
const REFRESH_MS = 20_000;
const GROUPS = [['sg-a'], ['sg-b'], ['sg-b', 'sg-a'], ['sg-c'], ['sg-missing']];

type Step =
  | { readonly kind: 'acquire'; readonly groups: number; readonly count: number }
  | { readonly kind: 'release' | 'abort'; readonly which: number }
  | { readonly kind: 'advance'; readonly byMs: number }
  | { readonly kind: 'collect' | 'restart' }
  | { readonly kind: 'faults'; readonly faults: readonly Fault[] };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('acquire' as const),
      groups: fc.nat(4),
      count: fc.integer({ min: 1, max: 7 }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constantFrom('release' as const, 'abort' as const), which: fc.nat(50) }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('advance' as const),
      byMs: fc.integer({ min: 1, max: 30_000 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('collect' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('faults' as const),
      faults: fc.array(fc.constantFrom<Fault>('none', 'before', 'after'), { maxLength: 6 }),
    }),
  },
);

function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

class Model {
  readonly clock = new VirtualClock();
  readonly vpc: FakeVpc;
  readonly held = new Map<string, AddressAssignment>();
  readonly waiting = new Map<
    string,
    { readonly groups: readonly string[]; readonly abort: AbortController }
  >();
  readonly failures: unknown[] = [];
  pool: InterfacePool;
  #made = 0;

  constructor(
    interfaces: number,
    addressesPerInterface: number,
    lagMs: number,
    latencyMs: number,
    seed: number,
  ) {
    this.vpc = new FakeVpc(this.clock, { interfaces, addressesPerInterface, lagMs, latencyMs });
    this.vpc.random = generator(seed);
    this.vpc.isInUse = (address) => [...this.held.values()].some((held) => held.address === address);
    this.pool = this.#newPool();
  }

  acquire(groups: readonly string[]): void {
    const taskId = `task-${(this.#made += 1)}`;
    const abort = new AbortController();
    this.waiting.set(taskId, { groups, abort });
    this.pool.acquire(taskId, groups, abort.signal).then(
      (assignment) => {
        this.waiting.delete(taskId);
        this.held.set(taskId, assignment);
        expect(assignment.securityGroups).toEqual([...groups].sort());
      },
      (error: unknown) => {
        this.waiting.delete(taskId);
        this.failures.push(error);
      },
    );
  }

  release(which: number): void {
    const taskId = [...this.held.keys()][which % Math.max(1, this.held.size)];
    if (taskId === undefined) return;
    this.held.delete(taskId);
    this.pool.release(taskId);
  }

  abort(which: number): void {
    [...this.waiting.values()][which % Math.max(1, this.waiting.size)]?.abort.abort(new Error('aborted'));
  }

  async restart(): Promise<void> {
    // What is cut off may have been carried out, so limits may be met.
    this.vpc.forgiveLimits();
    this.pool.close();
    await this.clock.settle();
    this.waiting.clear();
    this.pool = this.#newPool();
    for (const [taskId, assignment] of this.held) this.pool.adopt(taskId, assignment);
  }

  async carryOut(one: Step): Promise<void> {
    if (one.kind === 'acquire') for (let n = 0; n < one.count; n += 1) this.acquire(GROUPS[one.groups]);
    else if (one.kind === 'release') this.release(one.which);
    else if (one.kind === 'abort') this.abort(one.which);
    else if (one.kind === 'advance') await this.clock.advance(one.byMs);
    else if (one.kind === 'restart') await this.restart();
    else if (one.kind === 'faults') this.vpc.faults = [...one.faults];
    // A collection that fails is tried again later.
    else void this.pool.collect().catch(() => undefined);
    await this.clock.settle();
    this.check();
  }

  check(): void {
    expect(this.vpc.violations).toEqual([]);
    const addresses = [...this.held.values()].map(({ address }) => address);
    expect(new Set(addresses).size).toBe(addresses.length);
    for (const { interfaceId, address, securityGroups } of this.held.values()) {
      const actual = this.vpc.state.find(({ id }) => id === interfaceId);
      expect(actual?.addresses).toContain(address);
      expect(actual?.securityGroups).toEqual(securityGroups);
    }
  }

  #newPool(): InterfacePool {
    return new InterfacePool(this.vpc, {
      clock: this.clock,
      settleMs: SETTLE_MS,
      refreshIntervalMs: REFRESH_MS,
      retryDelayMs: 100,
    });
  }
}

test('an address has one task, groups are those of the tasks, limits hold and nothing leaks', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 1, max: 6 }),
      fc.constantFrom(0, SETTLE_MS - 1),
      fc.constantFrom(0, 700),
      fc.nat(),
      fc.array(step, { maxLength: 40 }),
      async (interfaces, addresses, lagMs, latencyMs, seed, steps) => {
        const model = new Model(interfaces, addresses, lagMs, latencyMs, seed);
        for (const one of steps) await model.carryOut(one);

        model.vpc.faults = [];
        await model.clock.advance(60_000);
        model.check();
        expect(model.waiting.size).toBe(0);
        while (model.held.size > 0) model.release(0);
        for (let round = 0; round < 8; round += 1) {
          await model.carryOut({ kind: 'collect' });
          await model.clock.advance(REFRESH_MS);
        }
        expect(model.vpc.state.flatMap((one) => one.addresses.slice(1))).toEqual([]);
        model.pool.close();
        await model.clock.settle();
        expect(model.clock.pending).toBe(0);
      },
    ),
    { numRuns: 150, interruptAfterTimeLimit: 20_000 },
  );
});

test('as many tasks with one set of groups as the host has addresses, and not one more', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 1, max: 8 }),
      fc.constantFrom(0, 300),
      fc.integer({ min: 1, max: 6 }),
      async (interfaces, addresses, latencyMs, more) => {
        const model = new Model(interfaces, addresses, 0, latencyMs, 1);
        for (let n = 0; n < interfaces * addresses + more; n += 1) model.acquire(['sg-a']);
        await model.clock.advance(60_000);
        model.check();
        expect(model.held.size).toBe(interfaces * addresses);
        expect(model.failures).toHaveLength(more);
        for (const failure of model.failures) expect(failure).toBeInstanceOf(UnavailableError);
      },
    ),
    { numRuns: 60, interruptAfterTimeLimit: 10_000 },
  );
});
