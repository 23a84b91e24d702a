/**
 * An agent on EC2, opened from plain data: real containers on the real kernel, the unmodified SDK, and a fake EC2 and STS
 * whose attached interfaces are real links. Each test goes on where the one before it ended.
 */
import { readdirSync, readFileSync } from 'node:fs';
import type { TaskSpec } from '@stowage/protocol';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { agentId } from '../src/agent/agent-file.ts';
import { CommandError, runCommand } from '../src/host/run-command.ts';
import { type HostAgent, openAgent, removeAgent } from '../src/index.ts';
import type { Fault } from '../test/aws/fake-aws/fake-aws-server.ts';
import { AwsWorld } from './aws-world.ts';
import { shellTask, StatusReader } from './support/test-agent.ts';

const ROLE = (name: string): string => `arn:aws:iam::123456789012:role/${name}`;
const RATE_MBPS = 50;

/** What the first calls of an action meet. */
const FAULTS: Readonly<Record<string, (Fault | undefined)[]>> = {
  CreateNetworkInterface: ['reset-after', 'throttle'],
  AttachNetworkInterface: ['error-after', undefined, 'throttle'],
  AssignPrivateIpAddresses: ['throttle', 'reset-after'],
  DescribeNetworkInterfaces: ['reset-before', undefined, 'throttle', undefined, 'error-before'],
  AssumeRole: ['reset-after', 'throttle'],
};

const collectFailures: unknown[] = [];
let world: AwsWorld;
let agent: HostAgent | undefined;
let statuses: StatusReader;

beforeAll(async () => {
  world = await AwsWorld.open(4);
  world.fake.roles.set(ROLE('reader'), { maxSeconds: 3600 }).set(ROLE('writer'), { maxSeconds: 3600 });
  await open();
});

afterAll(async () => {
  if (agent !== undefined) {
    const left = agent.liveTasks().map(({ taskId }) => taskId);
    for (const taskId of left) await agent.kill(taskId, { graceMs: 0 });
    for (const taskId of left) await statuses.waitFor(taskId, 'finished');
    await agent.close();
  }
  await world.close();
});

async function open(): Promise<void> {
  agent = await openAgent(world.setup, { onCollectFailed: (error) => collectFailures.push(error) });
  statuses = new StatusReader(agent);
}

interface Running {
  readonly address: string;
  readonly pid: number;
}
const running = new Map<string, Running>();

function spec(taskId: string, group: keyof AwsWorld['groups'], more: Partial<TaskSpec> = {}): TaskSpec {
  return shellTask(taskId, 'sleep 1000', {
    network: { mode: 'vpc', securityGroups: [world.groups[group]] },
    ...more,
  });
}

async function start(task: TaskSpec): Promise<Running> {
  await agent!.launch(task);
  const { address } = await statuses.waitFor(task.taskId, 'started');
  const { pid } = agent!.liveTasks().find(({ taskId }) => taskId === task.taskId)!;
  const found = { address: address!, pid };
  running.set(task.taskId, found);
  return found;
}

async function end(...taskIds: string[]): Promise<void> {
  for (const taskId of taskIds) await agent!.kill(taskId, { graceMs: 0 });
  for (const taskId of taskIds) await statuses.waitFor(taskId, 'finished');
  for (const taskId of taskIds) running.delete(taskId);
}

/** A program of the host in the network of a container. */
async function host(taskId: string, ...command: string[]): Promise<string> {
  const { pid } = running.get(taskId)!;
  const { stdout } = await runCommand('nsenter', [`--net=/proc/${pid}/ns/net`, ...command]);
  return stdout;
}

function inside(taskId: string, ...command: string[]): Promise<string> {
  return host(taskId, 'busybox', ...command);
}

async function reaches(taskId: string, target: string): Promise<boolean> {
  const address = running.get(target)?.address ?? target;
  try {
    await inside(taskId, 'ping', '-c', '1', '-W', '1', '-q', address);
    return true;
  } catch (error) {
    if (error instanceof CommandError && error.exitCode === 1) return false;
    throw error;
  }
}

