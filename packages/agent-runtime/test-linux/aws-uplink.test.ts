/**
 * Interfaces of a VPC brought into a router namespace, on the real kernel. A veth plays an elastic network interface: one
 * end is found on the host by its MAC address, the other is in a namespace that plays the VPC. That namespace maps each
 * address to one interface and drops what comes from an address through another interface, as the VPC does.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { EniUplink } from '../src/aws/eni-uplink.ts';
import { CommandError, runCommand } from '../src/host/run-command.ts';
import type { VpcInterface } from '../src/network/vpc-driver.ts';

const NAMES = ['router', 'vpc', 'a', 'b', 'c', 'd'] as const;
type Name = (typeof NAMES)[number];
const namespaceOf = (name: Name): string => `stw-aws-${process.pid}-${name}`;
const OUTSIDE = '198.51.100.1';
const HOST_METADATA = '169.254.169.254';
const NEVER = new AbortController().signal;

function eni(index: number, addresses: readonly string[]): VpcInterface {
  return {
    id: `eni-${index}`,
    index,
    macAddress: `02:57:${(process.pid % 65_536).toString(16).padStart(4, '0').replace(/..$/, ':$&')}:00:0${index}`,
    subnet: { id: 'subnet-1', cidr: '10.77.0.0/24', gateway: '10.77.0.1' },
    securityGroups: ['sg-1'],
    addresses,
  };
}

const FIRST = eni(1, ['10.77.0.10', '10.77.0.11', '10.77.0.12']);
const SECOND = eni(2, ['10.77.0.20', '10.77.0.21']);
type Task = 'a' | 'b' | 'c' | 'd';
/** The last has the primary address of the second interface. */
const TASKS: Readonly<Record<Task, string>> = {
  a: '10.77.0.11',
  b: '10.77.0.12',
  c: '10.77.0.21',
  d: '10.77.0.20',
};

async function ip(name: Name | undefined, ...lines: string[]): Promise<void> {
  const where = name === undefined ? [] : ['-n', namespaceOf(name)];
  await runCommand('ip', [...where, '-batch', '-'], { input: `${lines.join('\n')}\n` });
}

async function show(name: Name, ...args: string[]): Promise<string> {
  const { stdout } = await runCommand('ip', ['-n', namespaceOf(name), '-N', ...args]);
  return stdout;
}

async function sysctl(name: Name, setting: string): Promise<void> {
  await runCommand('ip', ['netns', 'exec', namespaceOf(name), 'sysctl', '-q', '-w', setting]);
}

async function reaches(name: Name, address: string): Promise<boolean> {
  const args = ['netns', 'exec', namespaceOf(name), 'busybox', 'ping', '-c', '1', '-W', '2', '-q', address];
  try {
    await runCommand('ip', args);
    return true;
  } catch (error) {
    if (error instanceof CommandError && error.exitCode === 1) return false;
    throw error;
  }
}

/** A veth whose one end is on the host and looks like an interface that was just attached. */
async function plugIn({ index, macAddress, addresses }: VpcInterface): Promise<void> {
  await ip(
    undefined,
    `link add stwaws${index}e address ${macAddress} type veth peer name stwaws${index}v netns ${namespaceOf('vpc')}`,
  );
  await ip(
    'vpc',
    `addr add 10.77.0.1/32 dev stwaws${index}v`,
    `link set stwaws${index}v up`,
    ...addresses.flatMap((address) => [
      `route add ${address}/32 dev stwaws${index}v`,
      `neigh add ${address} lladdr ${macAddress} nud permanent dev stwaws${index}v`,
    ]),
  );
}

async function linkExists(name: string): Promise<boolean> {
  const { stdout } = await runCommand('ip', ['-br', 'link', 'show']);
  return stdout.split('\n').some((line) => line.startsWith(`${name}@`) || line.startsWith(`${name} `));
}

const uplink = new EniUplink({ routerNamespace: namespaceOf('router'), linkWithinMs: 1000 });

