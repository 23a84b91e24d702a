/** Real processes in real cgroups and networks: their numbers are seen, as metrics over HTTP and of a whole agent. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { AgentMetrics } from '../src/metrics/agent-metrics.ts';
import { readContainerUsage } from '../src/metrics/container-usage.ts';
import { MetricsServer } from '../src/metrics/metrics-server.ts';
import { parseExposition } from '../test/metrics/exposition.ts';
import { ended, firstLine, OwnCgroup } from './host-own-cgroup.ts';
import { openTestAgent, shellTask, StatusReader } from './support/test-agent.ts';

const MIB = 2 ** 20;

let own: OwnCgroup | undefined;
afterEach(async () => {
  await own?.remove();
  own = undefined;
});

const BURN = `
  const held = Buffer.alloc(20 * ${MIB}, 1);
  while (process.cpuUsage().user + process.cpuUsage().system < 300_000) held[0] += 1;
  console.log('done');
  process.stdin.resume();
`;

test('CPU time, memory, processes and traffic of a container are told', async () => {
  own = await OwnCgroup.make('metrics');
  const isV1 = own.paths.version === 1;
  await own.set('memory', isV1 ? 'memory.limit_in_bytes' : 'memory.max', String(256 * MIB));
  await own.set('pids', 'pids.max', '99');
  // Many shares, so that the quota holds it back and not other work of a busy host.
  await own.set('cpu', isV1 ? 'cpu.shares' : 'cpu.weight', isV1 ? '262144' : '10000');
  await (isV1 ? own.set('cpu', 'cpu.cfs_quota_us', '20000') : own.set('cpu', 'cpu.max', '20000 100000'));
  const links = 'ip link add stwa type veth peer name stwb && ip link set stwa up && ip link set stwb up';
  const child = own.spawn('unshare', [
    '--net',
    'sh',
    '-c',
    `${links} && exec "$@"`,
    'sh',
    process.execPath,
    '-e',
    BURN,
  ]);
  await firstLine(child);
  const subject = { pid: child.pid!, cgroups: own.paths };
  const usage = await readContainerUsage(subject);
  expect(usage.cpuSeconds).toBeGreaterThanOrEqual(0.3);
  // Ticks of a hundredth are rounded down, each kind of its own.
  expect(usage.cpuUserSeconds! + usage.cpuSystemSeconds!).toBeGreaterThanOrEqual(0.27);
  expect(usage.cpuPeriods).toBeGreaterThan(0);
  expect(usage.cpuThrottledPeriods).toBeGreaterThan(0);
  expect(usage.cpuThrottledSeconds).toBeGreaterThan(0);
  expect(usage.memoryAnonymousBytes).toBeGreaterThan(20 * MIB);
  expect(usage.memoryBytes).toBeGreaterThan(20 * MIB);
  expect(usage.memoryPeakBytes).toBeGreaterThanOrEqual(usage.memoryAnonymousBytes!);
  expect(usage.memoryLimitBytes).toBe(256 * MIB);
  expect(usage.outOfMemoryKills).toBe(0);
  expect(usage.processes).toBeGreaterThan(0);
  expect(usage.processesLimit).toBe(99);
  const pressure = join(own.paths.unified ?? own.folders[0], 'cpu.pressure');
  expect(usage.cpuStalledSeconds === undefined).toBe(!existsSync(pressure));
  // Links that come up announce themselves, after a random delay.
  await vi.waitFor(
    async () => expect((await readContainerUsage(subject)).networkTransmitPackets).toBeGreaterThan(0),
    {
      timeout: 20_000,
    },
  );
  const { networkTransmitPackets, networkTransmitBytes } = await readContainerUsage(subject);
  expect(networkTransmitBytes).toBeGreaterThan(networkTransmitPackets!);

  let live = [{ taskId: 't1', jobId: 'j1', ...subject }];
  const metrics = new AgentMetrics({ liveTasks: () => live });
  const server = await MetricsServer.open({
    address: { port: 0 },
    metrics,
    health: () => ({ state: 'healthy', sinceMs: 0, reasons: [] }),
  });
  try {
    const seconds = async (): Promise<number | undefined> => {
      const text = await (await fetch(`${server.address}/metrics`)).text();
      const family = parseExposition(text).get('stowage_agent_container_cpu_seconds_total');
      return family?.samples.find(({ labels }) => labels.task_id === 't1' && labels.job_id === 'j1')?.value;
    };
    expect(await seconds()).toBeGreaterThanOrEqual(usage.cpuSeconds!);
    live = [];
    expect(await seconds()).toBeUndefined();
  } finally {
    await server.close();
  }
  child.stdin!.end();
  await ended(child);
  const after = await readContainerUsage(subject);
  expect(after.cpuSeconds).toBeGreaterThanOrEqual(usage.cpuSeconds!);
  expect(after.networkTransmitPackets).toBeUndefined();
  await own.remove();
  expect(await readContainerUsage(subject)).toEqual({});
});

test('an agent tells what its CPUs and its metadata service do', async () => {
  const opened = await openTestAgent('runc');
  const { agent } = opened;
  try {
    const told = async (name: string): Promise<number | undefined> =>
      parseExposition(await agent.metricsText()).get(`stowage_agent_${name}`)?.samples[0]?.value;
    expect(await told('cpu_owned')).toBe(0);
    expect(await told('metadata_requests_total')).toBe(0);
    const statuses = new StatusReader(agent);
    const asks =
      'wget -q -O /dev/null http://169.254.169.254/latest/meta-data/local-ipv4 && echo asked; sleep 100';
    await agent.launch(shellTask('burst', 'sleep 100'));
    await statuses.waitFor('burst', 'started');
    await agent.launch(
      shellTask('static', asks, {
        cpuMode: 'static',
        resources: { cpuMilli: 1_000, memoryMiB: 32 },
        network: { mode: 'vpc', securityGroups: ['blue'] },
      }),
    );
    await statuses.waitFor('static', 'started');
    expect(await told('cpu_owned')).toBe(1);
    expect(await told('cpuset_writes_total')).toBeGreaterThan(0);
    await vi.waitFor(async () => expect(await told('metadata_requests_total')).toBe(1), { timeout: 10_000 });
    expect(await told('container_credentials_failing')).toBeUndefined();
    for (const taskId of ['static', 'burst']) {
      await agent.kill(taskId, { graceMs: 0 });
      await statuses.waitFor(taskId, 'finished');
    }
    expect(await told('cpu_owned')).toBe(0);
  } finally {
    await opened.close();
  }
});