test('tasks get addresses while EC2 throttles, lags behind and breaks connections', async () => {
  world.fake.faultFor = (action) => FAULTS[action]?.shift();
  world.fake.rate = { capacity: 10, perSecond: 10 };
  let reads = 0;
  world.cloud.lagMs = () => (reads++ % 3 === 1 ? 400 : 0);
  const tasks = [
    spec('web-1', 'web'),
    spec('db-1', 'db'),
    spec('web-2', 'web', { resources: { cpuMilli: 100, memoryMiB: 32, networkMbps: RATE_MBPS } }),
    spec('db-2', 'db'),
  ];
  await Promise.all(tasks.map(start));
  world.fake.rate = undefined;
  world.cloud.lagMs = () => 0;
  expect(
    Object.entries(FAULTS)
      .filter(([, left]) => left.length > 0)
      .map(([action]) => action),
  ).toEqual(['AssumeRole']);
  expect(world.interfaces().map(({ groups }) => groups)).toEqual(
    expect.arrayContaining([[world.groups.web], [world.groups.db]]),
  );
  expect(world.interfaces()).toHaveLength(2);
  for (const { taskId, network } of tasks) {
    const { address } = running.get(taskId)!;
    const holder = world.interfaces().find(({ addresses }) => addresses.includes(address));
    expect(holder?.groups, taskId).toEqual(network!.securityGroups);
  }
});

test('tasks talk as the rules of the VPC allow, also where it does not see their packets', async () => {
  for (const taskId of running.keys()) expect(await reaches(taskId, AwsWorld.outside), taskId).toBe(true);
  // Through the VPC, by its rules.
  expect(await reaches('web-1', 'db-1')).toBe(true);
  expect(await reaches('web-2', 'db-2')).toBe(true);
  expect(await reaches('db-1', 'web-1')).toBe(false);
  // On the host, by the same rules: there are none for the second group.
  expect(await reaches('web-1', 'web-2')).toBe(true);
  expect(await reaches('db-1', 'db-2')).toBe(false);
  await world.vpc.forward(false);
  expect(await reaches('web-1', 'db-1')).toBe(false);
  expect(await reaches('web-1', 'web-2')).toBe(true);
  await world.vpc.forward(true);
});

test('a change of the rules of the VPC holds on the host after a while, also when it takes away', async () => {
  const { db, web } = world.groups;
  const before = world.cloud.rules;
  world.cloud.addRule({ groupId: db, cidrIpv4: '10.77.0.0/24', isEgress: false, ipProtocol: 'icmp' });
  await vi.waitFor(async () => expect(await reaches('db-1', 'db-2')).toBe(true), {
    timeout: 20_000,
    interval: 500,
  });
  expect(await reaches('web-1', 'web-2')).toBe(true);
  // The other way out: what a group does not let out its members do not send to each other.
  world.cloud.rules = before.filter(({ groupId, isEgress }) => !(groupId === web && isEgress));
  await vi.waitFor(
    async () => {
      expect(await reaches('db-1', 'db-2')).toBe(false);
      expect(await reaches('web-1', 'web-2')).toBe(false);
    },
    { timeout: 20_000, interval: 500 },
  );
  world.cloud.rules = before;
  await vi.waitFor(async () => expect(await reaches('web-1', 'web-2')).toBe(true), {
    timeout: 20_000,
    interval: 500,
  });
});

test('traffic through the VPC comes within 10 % of the rate, both ways', { timeout: 60_000 }, async () => {
  for (const direction of [[], ['--reverse']]) {
    const server = host('db-1', 'iperf3', '--server', '--one-off', '--idle-timeout', '30');
    const mbps = await measure('web-2', running.get('db-1')!.address, ...direction);
    await server;
    console.error(`${RATE_MBPS} Mbit/s configured, ${mbps.toFixed(1)} ${direction.join('')}`);
    expect(mbps).toBeGreaterThan(RATE_MBPS * 0.9);
    expect(mbps).toBeLessThan(RATE_MBPS * 1.1);
  }
});

