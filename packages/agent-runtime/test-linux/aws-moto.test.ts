/**
 * The fake of `test/aws` against moto, a fake of AWS that others wrote: the same calls of the unmodified SDK and of the
 * driver must have the same results. Where the two differ, the fake follows AWS's documentation as we read it; nothing
 * here was tried on AWS itself. moto comes from PyPI into a folder outside of the repository, `STOWAGE_LINUX_CACHE` or a temporary one.
 */
import { EC2 } from '@aws-sdk/client-ec2';
import { STS } from '@aws-sdk/client-sts';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AgentError } from '@stowage/protocol';
import { AwsCallError } from '../src/aws/aws-errors.ts';
import type { Ec2Api } from '../src/aws/ec2-api.ts';
import { connectEc2Vpc } from '../src/aws/ec2-connection.ts';
import { knownInstanceTypes, knownLimits } from '../src/aws/instance-network.ts';
import { CREATED_TAG, OWNER_TAG } from '../src/aws/own-interface.ts';
import type { AwsClientOptions } from '../src/aws/sdk-loading.ts';
import { StsRoleAssumer } from '../src/aws/sts-role-assumer.ts';
import { runCommand } from '../src/host/run-command.ts';
import { NEVER, TestClock } from '../test/aws/aws-fixture.ts';
import { FakeAwsServer } from '../test/aws/fake-aws/fake-aws-server.ts';
import { FakeCloud } from '../test/aws/fake-aws/fake-cloud.ts';

const MOTO = 'moto==5.2.5';
const ROLE = 'arn:aws:iam::123456789012:role/batch';

/** Steps in which the fake follows the documentation as we read it, and moto does something else or less. */
const KNOWN_DIFFERENCES: Readonly<Record<string, string>> = {
  'create twice with one token': 'ClientToken is described as making the call idempotent; moto makes two.',
  'assign more than fit': 'PrivateIpAddressLimitExceeded is in the list of errors; moto has no limit.',
  'beyond the limit': 'AttachmentLimitExceeded is in the list of errors; moto has no limit.',
  slots: 'Follows from the two above.',
  'unassign what is gone':
    'An address that is not assigned should be an InvalidParameterValue; moto says it was done.',
  'delete in use': 'An attached interface should be refused with InvalidParameterValue; moto deletes it.',
  'set a group that does not exist': 'InvalidGroup.NotFound is in the list of errors; moto sets no group.',
  'assume with a bad session name':
    'RoleSessionName has a documented pattern ([\\w+=,.@-]{2,64}); moto does not check it.',
};

interface Place {
  readonly client: AwsClientOptions;
  readonly instanceId: string;
  readonly subnetId: string;
  readonly groups: readonly string[];
  readonly clock?: TestClock;
}