beforeAll(async () => {
  for (const name of NAMES) {
    await ip(undefined, `netns add ${namespaceOf(name)}`);
    await ip(name, 'link set lo up');
  }
  await sysctl('router', 'net.ipv4.ip_forward=1');
  await sysctl('router', 'net.ipv4.conf.all.rp_filter=1');
  await sysctl('vpc', 'net.ipv4.ip_forward=1');
  await sysctl('vpc', 'net.ipv4.conf.all.rp_filter=1');
  await ip('vpc', `addr add ${OUTSIDE}/32 dev lo`, `addr add ${HOST_METADATA}/32 dev lo`);
  for (const [name, address] of Object.entries(TASKS) as [Task, string][]) {
    await ip(name, `link add eth0 type veth peer name task-${name} netns ${namespaceOf('router')}`);
    await ip(
      name,
      `addr add ${address}/32 dev eth0`,
      'link set eth0 up',
      'route add 169.254.1.1/32 dev eth0',
      'route add default via 169.254.1.1',
    );
    await ip(
      'router',
      `addr add 169.254.1.1/32 dev task-${name}`,
      `link set task-${name} up`,
      `route add ${address}/32 dev task-${name}`,
    );
  }
  await plugIn(FIRST);
  await plugIn(SECOND);
});

afterAll(async () => {
  const errors: unknown[] = [];
  const attempt = (work: Promise<unknown>): Promise<unknown> =>
    work.catch((error: unknown) => errors.push(error));
  for (const { index } of [FIRST, SECOND]) {
    if (await linkExists(`stwaws${index}e`)) await attempt(ip(undefined, `link del stwaws${index}e`));
  }
  for (const name of NAMES) await attempt(ip(undefined, `netns del ${namespaceOf(name)}`));
  if (errors.length > 0) throw new AggregateError(errors, 'Something is left on the host.');
});

it('moves a link by its MAC address, and leaves its addresses to tasks', async () => {
  await uplink.connect(FIRST, NEVER);
  await uplink.connect(SECOND, NEVER);
  expect(await linkExists('stwaws1e')).toBe(false);
  for (const { index, macAddress } of [FIRST, SECOND]) {
    const link = await show('router', 'addr', 'show', 'dev', `stwe${index}`);
    expect(link).toContain(macAddress);
    expect(link).toContain('state UP');
    expect(await show('router', 'route', 'show', 'table', '255')).not.toContain('10.77.0.');
  }
});

it('carries each address through its own interface, both ways', async () => {
  for (const [name, address] of Object.entries(TASKS) as [Task, string][]) {
    expect(await reaches(name, OUTSIDE), name).toBe(true);
    expect(await reaches('vpc', address), name).toBe(true);
  }
});

it('does not let tasks out to the metadata of the host', async () => {
  expect(await reaches('a', HOST_METADATA)).toBe(false);
  await ip('router', 'route del prohibit 169.254.0.0/16 table 101');
  // It would be there, or the check above would tell nothing.
  expect(await reaches('a', HOST_METADATA)).toBe(true);
  await uplink.connect(FIRST, NEVER);
  expect(await reaches('a', HOST_METADATA)).toBe(false);
});

it('sends packets between interfaces through the VPC, and those within one not', async () => {
  expect(await reaches('a', TASKS.c)).toBe(true);
  expect(await reaches('c', TASKS.b)).toBe(true);
  await sysctl('vpc', 'net.ipv4.ip_forward=0');
  expect(await reaches('a', TASKS.c)).toBe(false);
  expect(await reaches('a', TASKS.b)).toBe(true);
  await sysctl('vpc', 'net.ipv4.ip_forward=1');
});

it('changes nothing when nothing has changed', async () => {
  const before = [await show('router', 'rule'), await show('router', 'route', 'show', 'table', 'all')];
  await uplink.connect(FIRST, NEVER);
  await Promise.all([uplink.connect(SECOND, NEVER), uplink.connect(SECOND, NEVER)]);
  expect([await show('router', 'rule'), await show('router', 'route', 'show', 'table', 'all')]).toEqual(
    before,
  );
});

