/** Walls and rates between tasks of one agent, measured with real traffic and real memory. */
import { readFileSync } from 'node:fs';
import type { TaskSpec } from '@stowage/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCommand } from '../src/host/run-command.ts';
import type { HostAgent } from '../src/index.ts';
import { BACKENDS, openTestAgent, shellTask, StatusReader } from './support/test-agent.ts';

const ROLE = (name: string): string => `arn:aws:iam::123456789012:role/${name}`;

describe.each(BACKENDS)('%s', (backend) => {
  let agent: HostAgent;
  let statuses: StatusReader;
  let close: () => Promise<void>;
  beforeAll(async () => {
    ({ agent, close } = await openTestAgent(backend));
    statuses = new StatusReader(agent);
  });
  afterAll(() => close());

  /** Starts it; resolves with its address and the host's number of its first process. */
  async function start(spec: TaskSpec): Promise<{ address: string; pid: number }> {
    await agent.launch(spec);
    const { address } = await statuses.waitFor(spec.taskId, 'started');
    const live = agent.liveTasks().find(({ taskId }) => taskId === spec.taskId)!;
    return { address: address!, pid: live.pid };
  }

  /** Runs a program of the host in the network of a container. */
  async function inNetworkOf(pid: number, ...command: string[]): Promise<string> {
    const { stdout } = await runCommand('nsenter', [`--net=/proc/${pid}/ns/net`, ...command]);
    return stdout;
  }

  async function end(...tasks: TaskSpec[]): Promise<void> {
    for (const { taskId } of tasks) await agent.kill(taskId, { graceMs: 0 });
    for (const { taskId } of tasks) await statuses.waitFor(taskId, 'finished');
  }

  function networked(taskId: string, group: string, more: Partial<TaskSpec> = {}): TaskSpec {
    return shellTask(taskId, 'sleep 1000', { network: { mode: 'vpc', securityGroups: [group] }, ...more });
  }

  test('traffic in both directions comes within 10 % of the rate', { timeout: 120_000 }, async () => {
    const mbps = 100;
    const limited = networked('rate-limited', 'blue', {
      resources: { cpuMilli: 100, memoryMiB: 32, networkMbps: mbps },
    });
    const free = networked('rate-free', 'blue');
    const [here, there] = [await start(limited), await start(free)];
    const server = inNetworkOf(there.pid, 'iperf3', '--server', '--one-off', '--idle-timeout', '30');
    const out = await measure(here.pid, there.address);
    await server;
    const again = inNetworkOf(there.pid, 'iperf3', '--server', '--one-off', '--idle-timeout', '30');
    const back = await measure(here.pid, there.address, '--reverse');
    await again;
    console.error(`${backend}: ${mbps} Mbit/s configured, ${out.toFixed(1)} out, ${back.toFixed(1)} in`);
    for (const measured of [out, back]) {
      expect(measured).toBeGreaterThan(mbps * 0.9);
      expect(measured).toBeLessThan(mbps * 1.1);
    }
    await end(limited, free);
  });

  /** Mbit/s as the receiver counts them. */
  async function measure(pid: number, address: string, ...more: string[]): Promise<number> {
    const call = ['iperf3', '--client', address, '--time', '4', '--omit', '1', '--json', ...more];
    for (let attempt = 1; ; attempt += 1) {
      try {
        const report = JSON.parse(await inNetworkOf(pid, ...call)) as {
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

  test('a group that no rule admits gets no packet through', async () => {
    const [blue, friend, stranger] = [
      networked('wall-blue', 'blue'),
      networked('wall-friend', 'blue'),
      networked('wall-stranger', 'green'),
    ];
    const server = await start(blue);
    const [inside, outside] = [await start(friend), await start(stranger)];
    const ping = (pid: number): Promise<string> =>
      inNetworkOf(pid, 'busybox', 'ping', '-c', '3', '-W', '1', server.address);
    const counters = [inside, outside].map(({ address }) => `ip saddr ${address} counter;`).join(' ');
    const chain = `chain in { type filter hook input priority 0; ${counters} }`;
    await inNetworkOf(server.pid, 'nft', `table ip seen { ${chain}; }`);
    expect(await ping(inside.pid)).toContain(' 0% packet loss');
    await expect(ping(outside.pid)).rejects.toThrow(/exit code 1/);
    const connect = ['busybox', 'nc', '-w', '1', server.address, '8080', '-e', 'true'];
    await expect(inNetworkOf(outside.pid, ...connect)).rejects.toThrow();
    const seen = await inNetworkOf(server.pid, 'nft', 'list', 'table', 'ip', 'seen');
    expect(seen).toContain(`ip saddr ${inside.address} counter packets 3 `);
    expect(seen).toContain(`ip saddr ${outside.address} counter packets 0 `);
    await end(blue, friend, stranger);
  });

  test('each container sees metadata of its own and nothing of another', async () => {
    const [one, two] = [networked('meta-one', 'blue'), networked('meta-two', 'blue')];
    const [first, second] = [await start(one), await start(two)];
    const get = (pid: number, path: string, ...options: string[]): Promise<string> =>
      inNetworkOf(pid, 'busybox', 'wget', '-q', '-O', '-', ...options, `http://169.254.169.254${path}`);
    expect(await get(first.pid, '/latest/meta-data/instance-id')).toBe('meta-one');
    expect(await get(second.pid, '/latest/meta-data/instance-id')).toBe('meta-two');
    expect(await get(first.pid, '/latest/meta-data/local-ipv4')).toBe(first.address);
    // The address of another container, of its router or of the host's loopback is no way to other metadata.
    for (const host of [second.address, '169.254.1.1', '127.0.0.1']) {
      const call = [
        'busybox',
        'wget',
        '-q',
        '-T',
        '1',
        '-O',
        '-',
        `http://${host}/latest/meta-data/instance-id`,
      ];
      await expect(inNetworkOf(first.pid, ...call)).rejects.toThrow();
    }
    const forwarded = get(
      first.pid,
      '/latest/meta-data/instance-id',
      '--header',
      `X-Forwarded-For: ${second.address}`,
    );
    expect(await forwarded.catch(() => 'meta-one')).toBe('meta-one');
    await end(one, two);
  });

  test('a role without an assumer of roles is refused', async () => {
    const task = networked('meta-role', 'blue', { metadata: { iamRole: ROLE('web') } });
    await expect(agent.launch(task)).rejects.toThrow(/FEATURE_UNAVAILABLE.*iam-credentials/s);
  });

  test('a memory limit ends only its own container', async () => {
    const neighbour = shellTask('memory-neighbour', 'sleep 1000');
    const glutton = shellTask('memory-glutton', 'dd if=/dev/zero of=/dev/null bs=200M count=1');
    await start(neighbour);
    await agent.launch(glutton);
    expect((await statuses.waitFor('memory-glutton', 'finished')).reason).toBe('out-of-memory');
    expect(statuses.of('memory-neighbour').at(-1)?.state).toBe('started');
    await end(neighbour);
  });

  test('user 0 inside is not 0 outside', async () => {
    const task = shellTask('user-zero', 'id -u; sleep 1000');
    const { pid } = await start(task);
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const [, outside] = /^Uid:\s+(\d+)/m.exec(status)!;
    expect(Number(outside)).toBeGreaterThan(0);
    const [inside, hostId] = readFileSync(`/proc/${pid}/uid_map`, 'utf8').trim().split(/\s+/).map(Number);
    expect([inside, hostId]).toEqual([0, Number(outside)]);
    await end(task);
  });
});