/** Mbit/s as the receiver counts them. */
async function measure(taskId: string, address: string, ...more: string[]): Promise<number> {
  const call = ['--client', address, '--time', '4', '--omit', '1', '--json', ...more];
  for (let attempt = 1; ; attempt += 1) {
    try {
      const report = JSON.parse(await host(taskId, 'iperf3', ...call)) as {
        end: { sum_received: { bits_per_second: number } };
      };
      return report.end.sum_received.bits_per_second / 1e6;
    } catch (error) {
      // The server may not listen yet.
      if (attempt === 5) throw error;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}

test('each task gets the credentials of its own role and of no other', async () => {
  const [reader, writer] = ['reader', 'writer'].map((role) =>
    spec(`web-${role}`, 'web', { metadata: { iamRole: ROLE(role) } }),
  );
  await Promise.all([start(reader), start(writer)]);
  const get = (taskId: string, path: string): Promise<string> =>
    inside(taskId, 'wget', '-q', '-O', '-', `http://169.254.169.254/latest/meta-data/${path}`);
  const path = 'iam/security-credentials/';
  const keys = new Set<string>();
  for (const role of ['reader', 'writer']) {
    const [named, foreign] = role === 'reader' ? ['reader', 'writer'] : ['writer', 'reader'];
    expect(await get(`web-${role}`, path)).toBe(named);
    const credentials = JSON.parse(await get(`web-${role}`, path + named)) as Record<string, string>;
    expect(credentials).toMatchObject({ Code: 'Success', Token: `token of ${ROLE(role)}` });
    keys.add(credentials.AccessKeyId);
    await expect(get(`web-${role}`, path + foreign)).rejects.toThrow(CommandError);
    expect(await get(`web-${role}`, 'local-ipv4')).toBe(running.get(`web-${role}`)!.address);
  }
  expect(keys.size).toBe(2);
  expect(FAULTS.AssumeRole).toEqual([]);
  await expect(get('web-1', path + 'reader')).rejects.toThrow(CommandError);
});

test('what the instance cannot hold is refused and changes nothing', async () => {
  const addresses = world.interfaces().flatMap((each) => each.addresses);
  for (const task of [spec('web-5th', 'web'), spec('third-set', 'other')]) {
    await agent!.launch(task);
    const { reason, message } = await statuses.waitFor(task.taskId, 'finished');
    expect({ reason, message }).toMatchObject({ reason: 'unavailable' });
  }
  expect(world.interfaces().flatMap((each) => each.addresses)).toEqual(addresses);
  expect(await reaches('web-1', 'db-1')).toBe(true);
});

test('an agent that is opened again while EC2 is away keeps its tasks and their networks', async () => {
  world.fake.faultFor = () => 'reset-before';
  await agent!.close();
  const { pid } = running.get('web-1')!;
  expect(await reaches('web-1', 'db-1')).toBe(true);
  await open();
  expect(new Set(agent!.liveTasks().map(({ taskId }) => taskId))).toEqual(new Set(running.keys()));
  expect(agent!.liveTasks().find(({ taskId }) => taskId === 'web-1')?.pid).toBe(pid);
  expect(await reaches('web-1', 'db-1')).toBe(true);
  expect(await reaches('web-1', 'web-2')).toBe(true);
  expect(await reaches('db-1', 'db-2')).toBe(false);
  world.fake.faultFor = () => undefined;
  await end('web-2');
  await start(spec('web-6', 'web'));
  expect(await reaches('web-6', 'db-1')).toBe(true);
  expect(await reaches('web-1', 'web-6')).toBe(true);
});

test('addresses go back to EC2 some time after their tasks', { timeout: 60_000 }, async () => {
  await end(...running.keys());
  expect(world.interfaces().flatMap(({ addresses }) => addresses).length).toBeGreaterThan(2);
  await vi.waitFor(
    () => expect(world.interfaces().map(({ addresses }) => addresses.length)).toEqual([1, 1]),
    {
      timeout: 40_000,
      interval: 200,
    },
  );
  const primary = world.interfaces().map(({ addresses }) => addresses[0]);
  await vi.waitFor(async () => expect(await world.routedAddresses()).toEqual(primary.sort()));
});

test('a removed agent leaves nothing on the host', async () => {
  await agent!.close();
  agent = undefined;
  await removeAgent(world.setup);
  const owner = await agentId(world.setup.stateFolder);
  const objects = [
    ...readdirSync('/run/netns'),
    ...readdirSync('/sys/class/net'),
    ...readdirSync('/sys/fs/cgroup').flatMap((each) => readdirSync(`/sys/fs/cgroup/${each}`)),
    ...readFileSync('/proc/self/mountinfo', 'utf8').split('\n'),
  ];
  const own = [owner, `stwa${process.pid}`, world.setup.stateFolder];
  const left = objects.filter((object) => own.some((part) => object.includes(part)));
  expect(left).toEqual([]);
  // Only while EC2 was away, and at faults.
  for (const error of collectFailures)
    expect(String((error as Error).message)).toMatch(/network|DescribeSecurityGroupRules/);
});
