/**
 * Plays the network of a VPC on the real kernel, as the fake EC2 has it: an attached interface is a link of the host with
 * the interface's MAC address, and its other end is in a namespace that delivers by address, drops what comes from an
 * address through an interface that does not have it, and admits between security groups what the test says.
 */
import { runCommand } from '../src/host/run-command.ts';
import type { FakeCloud, FakeInterface } from '../test/aws/fake-aws/fake-cloud.ts';

/** Everybody in the first group may begin to talk to everybody in the second. */
export type Admission = readonly [from: string, to: string];

export interface VpcNetworkOptions {
  readonly cloud: FakeCloud;
  readonly instanceId: string;
  readonly gateway: string;
  /** An address beyond the VPC, which answers. */
  readonly outside: string;
  readonly admitted: readonly Admission[];
}

export class VpcNetwork {
  readonly namespace = `stw-vpc-${process.pid}`;
  readonly #options: VpcNetworkOptions;
  readonly #numbers = new Map<string, number>();
  #last: Promise<void> = Promise.resolve();

  constructor(options: VpcNetworkOptions) {
    this.#options = options;
  }

  async open(): Promise<void> {
    await runCommand('ip', ['netns', 'add', this.namespace]);
    await this.#ip([`link set lo up`, `addr add ${this.#options.outside}/32 dev lo`]);
    await this.forward(true);
    await this.#enter(['sysctl', '-q', '-w', 'net.ipv4.conf.all.rp_filter=1']);
  }

  /** Whether packets between interfaces are delivered. */
  async forward(does: boolean): Promise<void> {
    await this.#enter(['sysctl', '-q', '-w', `net.ipv4.ip_forward=${does ? 1 : 0}`]);
  }

  /** Makes links, delivery and rules as the cloud has them now. */
  follow(): Promise<void> {
    this.#last = this.#last.then(() => this.#follow());
    return this.#last;
  }

  /** With all links. */
  async close(): Promise<void> {
    await this.#last.catch(() => undefined);
    await runCommand('ip', ['netns', 'delete', this.namespace]);
  }

  async #follow(): Promise<void> {
    const attached = [...this.#options.cloud.interfaces.values()].filter(
      ({ attachment }) => attachment?.instanceId === this.#options.instanceId && attachment.index > 0,
    );
    const { stdout } = await runCommand('ip', ['-n', this.namespace, '-br', 'link', 'show']);
    for (const each of attached) {
      const [host, inside] = this.#linkNames(each);
      if (!stdout.includes(`${inside}@`))
        await runCommand('ip', ['-batch', '-'], {
          input: `link add ${host} address ${each.macAddress} type veth peer name ${inside} netns ${this.namespace}\n`,
        });
      await this.#ip([
        `addr replace ${this.#options.gateway}/32 dev ${inside}`,
        `link set ${inside} up`,
        `route flush dev ${inside} table main`,
        ...each.addresses.flatMap((address) => [
          `route replace ${address}/32 dev ${inside}`,
          `neigh replace ${address} lladdr ${each.macAddress} nud permanent dev ${inside}`,
        ]),
      ]);
    }
    await this.#enter(['nft', '-f', '-'], this.#rules(attached));
  }

  #rules(attached: readonly FakeInterface[]): string {
    const members = (group: string): string =>
      attached
        .filter(({ groups }) => groups.includes(group))
        .flatMap(({ addresses }) => addresses)
        .join(', ');
    const accepts = this.#options.admitted
      .map(([from, to]) => [members(from), members(to)])
      .filter(([from, to]) => from !== '' && to !== '')
      .map(([from, to]) => `ip saddr { ${from} } ip daddr { ${to} } accept`);
    return `add table inet vpc
      delete table inet vpc
      table inet vpc {
        chain forward {
          type filter hook forward priority filter; policy drop;
          ct state established,related accept
          ${accepts.join('\n          ')}
        }
      }\n`;
  }

  #linkNames({ id }: FakeInterface): readonly [string, string] {
    const number = this.#numbers.get(id) ?? this.#numbers.size + 1;
    this.#numbers.set(id, number);
    return [`stwa${process.pid}e${number}`, `stwa${process.pid}v${number}`];
  }

  async #ip(lines: readonly string[]): Promise<void> {
    await runCommand('ip', ['-n', this.namespace, '-batch', '-'], { input: `${lines.join('\n')}\n` });
  }

  async #enter(command: readonly string[], input?: string): Promise<void> {
    await runCommand(
      'nsenter',
      [`--net=/run/netns/${this.namespace}`, ...command],
      input === undefined ? {} : { input },
    );
  }
}