it('follows the addresses of an interface', async () => {
  await uplink.connect({ ...FIRST, addresses: ['10.77.0.10', '10.77.0.13'] }, NEVER);
  expect(await reaches('a', OUTSIDE)).toBe(true);
  await uplink.withdraw(FIRST.index, [TASKS.a], NEVER);
  expect(await reaches('a', OUTSIDE)).toBe(false);
  expect(await reaches('b', OUTSIDE)).toBe(true);
  const rules = await show('router', 'rule');
  expect(rules).toContain('from 10.77.0.13 lookup 101');
  expect(rules).not.toContain(TASKS.a);
  expect(await show('router', 'route', 'show', 'table', '101')).not.toContain(TASKS.a);
  await uplink.connect(FIRST, NEVER);
  await uplink.withdraw(FIRST.index, ['10.77.0.13'], NEVER);
  expect(await reaches('a', OUTSIDE)).toBe(true);
});

it('leads an address through the interface that has it now', async () => {
  await uplink.connect({ ...SECOND, addresses: [...SECOND.addresses, TASKS.a] }, NEVER);
  expect(await show('router', 'rule')).not.toContain(`from ${TASKS.a} lookup 101`);
  // What its former neighbours send to it no longer stays on the host.
  expect(await show('router', 'route', 'show', 'table', '101')).not.toContain(TASKS.a);
  await uplink.connect(FIRST, NEVER);
  expect(await show('router', 'rule')).toContain(`from ${TASKS.a} lookup 101`);
  expect(await show('router', 'route', 'show', 'table', '102')).not.toContain(TASKS.a);
});

it('comes to the same state after a crash at any command', async () => {
  const state = async (): Promise<unknown> =>
    Promise.all([
      show('router', '-br', 'link').then((text) =>
        text.split('\n').filter((line) => line.startsWith('stwe1')),
      ),
      show('router', 'rule').then((text) => text.split('\n').sort()),
      show('router', 'route', 'show', 'table', '101').then((text) => text.split('\n').sort()),
      show('router', 'route', 'show', 'table', '255').then((text) => text.split('\n').sort()),
    ]);
  const whole = await state();
  let crashes = 0;
  for (let survived = 0; ; survived++) {
    // Unplugged and plugged in again: the link is new, and stale rules are left.
    await ip('vpc', 'link del stwaws1v');
    await plugIn(FIRST);
    let commands = 0;
    const dying = new EniUplink({
      routerNamespace: namespaceOf('router'),
      run: async (...call) => {
        if (commands++ === survived) throw new Error('killed');
        return runCommand(...call);
      },
    });
    const isWhole = await dying.connect(FIRST, NEVER).then(
      () => true,
      () => false,
    );
    if (!isWhole) {
      crashes += 1;
      await uplink.connect(FIRST, NEVER);
    }
    const again = (await state()) as unknown[];
    expect(again.slice(1)).toEqual((whole as unknown[]).slice(1));
    expect(JSON.stringify(again[0])).toContain('UP');
    if (isWhole) break;
  }
  expect(crashes).toBeGreaterThanOrEqual(5);
  expect(await reaches('a', OUTSIDE)).toBe(true);
});

it('sweeps the rules of interfaces that are gone', async () => {
  await ip('vpc', 'link del stwaws2v');
  expect(await show('router', 'rule')).toContain('lookup 102');
  await uplink.sweep(NEVER);
  const rules = await show('router', 'rule');
  expect(rules).not.toMatch(/stwe2|lookup 102/);
  expect(rules).toContain('lookup 101');
  expect(await reaches('a', OUTSIDE)).toBe(true);
});

it('names an interface whose link does not come', async () => {
  await expect(uplink.connect(eni(7, ['10.77.0.70']), NEVER)).rejects.toMatchObject({
    code: 'AWS_LINK_MISSING',
  });
});
