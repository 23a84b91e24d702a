/** The metadata service behind the real network facility: its router, its rules, and both over a restart. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TaskSpec } from '@stowage/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { LiveContainer } from '../src/contract/container-backend.ts';
import { runCommand } from '../src/host/run-command.ts';
import { MetadataFacility } from '../src/metadata/metadata-facility.ts';
import type { RoleAssumer } from '../src/metadata/role-assumer.ts';
import { LocalVpc } from '../src/network/local-vpc.ts';
import { NetworkFacility } from '../src/network/network-facility.ts';
import { standIn, type StandIn } from './network-stand-ins.ts';

const SERVICE = 'http://169.254.169.254';
const NAMESPACE = `stw-md-${process.pid}`;
const signal = new AbortController().signal;

const assumer: RoleAssumer = {
  assumeRole: ({ sessionName, durationSeconds }) =>
    Promise.resolve({
      accessKeyId: `KEY-${sessionName}`,
      secretAccessKey: 'secret',
      sessionToken: 'token',
      expirationMs: Date.now() + durationSeconds * 1_000,
    }),
};

interface Launched {
  readonly spec: TaskSpec;
  readonly host: StandIn;
  readonly networkData: unknown;
  readonly metadataData: unknown;
}

let folder: string;
let network: NetworkFacility;
let metadata: MetadataFacility;
let hosts: StandIn[] = [];

function open(): void {
  network = new NetworkFacility({
    driver: new LocalVpc({
      path: join(folder, 'vpc.json'),
      securityGroups: ['closed'],
      limits: { interfaces: 2, addressesPerInterface: 10, networkMbps: 500 },
    }),
    securityGroups: [{ id: 'closed', ingress: [] }],
    namespace: NAMESPACE,
    pool: { settleMs: 0 },
  });
  metadata = new MetadataFacility({
    namespacePath: network.routerNamespacePath,
    addressOf: (taskId) => network.addressOf(taskId),
    roleAssumer: assumer,
  });
}

async function close(): Promise<void> {
  await metadata.close();
  await network.close();
}

const live = ({ pid }: StandIn): LiveContainer => ({ pid, cgroups: { version: 1, controllers: {} } });

async function launch(name: string): Promise<Launched> {
  const spec: TaskSpec = {
    taskId: `task-${name}`,
    image: { kind: 'folder', path: '/' },
    resources: { cpuMilli: 100, memoryMiB: 64 },
    network: { mode: 'vpc', securityGroups: ['closed'] },
    metadata: { iamRole: `arn:aws:iam::123456789012:role/role-${name}` },
  };
  const networkGave = await network.prepare(spec, signal);
  const metadataGave = await metadata.prepare(spec, signal);
  const host = await standIn(true);
  hosts.push(host);
  await network.attach(spec, live(host), signal);
  await metadata.attach(spec, live(host), signal);
  return { spec, host, networkData: networkGave!.data, metadataData: metadataGave!.data };
}

const get = (host: StandIn, path: string, ...options: readonly string[]): Promise<string> =>
  host.run('curl', '-s', '-m', '3', ...options, `${SERVICE}${path}`);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stowage-metadata-'));
  open();
  expect(await network.probe()).toMatchObject({ 'address-per-container': { level: 'enforced' } });
  expect(await metadata.probe()).toMatchObject({
    'metadata-service': { level: 'enforced' },
    'iam-credentials': { level: 'enforced' },
  });
});

afterEach(async () => {
  await close();
  await network.removeRouter();
  for (const host of hosts) await host.end();
  hosts = [];
  await rm(folder, { recursive: true });
  expect((await runCommand('ip', ['netns', 'list'])).stdout).not.toContain(NAMESPACE);
});

test('a container whose group lets nothing in reaches its own service and nothing else of the router', async () => {
  const [one, two] = [await launch('a'), await launch('b')];
  for (const [{ host, spec }, name] of [
    [one, 'a'],
    [two, 'b'],
  ] as const) {
    expect(await get(host, '/latest/meta-data/instance-id')).toBe(spec.taskId);
    expect(await get(host, '/latest/meta-data/local-ipv4')).toBe(network.addressOf(spec.taskId));
    const path = `/latest/meta-data/iam/security-credentials/role-${name}`;
    expect(JSON.parse(await get(host, path))).toMatchObject({ AccessKeyId: `KEY-stowage-${spec.taskId}` });
  }
  // Another port of the same address, another address of the router, and the neighbour's.
  const closed = ['169.254.169.254:81', '169.254.1.1:80', `${network.addressOf('task-b')}:80`];
  for (const address of closed) {
    await expect(one.host.run('curl', '-s', '-m', '1', `http://${address}/`), address).rejects.toThrow();
  }
});

test("a container that takes the neighbour's address gets no answer", async () => {
  const [one, two] = [await launch('a'), await launch('b')];
  const stolen = network.addressOf('task-b')!;
  await one.host.run('ip', 'address', 'add', `${stolen}/32`, 'dev', 'eth0');
  await expect(get(one.host, '/latest/meta-data/instance-id', '--interface', stolen)).rejects.toMatchObject({
    exitCode: 28,
  });
  expect(await get(two.host, '/latest/meta-data/instance-id')).toBe('task-b');
});

test('a restarted agent serves the tasks that live, and forgets those that do not', async () => {
  const [one, two] = [await launch('a'), await launch('b')];
  await close();
  open();
  await network.adopt(one.spec, one.networkData, live(one.host));
  await metadata.adopt(one.spec, one.metadataData, live(one.host));
  await network.sweep();
  await metadata.sweep();
  expect(await get(one.host, '/latest/meta-data/instance-id')).toBe('task-a');
  await expect(get(two.host, '/latest/meta-data/instance-id')).rejects.toThrow();

  await metadata.release('task-a');
  await network.release('task-a');
  await expect(get(one.host, '/latest/meta-data/instance-id')).rejects.toThrow();
});
