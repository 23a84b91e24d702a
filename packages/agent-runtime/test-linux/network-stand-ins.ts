/** Processes in network namespaces of their own, as stand-ins for containers, and real traffic between them. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readdir, readlink, writeFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { CommandError, runCommand } from '../src/host/run-command.ts';

export interface StandIn {
  readonly pid: number;
  run(...args: readonly string[]): Promise<string>;
  /** Goes on until it ends by itself or the stand-in is ended. */
  start(...args: readonly string[]): ChildProcess;
  end(): Promise<void>;
}

/** @param userNamespace user 0 inside is 500,000 outside */
export async function standIn(userNamespace = false): Promise<StandIn> {
  const options = userNamespace ? ['--user'] : [];
  const child = spawn('unshare', [...options, '--net', 'sleep', '600'], { stdio: 'ignore' });
  const pid = child.pid!;
  const own = await readlink('/proc/self/ns/net');
  for (let turn = 0; (await readlink(`/proc/${pid}/ns/net`)) === own; turn += 1) {
    if (turn > 200) throw new Error('unshare made no namespace');
    await pause(10);
  }
  if (userNamespace) await writeFile(`/proc/${pid}/uid_map`, '0 500000 1000\n');
  const helpers: ChildProcess[] = [];
  const net = `--net=/proc/${pid}/ns/net`;
  return {
    pid,
    run: async (...args) => (await runCommand('nsenter', [net, ...args])).stdout,
    start: (...args) => {
      const helper = spawn('nsenter', [net, ...args], { stdio: 'ignore' });
      helpers.push(helper);
      return helper;
    },
    end: async () => {
      // Servers have a process for each connection, which may wait for a peer that is gone.
      for (const one of await processesBeside(pid)) {
        try {
          process.kill(one, 'SIGKILL');
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
        }
      }
      for (const one of [...helpers, child]) await ended(one);
    },
  };
}

/** All in the same network, itself included; none when it has ended. */
async function processesBeside(pid: number): Promise<readonly number[]> {
  const networkOf = (one: number): Promise<string> => readlink(`/proc/${one}/ns/net`).catch(() => '');
  const network = await networkOf(pid);
  if (network === '' || network === (await readlink('/proc/self/ns/net'))) return [];
  const pids = (await readdir('/proc')).map(Number).filter((one) => one > 0);
  const networks = await Promise.all(pids.map(networkOf));
  return pids.filter((_, at) => networks[at] === network);
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await exit;
}

/** True when at least one of three echo requests is answered. */
export async function pings(from: StandIn, address: string, ...options: readonly string[]): Promise<boolean> {
  try {
    await from.run('ping', '-n', '-c', '3', '-i', '0.1', '-w', '1', ...options, address);
    return true;
  } catch (error) {
    if (error instanceof CommandError && (error.exitCode === 1 || error.exitCode === 2)) return false;
    throw error;
  }
}

/** Packets that have reached the container's link so far. */
export async function packetsReceived(at: StandIn): Promise<number> {
  const [link] = JSON.parse(await at.run('ip', '-j', '-s', 'link', 'show', 'dev', 'eth0')) as [
    { stats64: { rx: { packets: number } } },
  ];
  return link.stats64.rx.packets;
}

/**
 * Measured by the receiver. @param direction `in` = from `server` to `client`
 * @returns 10^6 bits a second of payload
 */
export async function throughputMbps(
  client: StandIn,
  server: StandIn,
  address: string,
  direction: 'in' | 'out',
  port: number,
  seconds = 4,
): Promise<number> {
  server.start('iperf3', '-s', '-1', '-p', String(port));
  const args = ['-c', address, '-p', String(port), '-t', String(seconds), '-O', '1', '-J'];
  for (let turn = 0; ; turn += 1) {
    await pause(100);
    try {
      const report = await client.run('iperf3', ...args, ...(direction === 'in' ? ['-R'] : []));
      const { end } = JSON.parse(report) as { end: { sum_received: { bits_per_second: number } } };
      return end.sum_received.bits_per_second / 1e6;
    } catch (error) {
      // The server may not listen yet.
      if (turn >= 20) throw error;
    }
  }
}
