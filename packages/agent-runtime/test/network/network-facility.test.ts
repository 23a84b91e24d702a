/** The facility with a fake cloud and a host whose programs are recorded and can fail at every call. */
import { expect, test, vi } from 'vitest';
import type { TaskSpec } from '@stowage/protocol';
import {
  InvalidContainerError,
  type LiveContainer,
  UnavailableError,
} from '../../src/contract/container-backend.ts';
import { CommandError } from '../../src/host/run-command.ts';
import { groupsKey } from '../../src/network/address-assignment.ts';
import { NetworkFacility, type NetworkFacilityOptions } from '../../src/network/network-facility.ts';
import { groupSetName } from '../../src/network/security-groups.ts';
import type { VpcDriver } from '../../src/network/vpc-driver.ts';
import { FakeVpc } from './fake-vpc.ts';
import { VirtualClock } from './virtual-clock.ts';

const signal = new AbortController().signal;
const container = { pid: 0 } as LiveContainer;

function spec(taskId: string, fields: Partial<TaskSpec> = {}): TaskSpec {
  return {
    taskId,
    image: { kind: 'folder', path: '/' },
    resources: { cpuMilli: 100, memoryMiB: 64 },
    network: { mode: 'vpc', securityGroups: ['sg-b', 'sg-a'] },
    ...fields,
  };
}

function set(): {
  readonly clock: VirtualClock;
  readonly vpc: FakeVpc;
  readonly failing: { error: Error | undefined };
  readonly facility: (more?: Partial<NetworkFacilityOptions>) => NetworkFacility;
  readonly failures: unknown[];
  /** What was given to nft. */
  readonly texts: string[];
} {
  const clock = new VirtualClock();
  const vpc = new FakeVpc(clock, { interfaces: 2, addressesPerInterface: 6, lagMs: 0, latencyMs: 0 });
  const failing: { error: Error | undefined } = { error: undefined };
  const failures: unknown[] = [];
  const texts: string[] = [];
  return {
    clock,
    vpc,
    failing,
    failures,
    texts,
    facility: (more = {}) =>
      new NetworkFacility({
        driver: vpc,
        // No such namespace is ever made: the runner makes nothing.
        namespace: 'stw-never-made',
        pool: { clock, settleMs: 1_000, refreshIntervalMs: 10_000 },
        run: (_program, args, options) => {
          if (failing.error !== undefined) return Promise.reject(failing.error);
          if (args.includes('nft')) texts.push(options?.input ?? '');
          const stdout = args.includes('list') ? '{"nftables":[]}' : '';
          return Promise.resolve({ stdout, stderr: '' });
        },
        onCollectFailed: (error) => failures.push(error),
        ...more,
      }),
  };
}

test('a task without a network of its own gets nothing', async () => {
  const { facility, vpc } = set();
  const network = facility();
  expect(await network.prepare(spec('a', { network: { mode: 'none' } }), signal)).toBeUndefined();
  expect(await network.prepare(spec('b', { network: { mode: 'host' } }), signal)).toBeUndefined();
  await network.attach(spec('a', { network: { mode: 'none' } }), container, signal);
  await network.adopt(spec('a', { network: { mode: 'none' } }), undefined, undefined);
  await network.release('a');
  expect(vpc.calls).toEqual([]);
  await network.close();
});