/** What each step gave, in words that do not depend on ids and addresses. */
async function scenario({
  client,
  instanceId,
  subnetId,
  groups,
  clock,
}: Place): Promise<Record<string, unknown>> {
  const ec2 = new EC2({ ...client, maxAttempts: 1 });
  const results: Record<string, unknown> = {};
  const step = async (name: string, work: () => Promise<unknown>): Promise<void> => {
    results[name] = await work().catch((error: unknown) => {
      if (error instanceof AwsCallError) return { awsCode: error.awsCode };
      if (error instanceof AgentError) return { code: error.code };
      return { failed: (error as Error).name };
    });
  };
  const names = (ids: readonly string[]): string[] => ids.map((id) => `group ${groups.indexOf(id)}`).sort();

  const options = { ec2: ec2 as Ec2Api, instanceId, visibleWithinMs: 2000 };
  const driver = await connectEc2Vpc({ ...options, ...(clock && { timing: clock }) }, NEVER);
  const shown = async (): Promise<unknown> =>
    (await driver.interfaces(NEVER)).map(({ index, addresses, securityGroups }) => ({
      index,
      addresses: addresses.length,
      groups: names(securityGroups),
    }));

  await step('limits', async () => driver.limits());
  await step('none at first', shown);
  let id = '';
  await step('attach', async () => {
    const made = await driver.attach(1, [groups[0]], NEVER);
    id = made.id;
    const subnet = { ...made.subnet, id: made.subnet.id === subnetId };
    return {
      index: made.index,
      subnet: { id: subnet.id, gatewayEndsIn: subnet.gateway.split('.')[3] },
      mac: /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(made.macAddress),
      groups: names(made.securityGroups),
      addresses: made.addresses.length,
    };
  });
  await step('attach again', async () => (await driver.attach(1, [groups[0]], NEVER)).id === id);
  await step('attach with other groups', () => driver.attach(1, [groups[1]], NEVER));
  await step('set groups', () => driver.setSecurityGroups(id, [groups[2], groups[1]], NEVER));
  await step('shown with groups', shown);
  await step('rules', async () => {
    await ec2.authorizeSecurityGroupIngress({
      GroupId: groups[0],
      IpPermissions: [
        { IpProtocol: '-1', UserIdGroupPairs: [{ GroupId: groups[0] }] },
        { IpProtocol: 'tcp', FromPort: 80, ToPort: 81, IpRanges: [{ CidrIp: '10.0.0.0/8' }] },
        { IpProtocol: 'icmp', FromPort: -1, ToPort: -1, UserIdGroupPairs: [{ GroupId: groups[1] }] },
      ],
    });
    const subnets = ['10.1.0.0/20'];
    const sets = [[groups[0]], [groups[0], groups[1]], [groups[2]], ['sg-0123456789abcdef0']];
    const rules = await driver.rulesAmong(
      sets.map((securityGroups) => ({ securityGroups, subnets })),
      NEVER,
    );
    const shown = rules.map(({ id, ingress }) =>
      ingress.map((rule) => ({ ...rule, from: 'cidr' in rule.from ? rule.from : rule.from.group === id })),
    );
    expect(shown.map(({ length }) => length)).toEqual([2, 3, 0, 0]);
    return shown;
  });
  let given: readonly string[] = [];
  await step('assign', async () => (given = await driver.assignAddresses(id, 3, NEVER)).length);
  await step('shown with addresses', shown);
  await step('unassign', () => driver.unassignAddresses(id, given.slice(0, 2), NEVER));
  await step('shown with fewer addresses', shown);
  await step('unassign what is gone', () =>
    ec2
      .unassignPrivateIpAddresses({ NetworkInterfaceId: id, PrivateIpAddresses: [given[0]] })
      .then(() => undefined),
  );
  await step('assign more than fit', async () => (await driver.assignAddresses(id, 20, NEVER)).length);
  await step('second slot', async () => (await driver.attach(2, [groups[0]], NEVER)).index);
  await step('beyond the limit', async () => (await driver.attach(3, [groups[0]], NEVER)).index);
  await step('slots', shown);
  await step('delete in use', () =>
    ec2.deleteNetworkInterface({ NetworkInterfaceId: id }).then(() => undefined),
  );
  const create = async (token: string): Promise<string> => {
    const Tags = [
      { Key: OWNER_TAG, Value: instanceId },
      { Key: CREATED_TAG, Value: '2020-01-01T00:00:00Z' },
    ];
    const { NetworkInterface } = await ec2.createNetworkInterface({
      ClientToken: token,
      SubnetId: subnetId,
      Groups: [groups[0]],
      TagSpecifications: [{ ResourceType: 'network-interface', Tags }],
    });
    return NetworkInterface!.NetworkInterfaceId!;
  };
  await step(
    'create twice with one token',
    async () => (await create('token-1')) === (await create('token-1')),
  );
  await step('spares before', async () => (await driver.collectGarbage(NEVER)).length > 0);
  await step('spares after', async () => (await driver.collectGarbage(NEVER)).length);
  await step('set a group that does not exist', () =>
    driver.setSecurityGroups(id, ['sg-0123456789abcdef0'], NEVER),
  );
  await step('unknown interface', () =>
    driver.setSecurityGroups('eni-0123456789abcdef0', [groups[0]], NEVER),
  );
  await step('unknown subnet', () => ec2.describeSubnets({ SubnetIds: ['subnet-0123456789abcdef0'] }));
  await step('unknown instance', () => ec2.describeInstances({ InstanceIds: ['i-0123456789abcdef0'] }));

  const assumer = new StsRoleAssumer(new STS({ ...client, maxAttempts: 1 }), {}, clock);
  await step('assume role', async () => {
    const request = { roleArn: ROLE, sessionName: 'stowage-task', durationSeconds: 3600 };
    const now = clock?.now ?? Date.now();
    const { accessKeyId, secretAccessKey, sessionToken, expirationMs } = await assumer.assumeRole(
      request,
      NEVER,
    );
    const seconds = Math.round((expirationMs - now) / 1000);
    return {
      id: accessKeyId.startsWith('ASIA'),
      secret: secretAccessKey.length > 10,
      token: sessionToken.length > 10,
      lasts: seconds > 3590 && seconds <= 3601,
    };
  });
  await step('assume with a bad session name', () =>
    assumer
      .assumeRole({ roleArn: ROLE, sessionName: 'a b', durationSeconds: 3600 }, NEVER)
      .then(() => undefined),
  );
  return results;
}

async function againstFake(): Promise<Record<string, unknown>> {
  const clock = new TestClock();
  const types = { 'm5.large': { interfaces: 3, addressesPerInterface: 10, baselineGbps: 0.75 } };
  const cloud = new FakeCloud({ nowMs: () => clock.now, types });
  const { id: subnetId } = cloud.addSubnet('10.1.0.0/20');
  const groups = [cloud.addGroup(), cloud.addGroup(), cloud.addGroup()];
  const { id: instanceId } = cloud.runInstance('m5.large', subnetId, groups[0]);
  const fake = await FakeAwsServer.start(cloud);
  fake.roles.set(ROLE, { maxSeconds: 43_200 });
  try {
    return await scenario({ client: fake.clientOptions, instanceId, subnetId, groups, clock });
  } finally {
    await fake.close();
  }
}

