/**
 * Whatever faults strike and whenever the agent is cut off: the driver's view comes to equal the cloud's state, nothing
 * is left over, nobody else's interface is touched, and calls are bounded. The oracle is the fake's own state.
 */
import { AgentError } from '@stowage/protocol';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { AwsCallError } from '../../src/aws/aws-errors.ts';
import type { Ec2VpcDriver } from '../../src/aws/ec2-vpc-driver.ts';
import { OWNER_TAG } from '../../src/aws/own-interface.ts';
import { InvalidContainerError, UnavailableError } from '../../src/contract/container-backend.ts';
import { type Fixture, NEVER, withFixture } from './aws-fixture.ts';
import type { Fault } from './fake-aws/fake-aws-server.ts';
import type { FakeInterface } from './fake-aws/fake-cloud.ts';

/** As numbers, so that a failing run shrinks well: groups 0 to 2 exist, 3 does not. */
type Step =
  | { readonly kind: 'attach'; readonly index: number; readonly groups: readonly number[] }
  | { readonly kind: 'attach-all'; readonly groups: readonly number[] }
  | { readonly kind: 'groups'; readonly which: number; readonly groups: readonly number[] }
  | { readonly kind: 'assign'; readonly which: number; readonly count: number }
  | { readonly kind: 'unassign'; readonly which: number; readonly from: number; readonly count: number }
  | { readonly kind: 'collect' }
  | { readonly kind: 'advance'; readonly ms: number }
  | { readonly kind: 'cut-off'; readonly index: number; readonly afterCalls: number }
  | { readonly kind: 'detach'; readonly which: number }
  | { readonly kind: 'faults'; readonly list: readonly (Fault | 'none')[] }
  | { readonly kind: 'lags'; readonly list: readonly number[] };

const groups = fc.uniqueArray(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 2 });
const which = fc.nat(2);
const fault = fc.constantFrom<Fault | 'none'>(
  'none',
  'none',
  'throttle',
  'reset-before',
  'reset-after',
  'error-before',
  'error-after',
);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('attach'), index: fc.integer({ min: 1, max: 4 }), groups }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('attach-all'), groups }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('groups'), which, groups }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('assign'), which, count: fc.integer({ min: 1, max: 7 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('unassign'), which, from: fc.nat(3), count: fc.nat(3) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('collect') }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('advance'), ms: fc.integer({ min: 1, max: 400_000 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('cut-off'),
      index: fc.integer({ min: 1, max: 3 }),
      afterCalls: fc.nat(6),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('detach'), which }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('faults'),
      list: fc.array(fault, { minLength: 1, maxLength: 10 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('lags'),
      list: fc.array(fc.constantFrom(0, 1000, 5000, 20_000), { minLength: 1, maxLength: 5 }),
    }),
  },
);

/** Most calls of one operation: tries, pages and polls until the deadline. */
const MOST_CALLS = 600;
/** The same when nothing goes wrong and reads are not behind. */
const FEW_CALLS = 12;

class World {
  readonly fixture: Fixture;
  driver!: Ec2VpcDriver;
  faults: (Fault | 'none')[] = [];
  lags: readonly number[] = [0];
  #reads = 0;
  #foreign = '';

