/**
 * A router namespace with two namespaces that stand for containers, as the network facility wires them: a veth pair
 * each, a /32 address, an on-link gateway, and a rule that drops forged source addresses.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { type CommandResult, runCommand } from '../src/host/run-command.ts';

const GATEWAY = '169.254.1.1';

export interface StandIn {
  readonly namespace: string;
  readonly address: string;
  readonly link: string;
}

export class MetadataNetwork {
  readonly router: string;
  readonly a: StandIn;
  readonly b: StandIn;
  readonly #children = new Set<ChildProcess>();

  constructor(mark: string) {
    this.router = `stw${mark}r`;
    this.a = { namespace: `stw${mark}a`, address: '10.99.0.2', link: `stw${mark}a0` };
    this.b = { namespace: `stw${mark}b`, address: '10.99.0.3', link: `stw${mark}b0` };
  }

  get routerPath(): string {
    return `/run/netns/${this.router}`;
  }

  async makeRouter(): Promise<void> {
    await ip(`netns add ${this.router}`);
    await ip(`-n ${this.router} link set lo up`);
    await this.in(this.router, 'nft', ['-f', '-'], {
      input: `table ip stw {
        set owners { type ifname . ipv4_addr; }
        chain raw { type filter hook prerouting priority raw; iifname "stw*" iifname . ip saddr != @owners drop; }
      }`,
    });
  }

  async connect(container: StandIn): Promise<void> {
    const { namespace, address, link } = container;
    await ip(`netns add ${namespace}`);
    await ip(`-n ${this.router} link add ${link} type veth peer name eth0 netns ${namespace}`);
    await ip(`-n ${this.router} address add ${GATEWAY}/32 dev ${link}`);
    await ip(`-n ${this.router} link set ${link} up`);
    await ip(`-n ${this.router} route add ${address}/32 dev ${link}`);
    await ip(`-n ${namespace} link set lo up`);
    await ip(`-n ${namespace} address add ${address}/32 dev eth0`);
    await ip(`-n ${namespace} link set eth0 up`);
    await ip(`-n ${namespace} route add ${GATEWAY}/32 dev eth0`);
    await ip(`-n ${namespace} route add default via ${GATEWAY} dev eth0`);
    const element = `add element ip stw owners { "${link}" . ${address} }`;
    await this.in(this.router, 'nft', [element]);
  }

  /** Runs a program in a namespace. */
  in(
    namespace: string,
    program: string,
    args: readonly string[],
    options: { readonly input?: string; readonly timeoutMs?: number } = {},
  ): Promise<CommandResult> {
    return runCommand('nsenter', [`--net=/run/netns/${namespace}`, program, ...args], options);
  }

  /** Starts a program in a namespace that `remove` ends. @returns when it has written a line */
  async start(namespace: string, program: string, args: readonly string[]): Promise<ChildProcess> {
    const child = spawn('nsenter', [`--net=/run/netns/${namespace}`, program, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#children.add(child);
    await once(child.stdout, 'data');
    return child;
  }

  async remove(): Promise<void> {
    for (const child of this.#children) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill('SIGKILL');
      await once(child, 'close');
    }
    for (const namespace of [this.a.namespace, this.b.namespace, this.router]) {
      await ip(`netns delete ${namespace}`).catch(() => undefined);
    }
  }
}

async function ip(command: string): Promise<string> {
  return (await runCommand('ip', command.split(' '))).stdout;
}
