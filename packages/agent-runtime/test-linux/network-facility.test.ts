/** The facility on the local driver: restart, adoption, sweep, and give-back, with real networks. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TaskSpec } from '@stowage/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { LiveContainer } from '../src/contract/container-backend.ts';
import { runCommand } from '../src/host/run-command.ts';
import { LocalVpc } from '../src/network/local-vpc.ts';
import { NetworkFacility } from '../src/network/network-facility.ts';
import type { SecurityGroup } from '../src/network/security-groups.ts';
import { pings, standIn, type StandIn, throughputMbps } from './network-stand-ins.ts';

const GROUPS: readonly SecurityGroup[] = [
  { id: 'web', ingress: [{ from: { group: 'clients' }, protocol: 'all' }] },
  { id: 'clients', ingress: [] },
];
const NAMESPACE = `stw-f-${process.pid}`;
const signal = new AbortController().signal;

let folder: string;
let facility: NetworkFacility;
let hosts: StandIn[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stowage-network-'));
  facility = open();
});

afterEach(async () => {
  await facility.close();
  await facility.removeRouter();
  for (const host of hosts) await host.end();
  hosts = [];
  await rm(folder, { recursive: true });
  expect((await runCommand('ip', ['netns', 'list'])).stdout).not.toContain(NAMESPACE);
});

function open(): NetworkFacility {
  return new NetworkFacility({
    driver: new LocalVpc({
      path: join(folder, 'vpc.json'),
      securityGroups: GROUPS.map(({ id }) => id),
      limits: { interfaces: 3, addressesPerInterface: 10, networkMbps: 500 },
    }),
    securityGroups: GROUPS,
    namespace: NAMESPACE,
    pool: { settleMs: 0, refreshIntervalMs: 200 },
  });
}

const spec = (taskId: string, group: string, networkMbps?: number): TaskSpec => ({
  taskId,
  image: { kind: 'folder', path: '/' },
  resources: { cpuMilli: 100, memoryMiB: 64, ...(networkMbps !== undefined && { networkMbps }) },
  network: { mode: 'vpc', securityGroups: [group] },
});

const live = ({ pid }: StandIn): LiveContainer => ({ pid, cgroups: { version: 1, controllers: {} } });

async function launch(task: TaskSpec): Promise<{ readonly host: StandIn; readonly data: unknown }> {
  const given = await facility.prepare(task, signal);
  const host = await standIn();
  hosts.push(host);
  await facility.attach(task, live(host), signal);
  return { host, data: given!.data };
}

test('every feature of the network is enforced on this host', async () => {
  const report = await facility.probe();
  expect(Object.entries(report).map(([feature, state]) => [feature, state.level])).toEqual([
    ['address-per-container', 'enforced'],
    ['security-groups', 'enforced'],
    ['bandwidth', 'enforced'],
  ]);
});

test('a restarted agent takes over what runs and removes what does not', async () => {
  const [client, web, dead] = [spec('client', 'clients'), spec('web', 'web', 100), spec('dead', 'web')];
  const one = await launch(client);
  const two = await launch(web);
  await launch(dead);
  const address = facility.addressOf('web')!;
  const deadAddress = facility.addressOf('dead')!;
  expect(await pings(one.host, address)).toBe(true);
  expect(await pings(one.host, deadAddress)).toBe(true);

  await facility.close();
  facility = open();
  await facility.adopt(client, one.data, live(one.host));
  await facility.adopt(web, two.data, live(two.host));
  await facility.sweep();
  expect(facility.addressOf('web')).toBe(address);
  expect(await pings(one.host, address)).toBe(true);
  expect(await pings(one.host, deadAddress)).toBe(false);
  expect(await throughputMbps(one.host, two.host, address, 'out', 5201, 3)).toBeLessThan(110);

  const third = await launch(spec('third', 'web'));
  expect(facility.addressOf('third')).not.toBe(address);
  expect(await pings(one.host, facility.addressOf('third')!)).toBe(true);
  expect(await pings(third.host, facility.addressOf('client')!)).toBe(false);

  for (const taskId of ['client', 'web', 'third', 'never']) await facility.release(taskId);
  expect(await pings(one.host, address)).toBe(false);
  const { stdout } = await runCommand('ip', ['-n', NAMESPACE, '-j', 'link', 'show']);
  const names = (JSON.parse(stdout) as { ifname: string }[]).map(({ ifname }) => ifname);
  expect(names.sort()).toEqual(['lo', 'stwin', 'stwout']);

  await expect
    .poll(async () => JSON.stringify(JSON.parse(await readFile(join(folder, 'vpc.json'), 'utf8'))), {
      timeout: 10_000,
    })
    .toMatch(/^(?:(?!"addresses":\["[^"]*","").)*$/);
});

test('a container that ends by itself leaves nothing after its release', async () => {
  const { host } = await launch(spec('a', 'web', 10));
  await host.end();
  await facility.release('a');
  const table = await runCommand('nsenter', [
    `--net=${facility.routerNamespacePath}`,
    'nft',
    'list',
    'table',
    'inet',
    'stowage',
  ]);
  expect(table.stdout).not.toContain('elements');
  const classes = await runCommand('tc', ['-n', NAMESPACE, 'class', 'show', 'dev', 'stwin']);
  expect(classes.stdout.match(/class htb 1:\w+/g)!.sort()).toEqual(['class htb 1:1', 'class htb 1:2']);
});
