/** Logic of the uplink on a model of `ip`; `test-linux/aws-uplink.test.ts` shows that the kernel does the same. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { EniUplink } from '../../src/aws/eni-uplink.ts';
import type { VpcInterface } from '../../src/network/vpc-driver.ts';
import { NEVER, TestClock } from './aws-fixture.ts';
import { FakeIp } from './fake-ip.ts';

function eni(index: number, hosts: readonly number[]): VpcInterface {
  return {
    id: `eni-${index}`,
    index,
    macAddress: `02:00:00:00:00:0${index}`,
    subnet: { id: 'subnet-1', cidr: '10.0.0.0/16', gateway: '10.0.0.1' },
    securityGroups: ['sg-1'],
    addresses: [`10.0.${index}.4`, ...hosts.map((host) => `10.0.9.${host}`)],
  };
}

function world(): { ip: FakeIp; uplink: () => EniUplink } {
  const ip = new FakeIp();
  for (const index of [1, 2]) {
    const link = { ifname: `ens${index}`, address: `02:00:00:00:00:0${index}`, up: true };
    // A bridge has the address of its first port; it is not the interface.
    ip.host.push({ ...link, ifname: `br${index}`, kind: 'bridge', inet: [] });
    ip.host.push({ ...link, inet: [`10.0.${index}.4`] });
  }
  return { ip, uplink: () => new EniUplink({ routerNamespace: 'r', run: ip.run, timing: new TestClock() }) };
}

/** @param places the interface of each address */
function expected(places: ReadonlyMap<string, number>): { rules: string[]; routes: string[] } {
  const rules = ['pref 0 lookup 255', 'pref 32766 lookup 254'];
  const routes: string[] = [];
  for (const index of new Set(places.values())) {
    const table = String(100 + index);
    rules.push(`pref 1000 iif stwe${index} lookup 254`);
    routes.push(JSON.stringify({ dst: 'default', table }));
    routes.push(JSON.stringify({ type: '8', dst: '169.254.0.0/16', table }));
  }
  for (const [address, index] of places) {
    const table = String(100 + index);
    rules.push(`pref 1001 from ${address} lookup ${table}`);
    routes.push(JSON.stringify({ type: '9', dst: address, table }));
  }
  return { rules: rules.sort(), routes: routes.sort() };
}

const step = fc.record({
  does: fc.constantFrom('connect' as const, 'withdraw' as const),
  index: fc.constantFrom(1, 2),
  hosts: fc.uniqueArray(fc.integer({ min: 5, max: 12 }), { maxLength: 6 }),
  dieAt: fc.option(fc.record({ command: fc.nat(6), line: fc.nat(8) }), { nil: undefined }),
});

it('leads each address through the interface that got it last, whatever moves and dies', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
      const { ip, uplink } = world();
      const places = new Map<string, number>();
      for (const { does, index, hosts, dieAt } of steps) {
        const { addresses } = eni(index, hosts);
        const act = (by: EniUplink): Promise<void> =>
          does === 'connect'
            ? by.connect(eni(index, hosts), NEVER)
            : by.withdraw(index, addresses.slice(1), NEVER);
        ip.restart();
        ip.dieAt = dieAt;
        await act(uplink()).catch((error: unknown) => expect(String(error)).toContain('killed'));
        ip.restart();
        const again = uplink();
        await Promise.all([act(again), act(again)]);

        if (does === 'connect') for (const address of addresses) places.set(address, index);
        else
          for (const address of addresses.slice(1)) if (places.get(address) === index) places.delete(address);
        expect({ rules: [...ip.rules].sort(), routes: [...ip.routes].sort() }).toEqual(expected(places));
        const links = ip.router.map(({ ifname, up, inet }) => ({ ifname, up, inet }));
        links.sort((a, b) => (a.ifname < b.ifname ? -1 : 1));
        expect(links).toEqual(
          [...new Set(places.values())]
            .sort()
            .map((each) => ({ ifname: `stwe${each}`, up: true, inet: [`10.0.${each}.4`] })),
        );
      }
      expect(ip.host.map(({ ifname }) => ifname)).toEqual(expect.arrayContaining(['br1', 'br2']) as string[]);

      const gone = ip.router.pop();
      if (gone === undefined) return;
      const table = String(100 + Number(gone.ifname.slice(4)));
      ip.routes.forEach((route) => route.includes(`"${table}"`) && ip.routes.delete(route));
      await uplink().sweep(NEVER);
      const left = new Map([...places].filter(([, index]) => String(100 + index) !== table));
      expect([...ip.rules].sort()).toEqual(expected(left).rules);
    }),
    { numRuns: 200 },
  );
});

it('says that a link is not there, and does nothing then', async () => {
  const { ip, uplink } = world();
  expect(await uplink().connectNow(eni(8, []), NEVER)).toBe(false);
  expect(ip.rules.size).toBe(2);
  expect(await uplink().connectNow(eni(1, [5]), NEVER)).toBe(true);
});

it('waits for the link of an interface, and says so when it does not come', async () => {
  const { ip, uplink } = world();
  const seen = ip.host.length;
  const clock = new TestClock();
  clock.sleep = async (delayMs) => {
    clock.now += delayMs;
    if (clock.now - Date.parse('2026-01-01T00:00:00Z') >= 3000 && ip.host.length === seen) {
      ip.host.push({ ifname: 'ens7', address: '02:00:00:00:00:07', up: false, inet: [] });
    }
  };
  const patient = new EniUplink({ routerNamespace: 'r', run: ip.run, timing: clock });
  await patient.connect(eni(7, []), NEVER);
  expect(ip.router.map(({ ifname }) => ifname)).toEqual(['stwe7']);
  await expect(uplink().connect(eni(8, []), NEVER)).rejects.toMatchObject({ code: 'AWS_LINK_MISSING' });
});

it('ends with the reason of the signal', async () => {
  const { uplink } = world();
  const reason = new Error('enough');
  await expect(uplink().connect(eni(8, []), AbortSignal.abort(reason))).rejects.toBe(reason);
});