test('a task gets an address, and tells its environment and labels', async () => {
  const { facility } = set();
  const network = facility();
  const given = await network.prepare(spec('a'), signal);
  expect(given).toEqual({
    address: '10.1.0.10',
    data: {
      interfaceId: 'if-1',
      interfaceIndex: 1,
      macAddress: '02:00:00:00:00:01',
      subnet: { id: 'subnet-1', cidr: '10.1.0.0/16', gateway: '10.1.0.1' },
      address: '10.1.0.10',
      securityGroups: ['sg-a', 'sg-b'],
    },
    environment: {
      EC2_LOCAL_IPV4: '10.1.0.10',
      EC2_INTERFACE_ID: 'if-1',
      EC2_SUBNET_ID: 'subnet-1',
      STOWAGE_NETWORK_MODE: 'vpc',
    },
    labels: {
      'stowage.address': '10.1.0.10',
      'stowage.interface': 'if-1',
      'stowage.security-groups': 'sg-a,sg-b',
    },
  });
  expect(network.addressOf('a')).toBe('10.1.0.10');
  expect(await network.prepare(spec('a'), signal)).toEqual(given);
  await network.release('a');
  await network.release('a');
  expect(network.addressOf('a')).toBeUndefined();
  await network.close();
});

test('requests that cannot work are told apart from those that another host may serve', async () => {
  const { facility, vpc } = set();
  const network = facility();
  const prepare = (fields: Partial<TaskSpec>): Promise<unknown> => network.prepare(spec('a', fields), signal);
  await expect(prepare({ network: { mode: 'vpc', securityGroups: [] } })).rejects.toThrow(
    InvalidContainerError,
  );
  await expect(prepare({ network: { mode: 'vpc', securityGroups: ['sg-missing'] } })).rejects.toThrow(
    InvalidContainerError,
  );
  await expect(
    prepare({ resources: { cpuMilli: 1, memoryMiB: 6, networkMbps: vpc.limits().networkMbps + 1 } }),
  ).rejects.toThrow(UnavailableError);
  await network.prepare(spec('b', { network: { mode: 'vpc', securityGroups: ['sg-1'] } }), signal);
  await network.prepare(spec('c', { network: { mode: 'vpc', securityGroups: ['sg-2'] } }), signal);
  await expect(prepare({})).rejects.toThrow('the interfaces are in use by other security groups');
  await expect(prepare({})).rejects.toThrow(UnavailableError);
  await network.close();
});

test('after a restart a task keeps its address, and no other gets it', async () => {
  const { facility, clock } = set();
  const first = facility();
  const given = await first.prepare(spec('a'), signal);
  await first.close();
  const second = facility();
  await second.adopt(spec('a'), given!.data, undefined);
  expect(second.addressOf('a')).toBe(given!.address);
  const others = Promise.all(['b', 'c', 'd'].map((taskId) => second.prepare(spec(taskId), signal)));
  await clock.advance(5_000);
  const addresses = (await others).map((one) => one!.address);
  expect(new Set([given!.address, ...addresses]).size).toBe(4);
  await expect(second.adopt(spec('x'), given!.data, undefined)).rejects.toThrow('ADDRESS_CONFLICT');
  await expect(second.adopt(spec('x'), { address: 1 }, undefined)).rejects.toThrow('INVALID_NETWORK_DATA');
  await second.close();
});

test('a host without the programs says so, and takes no task', async () => {
  const { facility, failing, vpc } = set();
  failing.error = new CommandError('ip netns', 'could not be started', undefined, {
    stdout: '',
    stderr: 'no such program',
  });
  const network = facility();
  const report = await network.probe();
  for (const feature of ['address-per-container', 'security-groups', 'bandwidth'] as const) {
    expect(report[feature]?.level).toBe('unavailable');
    expect(report[feature]?.detail).toContain('no such program');
  }
  await expect(network.prepare(spec('a'), signal)).rejects.toThrow('no such program');
  await network.release('a');
  expect(vpc.calls).toEqual([]);
  failing.error = undefined;
  expect((await network.probe())['address-per-container']?.level).toBe('enforced');
  await network.close();
});

