/** Opening a network of kind `aws` from plain data: the first time, again, and while EC2 does not answer. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { AgentError } from '@stowage/protocol';
import { AwsCallError } from '../../src/aws/aws-errors.ts';
import type { InstanceIdentity } from '../../src/aws/instance-identity.ts';
import type { AwsNetworkSetup } from '../../src/setup/agent-setup.ts';
import { type AwsNetworkParts, openAwsNetwork } from '../../src/setup/aws-network.ts';
import { failure, type Fixture, withFixture } from './aws-fixture.ts';

const LIMITS = { interfaces: 3, addressesPerInterface: 6, networkMbps: 1250 };

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stowage-aws-network-'));
  path = join(folder, 'aws-instance.json');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAFAKE');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'fake');
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

function open(fixture: Fixture, more: Partial<AwsNetworkSetup> = {}): Promise<AwsNetworkParts> {
  const { endpoint, region } = fixture.fake.clientOptions;
  const setup = { kind: 'aws' as const, instanceId: fixture.instance.id, region, endpoint, ...more };
  return openAwsNetwork(setup, folder, 'no-such-namespace', { timing: fixture.clock, identity: UNASKED });
}

const UNASKED = (): Promise<never> => Promise.reject(new Error('nobody should ask'));

it('knows what EC2 says of the instance, unless the setup says something else', () =>
  withFixture(async (fixture) => {
    const { driver, region, securityGroups, pool } = await open(fixture);
    expect(driver.limits()).toEqual(LIMITS);
    expect({ region, securityGroups }).toEqual({ region: 'eu-west-1', securityGroups: undefined });
    expect(pool).toEqual({ attempts: 2 });
    const limits = { interfaces: 1, addressesPerInterface: 2, networkMbps: 3 };
    const other = await open(fixture, { limits, refreshIntervalMs: 5 });
    expect(other.driver.limits()).toEqual(limits);
    expect(other.pool).toEqual({ attempts: 2, refreshIntervalMs: 5 });
  }));

it.each(['throttle', 'reset-before', 'error-before'] as const)(
  'opens again while every call ends with %s, with what it knew',
  (fault) =>
    withFixture(async (fixture) => {
      await open(fixture);
      fixture.fake.faultFor = () => fault;
      fixture.fake.calls.splice(0);
      const { driver, region } = await open(fixture);
      expect(driver.limits()).toEqual(LIMITS);
      expect(region).toBe('eu-west-1');
      // Five tries of one call, and no more.
      expect(fixture.fake.calls).toEqual(Array(5).fill('DescribeInstances'));
    }),
);

it.each([
  ['nothing is kept', undefined],
  ['what is kept is of another instance', { version: 1, instanceId: 'i-1', subnetId: 's', limits: LIMITS }],
  ['what is kept is of another version', { version: 2, instanceId: '', subnetId: 's', limits: LIMITS }],
  ['what is kept is damaged', { version: 1, instanceId: '' }],
  ['what is kept is half a file', '{"version":1'],
])('does not open while EC2 is away and %s', (_, kept) =>
  withFixture(async (fixture) => {
    const own = typeof kept === 'object' && kept.instanceId === '' && { instanceId: fixture.instance.id };
    const text = typeof kept === 'string' ? kept : JSON.stringify({ ...kept, ...own });
    if (kept !== undefined) await writeFile(path, text);
    fixture.fake.faultFor = () => 'reset-before';
    expect(await failure(open(fixture))).toBeInstanceOf(AwsCallError);
    fixture.fake.faultFor = () => undefined;
    expect((await open(fixture)).driver.limits()).toEqual(LIMITS);
    expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ instanceId: fixture.instance.id });
  }),
);

it('takes a refusal for what it is, although it knew the instance', () =>
  withFixture(async (fixture) => {
    await open(fixture);
    fixture.fake.forbidden.add('DescribeInstances');
    expect(await failure(open(fixture))).toMatchObject({ awsCode: 'UnauthorizedOperation' });
    fixture.fake.forbidden.clear();
    fixture.cloud.terminate(fixture.instance.id);
    expect(await failure(open(fixture))).toMatchObject({ code: 'AWS_UNKNOWN_INSTANCE' });
  }));

it('learns from the host who it is, and opens again while the host does not tell', () =>
  withFixture(async (fixture) => {
    const { endpoint, region } = fixture.fake.clientOptions;
    const identity = vi.fn<() => Promise<InstanceIdentity>>();
    const openUnnamed = (): Promise<AwsNetworkParts> =>
      openAwsNetwork({ kind: 'aws', endpoint }, folder, 'r', { timing: fixture.clock, identity });
    const silent = new AgentError('AWS_NO_IDENTITY', 'no service');
    identity.mockRejectedValueOnce(silent);
    expect(await failure(openUnnamed())).toBe(silent);
    const told = {
      instanceId: fixture.instance.id,
      region,
      instanceType: '',
      availabilityZone: '',
      accountId: '',
    };
    identity.mockResolvedValueOnce(told);
    expect((await openUnnamed()).region).toBe(region);
    identity.mockRejectedValueOnce(silent);
    const { driver, region: kept } = await openUnnamed();
    expect(kept).toBe(region);
    expect(driver.limits()).toEqual(LIMITS);
    // Another instance, perhaps from an image of this one.
    const other = fixture.cloud.runInstance('small.one', fixture.subnet.id, fixture.groups[0]);
    identity.mockResolvedValueOnce({ ...told, instanceId: other.id });
    await openUnnamed();
    expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ instanceId: other.id });
  }));