  constructor(fixture: Fixture) {
    this.fixture = fixture;
    const { cloud, fake } = fixture;
    fake.faultFor = () => {
      const next = this.faults.shift();
      return next === 'none' ? undefined : next;
    };
    cloud.lagMs = () => this.lags[this.#reads++ % this.lags.length];
  }

  async open(): Promise<void> {
    const { cloud, groups, subnet } = this.fixture;
    const other = cloud.runInstance('small.one', subnet.id, groups[0]);
    const theirs = { [OWNER_TAG]: other.id, 'stowage:created': '2020-01-01T00:00:00Z' };
    cloud.createInterface({ subnetId: subnet.id, groups: [groups[0]], tags: theirs });
    cloud.createInterface({ subnetId: subnet.id, groups: [groups[0]], tags: {} });
    this.#foreign = JSON.stringify(this.others());
    this.driver = await this.fixture.connect();
  }

  get calm(): boolean {
    return this.faults.every((each) => each === 'none') && this.lags.every((lagMs) => lagMs === 0);
  }

  mine(): FakeInterface[] {
    const { cloud, instance } = this.fixture;
    return [...cloud.interfaces.values()].filter(({ tags }) => tags[OWNER_TAG] === instance.id);
  }

  others(): FakeInterface[] {
    const { cloud, instance } = this.fixture;
    return [...cloud.interfaces.values()].filter(({ tags }) => tags[OWNER_TAG] !== instance.id);
  }

  attached(): FakeInterface[] {
    return this.mine().filter(({ attachment }) => attachment !== undefined);
  }

  /** What the driver should show. */
  truth(): unknown[] {
    return this.attached()
      .map((each) => ({
        id: each.id,
        index: each.attachment!.index,
        securityGroups: [...each.groups].sort(),
        addresses: [...each.addresses].sort(),
      }))
      .sort((a, b) => a.index - b.index);
  }

  async view(): Promise<unknown[]> {
    return (await this.driver.interfaces(NEVER)).map(({ id, index, securityGroups, addresses }) => ({
      id,
      index,
      securityGroups,
      addresses: [...addresses].sort(),
    }));
  }

  check(): void {
    expect(JSON.stringify(this.others())).toBe(this.#foreign);
    expect(this.attached().length).toBeLessThanOrEqual(3);
    for (const { addresses } of this.mine()) expect(addresses.length).toBeLessThanOrEqual(6);
  }

  groupIds(numbers: readonly number[]): string[] {
    return numbers.map((number) => this.fixture.groups[number] ?? 'sg-none').sort();
  }
}

/** @returns what it gave, or the error, which must be one that the driver documents */
async function outcome<T>(work: Promise<T>): Promise<{ value: T } | { error: unknown }> {
  try {
    return { value: await work };
  } catch (error) {
    const documented =
      error instanceof InvalidContainerError ||
      error instanceof UnavailableError ||
      error instanceof AwsCallError ||
      (error instanceof AgentError && ['AWS_NOT_VISIBLE', 'AWS_SLOT_TAKEN'].includes(error.code));
    if (!documented) throw error;
    return { error };
  }
}

async function attach(world: World, index: number, numbers: readonly number[]): Promise<void> {
  const { calm } = world;
  const wanted = world.groupIds(numbers);
  const attached = world.attached();
  const before = attached.find(({ attachment }) => attachment!.index === index);
  const made = await outcome(world.driver.attach(index, wanted, NEVER));
  if ('value' in made) {
    const real = world.fixture.cloud.interface(made.value.id);
    expect(real.attachment).toMatchObject({ index, deleteOnTermination: true });
    expect(real.groups.sort()).toEqual(wanted);
    expect(made.value.securityGroups).toEqual(wanted);
    return;
  }
  if (made.error instanceof InvalidContainerError) expect(numbers).toContain(3);
  if (!calm) return;
  // Calm: it fails for the four reasons that EC2 has, and for no other.
  // EC2 takes any number for a slot, and counts.
  const free = before === undefined && index <= 3 && attached.length < 3;
  expect(free && !numbers.includes(3)).toBe(false);
  if (before !== undefined) expect(made.error).toMatchObject({ code: 'AWS_SLOT_TAKEN' });
}

async function run(world: World, each: Step): Promise<void> {
  const { clock, cloud, fake } = world.fixture;
  const { calm, driver } = world;
  const chosen = 'which' in each ? world.attached()[each.which] : undefined;
  if ('which' in each && chosen === undefined) return;
  switch (each.kind) {
    case 'attach':
      return attach(world, each.index, each.groups);
    case 'attach-all': {
      const wanted = world.groupIds(each.groups);
      const made = await Promise.all([1, 2, 3].map((index) => outcome(driver.attach(index, wanted, NEVER))));
      const ids = made.filter((one) => 'value' in one).map((one) => one.value.id);
      expect(new Set(ids).size).toBe(ids.length);
      return;
    }
    case 'groups': {
      const wanted = world.groupIds(each.groups);
      const done = await outcome(driver.setSecurityGroups(chosen!.id, wanted, NEVER));
      if ('value' in done) expect([...cloud.interface(chosen!.id).groups].sort()).toEqual(wanted);
      else if (calm) expect(each.groups).toContain(3);
      return;
    }
    case 'assign': {
      const before = [...chosen!.addresses];
      const done = await outcome(driver.assignAddresses(chosen!.id, each.count, NEVER));
      const after = cloud.interface(chosen!.id).addresses;
      if ('value' in done) {
        expect(after).toEqual(expect.arrayContaining([...done.value]));
        expect(done.value.some((address) => before.includes(address))).toBe(false);
        expect(done.value.length).toBeLessThanOrEqual(each.count);
      }
      expect(after.length - before.length).toBeLessThanOrEqual(each.count);
      if (calm) expect(done).toMatchObject({ value: { length: Math.min(each.count, 6 - before.length) } });
      return;
    }
    case 'unassign': {
      const given = chosen!.addresses.slice(1 + each.from, 1 + each.from + each.count);
      const kept = chosen!.addresses.filter((address) => !given.includes(address));
      const done = await outcome(driver.unassignAddresses(chosen!.id, given, NEVER));
      const after = cloud.interface(chosen!.id).addresses;
      if ('value' in done) expect(after).toEqual(kept);
      else expect(after).toEqual(expect.arrayContaining(kept));
      if (calm) expect(done).toEqual({ value: undefined });
      return;
    }
    case 'collect':
      await driver.collectGarbage(NEVER).catch((error: unknown) => {
        expect(calm).toBe(false);
        expect(error).toBeInstanceOf(Error);
      });
      return;
    case 'advance':
      clock.now += each.ms;
      return;
    case 'cut-off': {
      // The agent is killed in the midst of an attach, and its successor starts when the network is well.
      const abort = new AbortController();
      const last = fake.calls.length + each.afterCalls;
      const { faultFor } = fake;
      fake.faultFor = (action) => {
        if (fake.calls.length > last) abort.abort(new Error('cut off'));
        return faultFor(action);
      };
      await driver.attach(each.index, world.groupIds([0]), abort.signal).catch(() => undefined);
      fake.faultFor = faultFor;
      world.faults = [];
      world.driver = await world.fixture.connect();
      return;
    }
    case 'detach':
      cloud.detach(chosen!.attachment!.id);
      return;
    case 'faults':
      world.faults = [...each.list];
      return;
    case 'lags':
      world.lags = each.list;
  }
}

it('comes to agree with the cloud and leaves nothing over, whatever happens', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), fc.integer(), (steps, seed) =>
      withFixture(
        async (fixture) => {
          const { clock, fake } = fixture;
          let state = seed | 0;
          clock.random = () => {
            state = (Math.imul(state, 1664525) + 1013904223) | 0;
            return (state >>> 0) / 2 ** 32;
          };
          const world = new World(fixture);
          await world.open();
          for (const each of steps) {
            const { calm } = world;
            const known = world.mine().length;
            fake.calls.length = 0;
            await run(world, each);
            const bound = calm ? FEW_CALLS : MOST_CALLS;
            expect(fake.calls.length).toBeLessThanOrEqual(each.kind === 'attach-all' ? 3 * bound : bound);
            const more =
              each.kind === 'attach-all'
                ? 3
                : each.kind.endsWith('attach') || each.kind === 'cut-off'
                  ? 1
                  : 0;
            expect(world.mine().length).toBeLessThanOrEqual(known + more);
            world.check();
          }

          world.faults = [];
          world.lags = [0];
          clock.now += 600_000;
          for (let i = 0; i < 5; i++) {
            await world.driver.collectGarbage(NEVER);
            clock.now += 60_000;
          }
          expect(await world.view()).toEqual(world.truth());
          expect(world.mine().filter(({ attachment }) => attachment === undefined)).toEqual([]);
          expect(world.attached().every(({ attachment }) => attachment!.deleteOnTermination)).toBe(true);
          world.check();
        },
        { attachingMs: 1000 },
      ),
    ),
    { numRuns: 150 },
  );
});