test('unused addresses are given back while the agent runs, and failures are told and mended', async () => {
  const { facility, clock, vpc, failures } = set();
  const network = facility();
  await network.prepare(spec('a'), signal);
  await network.prepare(spec('b'), signal);
  const held = [network.addressOf('a'), network.addressOf('b')];
  expect(vpc.state[0].addresses).toHaveLength(5);
  await clock.advance(100_000);
  expect(vpc.state[0].addresses).toHaveLength(5);

  vi.spyOn(vpc, 'unassignAddresses').mockRejectedValueOnce(new Error('throttled'));
  await network.sweep();
  await clock.advance(15_000);
  expect(failures).toHaveLength(1);
  expect(vpc.state[0].addresses).toHaveLength(5);
  await clock.advance(10_000);
  expect(vpc.state[0].addresses).toEqual(held);

  await network.release('b');
  await clock.advance(15_000);
  expect(vpc.state[0].addresses).toEqual(held);
  await clock.advance(20_000);
  expect(vpc.state[0].addresses).toEqual([held[0]]);
  await network.close();
  await clock.settle();
  expect(failures).toHaveLength(1);
  expect(clock.pending).toBe(0);
});

test('a driver collects its garbage beside the pool, also when the pool fails, and is cut off at the end', async () => {
  const { facility, clock, vpc, failures } = set();
  const signals: AbortSignal[] = [];
  const collectGarbage = vi.fn<NonNullable<VpcDriver['collectGarbage']>>((given) => {
    signals.push(given);
    return signals.length === 2 ? Promise.reject(new Error('no link')) : Promise.resolve();
  });
  Object.assign(vpc, { collectGarbage });
  const network = facility();
  await network.sweep();
  vi.spyOn(vpc, 'interfaces').mockRejectedValueOnce(new Error('throttled'));
  await clock.advance(10_000);
  expect((failures as AggregateError[]).map(({ errors }) => errors.map(String))).toEqual([
    ['Error: throttled'],
  ]);
  await clock.advance(10_000);
  expect((failures[1] as AggregateError).errors.map(String)).toEqual(['Error: no link']);
  await clock.advance(10_000);
  expect(failures).toHaveLength(2);
  expect(collectGarbage).toHaveBeenCalledTimes(3);
  expect(signals[0].aborted).toBe(false);
  await network.close();
  expect(signals[0].aborted).toBe(true);
});

test("rules are the cloud's unless they are given: read at each interval, kept over a restart", async () => {
  const { facility, clock, vpc, failures, texts } = set();
  const id = groupsKey(['sg-a', 'sg-b']);
  const rulesAmong = vi.fn<NonNullable<VpcDriver['rulesAmong']>>((holders) =>
    Promise.resolve(
      holders.map(({ securityGroups }) => ({
        id: groupsKey(securityGroups),
        ingress: [{ from: { cidr: '10.1.0.0/16' }, protocol: 'tcp' as const }],
      })),
    ),
  );
  Object.assign(vpc, { rulesAmong });
  const given = facility({ securityGroups: [] });
  await given.prepare(spec('a'), signal);
  await given.sweep();
  await clock.advance(10_000);
  await given.close();
  expect(rulesAmong).not.toHaveBeenCalled();
  expect(texts.join('')).toContain('flush chain inet stowage groups');

  texts.length = 0;
  const network = facility();
  await network.prepare(spec('a'), signal);
  // What an earlier run has set stays until the cloud has answered.
  expect(texts.join('')).not.toContain('flush chain inet stowage groups');
  await network.sweep();
  await clock.settle();
  expect(rulesAmong.mock.lastCall![0]).toEqual([
    { securityGroups: ['sg-a', 'sg-b'], subnets: ['10.1.0.0/16'] },
  ]);
  expect(texts.join('')).toContain(
    `to_${groupSetName(id)} ct original ip saddr 10.1.0.0/16 meta l4proto tcp`,
  );

  rulesAmong.mockRejectedValueOnce(new Error('throttled'));
  await clock.advance(10_000);
  expect((failures as AggregateError[]).map(({ errors }) => errors.map(String))).toEqual([
    ['Error: throttled'],
  ]);
  await clock.advance(10_000);
  expect(rulesAmong).toHaveBeenCalledTimes(3);
  expect(failures).toHaveLength(1);
  await network.close();
});