async function againstMoto(endpoint: string): Promise<Record<string, unknown>> {
  const credentials = { accessKeyId: 'AKIAFAKE', secretAccessKey: 'fake' };
  const client = { region: 'eu-west-1', endpoint, credentials };
  const ec2 = new EC2(client);
  const { Subnets } = await ec2.describeSubnets({});
  const { SubnetId: subnetId = '', VpcId } = Subnets![0];
  const groups: string[] = [];
  for (const GroupName of ['a', 'b', 'c']) {
    const { GroupId } = await ec2.createSecurityGroup({ GroupName, Description: 'test', VpcId });
    groups.push(GroupId!);
  }
  const { Images } = await ec2.describeImages({ Owners: ['amazon'] });
  const { Instances } = await ec2.runInstances({
    ImageId: Images![0].ImageId,
    InstanceType: 'm5.large',
    SubnetId: subnetId,
    MinCount: 1,
    MaxCount: 1,
  });
  return scenario({ client, instanceId: Instances![0].InstanceId!, subnetId, groups });
}

/** Installs moto if need be; throws what pip says when it cannot. */
async function installMoto(folder: string): Promise<string> {
  const server = join(folder, 'bin', 'moto_server');
  if (existsSync(server)) return folder;
  await runCommand('python3', ['-m', 'venv', folder], { timeoutMs: 120_000 });
  // Flask makes it a server; moto's own extra for that pulls in 180 MB for services that are not used here.
  await runCommand(join(folder, 'bin', 'pip'), ['install', '--quiet', MOTO, 'flask', 'flask-cors'], {
    timeoutMs: 300_000,
  });
  return folder;
}

describe('moto', () => {
  const cache = process.env.STOWAGE_LINUX_CACHE;
  let folder = '';
  let missing: Error | undefined;
  let endpoint = '';
  let stop: () => Promise<void> = async () => {};

  beforeAll(async () => {
    if (cache === undefined) folder = await mkdtemp(join(tmpdir(), 'stowage-moto-'));
    else {
      folder = join(cache, 'moto-5.2.5');
      await mkdir(cache, { recursive: true });
    }
    try {
      await installMoto(folder);
    } catch (error) {
      missing = error as Error;
      return;
    }
    const python = join(folder, 'bin', 'python');
    const program = 'import sys; from moto.server import main; main(sys.argv[1:])';
    const child = spawn(python, ['-c', program, '-H', '127.0.0.1', '-p', '0'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    stop = async () => {
      const ended = once(child, 'exit');
      if (child.kill()) await ended;
    };
    let said = '';
    for await (const chunk of child.stderr) {
      said += String(chunk);
      endpoint = /Running on (http:\S+)/.exec(said)?.[1] ?? '';
      if (endpoint !== '') break;
    }
    if (endpoint === '') throw new Error(`moto did not start: ${said}`);
  }, 480_000);

  afterAll(async () => {
    await stop();
    if (cache === undefined) await rm(folder, { recursive: true, force: true });
  });

  it('and the fake answer the same calls alike', async ({ skip }) => {
    if (missing !== undefined) skip(`moto could not be installed: ${missing.message}`);
    const [moto, fake] = [await againstMoto(endpoint), await againstFake()];
    const differing = Object.keys(fake).filter((name) => {
      try {
        expect(moto[name]).toEqual(fake[name]);
        return false;
      } catch {
        return true;
      }
    });
    const details = Object.fromEntries(
      differing.map((name) => [name, { moto: moto[name], fake: fake[name] }]),
    );
    expect(differing.sort(), JSON.stringify(details, undefined, 1)).toEqual(
      Object.keys(KNOWN_DIFFERENCES).sort(),
    );
  });

  it('has the limits of instance types that our table has', async ({ skip }) => {
    if (missing !== undefined) skip(`moto could not be installed: ${missing.message}`);
    const script = `
import gzip, json, os, moto, sys
data = json.load(gzip.open(os.path.join(os.path.dirname(moto.__file__), 'ec2/resources/instance_types.json.gz')))
network = {name: each['NetworkInfo'] for name, each in data.items()}
json.dump({name: [n['MaximumNetworkInterfaces'], n['Ipv4AddressesPerInterface'],
  n['NetworkCards'][0].get('BaselineBandwidthInGbps')] for name, n in network.items()}, sys.stdout)`;
    const { stdout } = await runCommand(join(folder, 'bin', 'python'), ['-c', script]);
    const recorded = JSON.parse(stdout) as Record<string, [number, number, number]>;
    for (const type of knownInstanceTypes()) {
      const [interfaces, addressesPerInterface, gbps] = recorded[type];
      const networkMbps = Math.round(gbps * 1000);
      expect(knownLimits(type), type).toEqual({
        interfaces: interfaces - 1,
        addressesPerInterface,
        networkMbps,
      });
    }
  });
});
