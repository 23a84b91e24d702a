/**
 * The router of this host: a network namespace of our own between all tasks, so that nothing of the host's own network,
 * forwarding or firewall is touched or trusted. Each task has a pair of virtual links into it, a /32 address, the
 * gateway 169.254.1.1, filters and a bandwidth class.
 *
 * Names of links follow from the task id. `connect` registers the address in the packet filter before it makes anything
 * else and `disconnect` removes it from there last; so whatever a crash leaves is found by the task id alone.
 */
import { createHash } from 'node:crypto';
import { open, readlink } from 'node:fs/promises';
import { CommandError, runCommand } from '../host/run-command.ts';
import { networkError } from './errors.ts';
import {
  admission,
  firewallTable,
  groupChange,
  groupSets,
  METADATA_ADDRESS,
  parseFirewall,
  removal,
  strayRemoval,
  type FirewallState,
} from './firewall.ts';
import { type CommandRunner, NamespaceShell } from './namespace-shell.ts';
import { checkSecurityGroups, groupSetName, type SecurityGroup } from './security-groups.ts';
import {
  type Bandwidth,
  classMinor,
  classRemoval,
  linkFilters,
  type QueueKind,
  ROOT_CLASSES,
  rootClass,
  SHAPING_LINKS,
  shapingRoot,
  taskClasses,
} from './traffic-shaping.ts';

export interface RouterOptions {
  /** Of the namespace; one per agent on a host. Default `stw-router`. */
  readonly namespace?: string;
  /** Undefined: those that `setSecurityGroups` has set, in an earlier run or this one. */
  readonly securityGroups?: readonly SecurityGroup[];
  /** Of the host in each direction, in 10^6 bits a second. */
  readonly totalMbps: number;
  /** Largest packet, in bytes. Default 1,500. */
  readonly mtu?: number;
  readonly run?: CommandRunner;
}

export interface Connection {
  readonly taskId: string;
  /** Of a process in the container, in the host's numbering. */
  readonly pid: number;
  readonly address: string;
  readonly securityGroups: readonly string[];
  /** Undefined = as much as others leave of the host's total. */
  readonly bandwidth?: Bandwidth;
}

const GATEWAY = '169.254.1.1';
const LINK_PREFIX = 'stwv';

/** Strict source check, no router advertisements or redirects, no IPv6, which the packet filter drops anyway. */
const ROUTER_SYSCTLS = {
  'net.ipv4.ip_forward': 1,
  'net.ipv4.conf.all.rp_filter': 1,
  'net.ipv4.conf.default.rp_filter': 1,
  'net.ipv4.conf.all.accept_redirects': 0,
  'net.ipv4.conf.default.accept_redirects': 0,
  'net.ipv4.conf.all.send_redirects': 0,
  'net.ipv4.conf.default.send_redirects': 0,
  'net.ipv6.conf.all.disable_ipv6': 1,
  'net.ipv6.conf.default.disable_ipv6': 1,
};

/** What a task gives in classes when it asked for no bandwidth. */
const UNASKED_MBPS = 1;

/** @returns the name of the router's end of a task's link, 15 characters */
export function linkName(taskId: string): string {
  return LINK_PREFIX + createHash('sha256').update(taskId).digest('hex').slice(0, 11);
}

export class Router {
  readonly shell: NamespaceShell;
  readonly #run: CommandRunner;
  readonly #groups: readonly SecurityGroup[] | undefined;
  /** Undefined while they are those of an earlier run. */
  #setNames: readonly string[] | undefined;
  readonly #totalMbps: number;
  readonly #mtu: number;
  /** By link. */
  readonly #classOf = new Map<string, number>();
  /** What this run has admitted, by link. */
  readonly #admitted = new Map<string, Connection>();
  #changes: Promise<unknown> = Promise.resolve();
  #queue: QueueKind | undefined;

