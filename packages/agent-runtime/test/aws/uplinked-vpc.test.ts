/** Routing follows what the driver gives and takes, whatever old reads say and whatever fails on the host. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { EniUplink } from '../../src/aws/eni-uplink.ts';
import { UplinkedVpc } from '../../src/aws/uplinked-vpc.ts';
import type { VpcDriver, VpcInterface } from '../../src/network/vpc-driver.ts';
import { failure, NEVER, TestClock } from './aws-fixture.ts';
import { FakeIp } from './fake-ip.ts';

const subnet = { id: 'subnet-1', cidr: '10.0.0.0/24', gateway: '10.0.0.1' };

/** Two slots; addresses come back soon, which is the hard case. */
class SmallVpc implements VpcDriver {
  readonly name = 'small';
  readonly ip: FakeIp = new FakeIp();
  /** How many changes the next reads are behind. */
  behind = 0;
  garbage = 0;
  #history: (readonly VpcInterface[])[] = [[]];

  get state(): readonly VpcInterface[] {
    return this.#history.at(-1)!;
  }

  forgetHistory(): void {
    this.#history = [this.state];
  }

  limits(): ReturnType<VpcDriver['limits']> {
    return { interfaces: 2, addressesPerInterface: 6, networkMbps: 1 };
  }

  async interfaces(): Promise<readonly VpcInterface[]> {
    return this.#history[Math.max(0, this.#history.length - 1 - this.behind)];
  }

  async attach(index: number, securityGroups: readonly string[]): Promise<VpcInterface> {
    const there = this.state.find((each) => each.index === index);
    if (there !== undefined) return there;
    const macAddress = `02:00:00:00:00:0${index}`;
    const made = { id: `eni-${index}`, index, macAddress, subnet, securityGroups, addresses: this.#free(1) };
    this.ip.host.push({ ifname: `ens${index}`, address: macAddress, up: false, inet: [] });
    this.#history.push([...this.state, made]);
    return made;
  }

  async setSecurityGroups(): Promise<void> {}

  async assignAddresses(id: string, count: number): Promise<readonly string[]> {
    const given = this.#free(count);
    this.#change(id, (addresses) => [...addresses, ...given]);
    return given;
  }

  async unassignAddresses(id: string, gone: readonly string[]): Promise<void> {
    this.#change(id, (addresses) => addresses.filter((each) => !gone.includes(each)));
  }

  async collectGarbage(): Promise<void> {
    this.garbage += 1;
  }

  #change(id: string, change: (addresses: readonly string[]) => readonly string[]): void {
    this.#history.push(
      this.state.map((each) => (each.id === id ? { ...each, addresses: change(each.addresses) } : each)),
    );
  }

  #free(count: number): string[] {
    const taken = this.state.flatMap(({ addresses }) => addresses);
    const all = Array.from({ length: 20 }, (_, i) => `10.0.0.${i + 4}`);
    return all.filter((each) => !taken.includes(each)).slice(0, count);
  }
}

function linked(vpc: SmallVpc, linkWithinMs = 1000): UplinkedVpc {
  const { run } = vpc.ip;
  return new UplinkedVpc(
    vpc,
    new EniUplink({ routerNamespace: 'r', run, timing: new TestClock(), linkWithinMs }),
  );
}

const step = fc.record({
  does: fc.constantFrom(
    'attach' as const,
    'read' as const,
    'assign' as const,
    'unassign' as const,
    'restart' as const,
  ),
  index: fc.constantFrom(1, 2),
  count: fc.integer({ min: 1, max: 3 }),
  behind: fc.nat(6),
  dieAt: fc.option(fc.record({ command: fc.nat(8), line: fc.nat(8) }), { nil: undefined }),
});

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

it('gives no address that is not routed, and an old read takes no routing away and brings none back', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 30 }), async (steps) => {
      const vpc = new SmallVpc();
      let driver = linked(vpc);
      /** Addresses that tasks may use, with the slots of their interfaces. */
      const usable = new Map<string, number>();
      const given = (index: number, addresses: readonly string[]): void => {
        for (const address of addresses) usable.set(address, index);
      };
      const act = async ({ does, index, count }: Step): Promise<void> => {
        const one = vpc.state.find((each) => each.index === index);
        if (does === 'attach') given(index, (await driver.attach(index, ['sg-1'], NEVER)).addresses);
        else if (does === 'read') {
          const shown = await driver.interfaces(NEVER);
          if (vpc.behind === 0 && vpc.ip.dieAt === undefined) expect(shown).toEqual(vpc.state);
          for (const each of shown) {
            const fresh = vpc.state.find(({ id }) => id === each.id)!;
            given(
              each.index,
              each.addresses.filter((address) => fresh.addresses.includes(address)),
            );
          }
        } else if (one !== undefined && does === 'assign')
          given(index, await driver.assignAddresses(one.id, count, NEVER));
        else if (one !== undefined && does === 'unassign') {
          const gone = one.addresses.slice(1).slice(-count);
          // The pool hands none of them out from here on.
          for (const address of gone) usable.delete(address);
          if (gone.length > 0) await driver.unassignAddresses(one.id, gone, NEVER);
        }
      };
      for (const each of steps) {
        vpc.ip.restart();
        if (each.does === 'restart') {
          driver = linked(vpc);
          vpc.forgetHistory();
          continue;
        }
        vpc.behind = each.behind;
        vpc.ip.dieAt = each.dieAt;
        await act(each).catch((error: unknown) => expect(String(error)).toContain('killed'));

        const rules = [...vpc.ip.rules].filter((rule) => rule.startsWith('pref 1001'));
        for (const [address, index] of usable) {
          const table = String(100 + index);
          const own = rules.filter((rule) => rule.includes(` ${address} `));
          expect(own).toEqual([`pref 1001 from ${address} lookup ${table}`]);
          const thrown = [1, 2].filter((slot) =>
            vpc.ip.routes.has(JSON.stringify({ type: '9', dst: address, table: String(100 + slot) })),
          );
          expect(thrown).toEqual([index]);
        }
        const assigned = vpc.state.flatMap(({ addresses }) => addresses);
        for (const rule of rules) expect(assigned).toContain(/ from (\S+) /.exec(rule)![1]);
      }
    }),
    { numRuns: 300 },
  );
});

it('leaves an interface without a link out of what there is, and tells later', async () => {
  const vpc = new SmallVpc();
  const driver = linked(vpc);
  await driver.attach(1, ['sg-1'], NEVER);
  await vpc.attach(2, ['sg-2']);
  const hidden = vpc.ip.host.splice(0);
  expect((await driver.interfaces(NEVER)).map(({ index }) => index)).toEqual([1]);
  const told = (await failure(driver.collectGarbage(NEVER))) as AggregateError;
  expect(told.errors).toMatchObject([{ code: 'AWS_LINK_MISSING' }]);
  expect(await failure(driver.attach(2, ['sg-2'], NEVER))).toMatchObject({ code: 'AWS_LINK_MISSING' });
  expect(vpc.garbage).toBe(1);

  vpc.ip.host.push(...hidden);
  expect((await driver.interfaces(NEVER)).map(({ index }) => index)).toEqual([1, 2]);
  await driver.collectGarbage(NEVER);
});

it('tells of an interface that is not there', async () => {
  const driver = linked(new SmallVpc());
  const error = await failure(driver.unassignAddresses('eni-9', ['10.0.0.9'], NEVER));
  expect(error).toMatchObject({ code: 'AWS_NOT_VISIBLE' });
});
