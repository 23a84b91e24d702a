/** Gives each test a router in a namespace of its own, and stand-ins for containers; after it nothing of it may be left. */
import { afterEach, beforeEach, expect } from 'vitest';
import { runCommand } from '../src/host/run-command.ts';
import { Router, type RouterOptions } from '../src/network/router.ts';
import { standIn, type StandIn } from './network-stand-ins.ts';

export const NAMESPACE: string = `stw-t-${process.pid}`;

export class RouterSetUp {
  router!: Router;
  hosts: StandIn[] = [];

  /** Another run of the agent on the same namespace. */
  async open(options: Partial<RouterOptions>): Promise<void> {
    this.router = new Router({ namespace: NAMESPACE, totalMbps: 1_000, ...options });
    expect(await this.router.open()).toBeUndefined();
  }

  async standIn(userNamespace = false): Promise<StandIn> {
    const made = await standIn(userNamespace);
    this.hosts.push(made);
    return made;
  }

  /** A stand-in that is connected. */
  async host(
    taskId: string,
    address: string,
    securityGroups: readonly string[],
    bandwidth?: { readonly rateMbps: number; readonly ceilMbps: number },
  ): Promise<StandIn> {
    const made = await this.standIn();
    await this.router.connect({
      taskId,
      pid: made.pid,
      address,
      securityGroups,
      ...(bandwidth !== undefined && { bandwidth }),
    });
    return made;
  }

  async end(): Promise<void> {
    await this.router.remove();
    for (const host of this.hosts.splice(0)) await host.end();
    const { stdout } = await runCommand('ip', ['netns', 'list']);
    expect(stdout).not.toContain(NAMESPACE);
  }
}

export function withRouter(options: Partial<RouterOptions>): RouterSetUp {
  const setUp = new RouterSetUp();
  beforeEach(() => setUp.open(options));
  afterEach(() => setUp.end());
  return setUp;
}

export async function listens(at: StandIn, port: number): Promise<void> {
  at.start('busybox', 'nc', '-ll', '-p', String(port), '-e', 'cat');
  for (let turn = 0; turn < 100; turn += 1) {
    const table = await at.run('cat', '/proc/net/tcp', '/proc/net/tcp6');
    if (table.includes(`:${port.toString(16).padStart(4, '0').toUpperCase()} `)) return;
  }
  throw new Error(`nothing listens on port ${port}`);
}

export async function connects(from: StandIn, address: string, port: number): Promise<boolean> {
  return from.run('busybox', 'nc', '-w', '1', address, String(port), '-e', 'true').then(
    () => true,
    () => false,
  );
}