  /** @throws AgentError `INVALID_SECURITY_GROUP` */
  constructor(options: RouterOptions) {
    const { namespace = 'stw-router', securityGroups, totalMbps, mtu = 1_500, run = runCommand } = options;
    checkSecurityGroups(securityGroups ?? []);
    this.shell = new NamespaceShell(namespace, run);
    this.#run = run;
    this.#groups = securityGroups;
    this.#setNames = securityGroups?.map(({ id }) => groupSetName(id));
    this.#totalMbps = totalMbps;
    this.#mtu = mtu;
  }

  /** Undefined while bandwidth cannot be limited. */
  get queue(): QueueKind | undefined {
    return this.#queue;
  }

  /**
   * Makes the namespace, or takes over the one of an earlier run with all that is connected. Repeatable.
   * @returns why bandwidth cannot be limited, undefined when it can
   */
  async open(): Promise<string | undefined> {
    await this.shell.make();
    await this.shell.sysctl(ROUTER_SYSCTLS);
    await this.shell.ip([
      'link set lo up',
      `address replace ${GATEWAY}/32 dev lo`,
      `address replace ${METADATA_ADDRESS}/32 dev lo`,
    ]);
    await this.shell.nft(firewallTable(this.#groups));
    try {
      this.#queue = await this.#openShaping();
      return undefined;
    } catch (error) {
      this.#queue = undefined;
      return (error as Error).message;
    }
  }

  /**
   * Connects a container, before its user's code runs. Repeatable; what the task had before is replaced.
   * @throws AgentError `CONTAINER_NETWORK_SHARED` when the container is in the host's network, `ADDRESS_CLASS_TAKEN`
   * when another connected address has the same low 16 bits
   */
  async connect(connection: Connection, signal?: AbortSignal): Promise<void> {
    const { pid, address, taskId } = connection;
    this.#claimClass(linkName(taskId), address);
    // Held open: should the process end, its number may become that of a process in the network of the host.
    const network = await open(`/proc/${pid}/ns/net`);
    try {
      const path = `/proc/${process.pid}/fd/${network.fd}`;
      await refuseSharedNetwork(pid, path);
      await this.#connect(connection, path, signal);
    } finally {
      await network.close();
    }
  }

  /** @param network path of the container's namespace */
  async #connect(connection: Connection, network: string, signal?: AbortSignal): Promise<void> {
    const { taskId, address } = connection;
    const link = linkName(taskId);
    await this.#admit(connection, signal);
    const add = [
      `link add ${link} mtu ${this.#mtu} type veth peer name eth0 mtu ${this.#mtu} netns ${network}`,
      `link set ${link} up`,
      `route add ${address}/32 dev ${link}`,
    ];
    try {
      await this.shell.ip(add, signal);
    } catch (error) {
      if (!(error instanceof CommandError && error.stderr.includes('File exists'))) throw error;
      await this.disconnect(taskId);
      await this.#admit(connection, signal);
      await this.shell.ip(add, signal);
    }
    // Both have ended before this does, so that nothing is made after a `disconnect` that follows a failure.
    const parts = [this.#shape(connection, link, signal), this.#setUpInside(network, address, signal)];
    for (const part of await Promise.allSettled(parts)) if (part.status === 'rejected') throw part.reason;
  }

  /** After a restart of the agent: makes what is missing, and leaves the link of a running task as it is. */
  async restore(connection: Connection): Promise<void> {
    const link = linkName(connection.taskId);
    this.#claimClass(link, connection.address);
    const links = (await this.shell.ipShow('link', 'show')) as { ifname: string }[];
    if (!links.some(({ ifname }) => ifname === link)) return this.connect(connection);
    await this.#admit(connection);
    if (this.#queue === undefined) return;
    await this.shell.tc(this.#classes(connection, this.#queue));
    const filters = await this.shell.tcShow('filter', 'show', 'dev', link, 'egress');
    if (filters === '') await this.shell.tc(linkFilters(link, connection.address));
  }

  /**
   * Removes all that a task has in the router, which must be open. Idempotent; also for a task that was never connected.
   * @throws AggregateError of what could not be removed
   */
  async disconnect(taskId: string): Promise<void> {
    await this.#disconnectLinks(new Set([linkName(taskId)]));
  }

  /**
   * Removes what belongs to no live task: links, addresses, classes.
   * @throws AggregateError of what could not be removed
   */
  async sweep(liveTaskIds: Iterable<string>): Promise<void> {
    const live = new Set([...liveTaskIds].map(linkName));
    const state = await this.#firewall();
    const links = (await this.shell.ipShow('link', 'show')) as { ifname: string }[];
    const found = [...links.map(({ ifname }) => ifname), ...state.sources.map((source) => source.link)];
    const dead = found.filter((link) => link.startsWith(LINK_PREFIX) && !live.has(link));
    await this.#disconnectLinks(new Set(dead));
    await this.#inTurn(async () => this.shell.nft(strayRemoval(await this.#firewall())));
    await this.#removeStrayClasses(await this.#firewall());
  }

  /**
   * Other groups and rules, at once for all that is connected. Groups of connections that are not among them let nothing
   * in. The router must be open.
   * @throws AgentError `INVALID_SECURITY_GROUP`; nothing has changed then
   */
  async setSecurityGroups(groups: readonly SecurityGroup[]): Promise<void> {
    checkSecurityGroups(groups);
    await this.#inTurn(async () => {
      const members = new Map<string, string[]>();
      for (const { address, securityGroups } of this.#admitted.values())
        for (const name of securityGroups.map(groupSetName))
          members.set(name, [...(members.get(name) ?? []), address]);
      await this.shell.nft(groupChange(groups, members, await this.#firewall()));
      this.#setNames = groups.map(({ id }) => groupSetName(id));
    });
  }

  /** The register of what is connected. */
  async #firewall(): Promise<FirewallState> {
    return parseFirewall(await this.shell.nftList('table', 'inet', 'stowage'));
  }

  /** Removes the namespace with everything in it. Idempotent. */
  async remove(): Promise<void> {
    await this.shell.remove();
  }

  async #disconnectLinks(links: ReadonlySet<string>): Promise<void> {
    if (links.size === 0) return;
    const state = await this.#firewall();
    const minors = state.sources
      .filter(({ link }) => links.has(link))
      .map(({ address }) => classMinor(address));
    const errors: unknown[] = [];
    for (const link of links) await this.#deleteLink(link).catch((error: unknown) => errors.push(error));
    if (this.#queue !== undefined)
      await this.shell.tc(classRemoval(minors)).catch((error: unknown) => errors.push(error));
    // The register goes last: while it is there, the rest can be found.
    if (errors.length === 0) await this.#dismiss(links, state).catch((error: unknown) => errors.push(error));
    if (errors.length > 0)
      throw new AggregateError(errors, `Some of the links ${[...links].join(', ')} could not be removed.`);
    for (const link of links) this.#classOf.delete(link);
  }

  async #deleteLink(link: string): Promise<void> {
    try {
      await this.shell.ip([`link delete ${link}`]);
    } catch (error) {
      if (!(error instanceof CommandError && error.stderr.includes('Cannot find device'))) throw error;
    }
  }

  async #removeStrayClasses({ sources }: FirewallState): Promise<void> {
    if (this.#queue === undefined) return;
    const known = new Set(sources.map(({ address }) => classMinor(address)));
    const shown = await Promise.all(
      Object.values(SHAPING_LINKS).map((link) => this.shell.tcShow('class', 'show', 'dev', link)),
    );
    const found = shown.join('').matchAll(/^class htb 1:([0-9a-f]+) /gm);
    const minors = new Set([...found].map(([, minor]) => Number.parseInt(minor, 16)));
    await this.shell.tc(
      classRemoval([...minors].filter((minor) => minor > ROOT_CLASSES && !known.has(minor))),
    );
  }

  async #openShaping(): Promise<QueueKind> {
    const links = (await this.shell.ipShow('link', 'show')) as { ifname: string }[];
    for (const direction of ['in', 'out'] as const) {
      const link = SHAPING_LINKS[direction];
      if (!links.some(({ ifname }) => ifname === link)) await this.shell.ip([`link add ${link} type ifb`]);
      await this.shell.ip([`link set ${link} up`]);
      const filters = await this.shell.tcShow('filter', 'show', 'dev', link, 'parent', '1:');
      if (filters !== '') {
        await this.shell.tc([rootClass(direction, this.#totalMbps, this.#mtu)]);
        continue;
      }
      // What a crash left half-made goes; without a root this fails, and that is all right.
      await this.shell.tc([`qdisc replace dev ${link} root pfifo`, `qdisc del dev ${link} root`]);
      await this.shell.tc(shapingRoot(direction, this.#totalMbps, this.#mtu));
    }
    return this.#probeQueue();
  }

  /** A queue that is fair between flows, when the kernel has it. */
  async #probeQueue(): Promise<QueueKind> {
    const { in: link } = SHAPING_LINKS;
    const leaf = `qdisc replace dev ${link} parent 1:2`;
    try {
      await this.shell.tc([`${leaf} fq_codel`]);
      return 'fq_codel';
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      await this.shell.tc([`${leaf} bfifo`]);
      return 'bfifo';
    }
  }

  async #shape(connection: Connection, link: string, signal?: AbortSignal): Promise<void> {
    if (this.#queue === undefined) return;
    const { address } = connection;
    await this.shell.tc([...this.#classes(connection, this.#queue), ...linkFilters(link, address)], signal);
  }

  #classes({ address, bandwidth }: Connection, queue: QueueKind): readonly string[] {
    const { rateMbps, ceilMbps } = bandwidth ?? { rateMbps: UNASKED_MBPS, ceilMbps: this.#totalMbps };
    const limits = { rateMbps, ceilMbps: Math.min(ceilMbps, this.#totalMbps) };
    return taskClasses(address, limits, this.#mtu, queue);
  }

  async #admit(connection: Connection, signal?: AbortSignal): Promise<void> {
    const { taskId, address, securityGroups } = connection;
    const link = linkName(taskId);
    await this.#inTurn(() => {
      this.#admitted.set(link, connection);
      const text = admission({ link, address }, securityGroups.map(groupSetName), this.#setNames ?? []);
      return this.shell.nft(text, signal);
    });
  }

  async #dismiss(links: ReadonlySet<string>, state: FirewallState): Promise<void> {
    await this.#inTurn(() => {
      for (const link of links) this.#admitted.delete(link);
      const sources = state.sources.filter(({ link }) => links.has(link));
      return this.shell.nft(removal(sources, this.#setNames ?? groupSets(state)));
    });
  }

  /** One after the other: a change of groups takes all members along, and no admission of before may come after it. */
  async #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#changes.then(work);
    this.#changes = turn.catch(() => undefined);
    await turn;
  }

  #claimClass(link: string, address: string): void {
    const minor = classMinor(address);
    const taken = [...this.#classOf].some(([other, known]) => known === minor && other !== link);
    if (taken || minor <= ROOT_CLASSES)
      throw networkError(
        'ADDRESS_CLASS_TAKEN',
        `Bandwidth of ${address} cannot be told apart from that of another address with the same low 16 bits; give ` +
          'this host subnets of one range no larger than a /16.',
      );
    this.#classOf.set(link, minor);
  }

  async #setUpInside(network: string, address: string, signal?: AbortSignal): Promise<void> {
    const enter = [`--net=${network}`];
    const input = [
      'link set lo up',
      `address add ${address}/32 dev eth0`,
      'link set eth0 up',
      `route add ${GATEWAY} dev eth0 scope link`,
      `route add default via ${GATEWAY} dev eth0`,
    ].join('\n');
    const options = signal === undefined ? {} : { signal };
    await this.#run('nsenter', [...enter, 'ip', '-batch', '-'], { ...options, input: `${input}\n` });
    await this.#run('nsenter', [...enter, 'sysctl', '-q', '-w', 'net.ipv4.tcp_ecn=1'], options);
  }
}

async function refuseSharedNetwork(pid: number, network: string): Promise<void> {
  const own = await readlink('/proc/self/ns/net');
  if ((await readlink(network)) === own)
    throw networkError(
      'CONTAINER_NETWORK_SHARED',
      `Process ${pid} is in the network of the host; the container must be made with a network of its own.`,
    );
}
