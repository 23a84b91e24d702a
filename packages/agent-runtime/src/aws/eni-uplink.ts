/**
 * Brings the links of attached interfaces into the agent's router namespace and routes each address through the
 * interface that has it: the VPC drops what leaves through another one. All addresses belong to tasks, behind the
 * router. A link has the interface's primary address too, so that its questions for the subnet's router carry a sender
 * that the VPC knows; but without the local route that comes with an address, so that a task can use it.
 *
 * Per interface with index n there is a link `stwe<n>`, a table 100 + n with a default route to the subnet's router, and
 * a rule per address. Packets between two tasks of one interface stay on the host (`throw` routes lead on to the main
 * table, where the router has the tasks' own routes); those between two interfaces go through the VPC, which is where
 * security groups are enforced. What the VPC delivers is routed by the main table alone, or it would go out again.
 *
 * Every call compares with what is there, so it can be repeated after a crash at any point. `connect` only adds: what
 * EC2 shows may be old, and a task must not lose its routing for that. Routing per interface is that of Amazon's VPC CNI
 * plugin (docs/cni-proposal.md); the throw routes are our own.
 */
import { AgentError } from '@stowage/protocol';
import { type CommandOptions, type CommandResult, runCommand } from '../host/run-command.ts';
import type { VpcInterface } from '../network/vpc-driver.ts';
import { type AwsTiming, SYSTEM_TIMING } from './aws-caller.ts';

/** @public */
export interface EniUplinkOptions {
  /** Name of the router namespace, as `ip netns` knows it. It forwards packets. */
  readonly routerNamespace: string;
  /** How long the host may take to show the link of an attached interface. Default 15,000 ms. */
  readonly linkWithinMs?: number;
  readonly run?: (
    program: string,
    args: readonly string[],
    options?: CommandOptions,
  ) => Promise<CommandResult>;
  readonly timing?: AwsTiming;
}

const FIRST_TABLE = 100;
/** No instance type has as many interfaces on one card. */
const MOST_INTERFACES = 63;
const ARRIVED_PRIORITY = 1000;
const SOURCE_PRIORITY = 1001;
const LINK_POLL_MS = 200;

/** Kinds of links that carry the MAC address of the link below them. */
const COPIES_MAC = new Set(['bridge', 'bond', 'ipvlan', 'ipvtap', 'macvlan', 'macvtap', 'team', 'vlan']);

interface ShownLink {
  readonly ifname: string;
  readonly address?: string;
  readonly flags: readonly string[];
  readonly linkinfo?: { readonly info_kind?: string };
  readonly addr_info?: readonly {
    readonly family: string;
    readonly local?: string;
    readonly prefixlen?: number;
  }[];
}

interface ShownRule {
  readonly priority: number;
  readonly src?: string;
  readonly iif?: string;
  readonly table?: string;
}

interface ShownRoute {
  readonly type?: string;
  readonly dst: string;
  readonly table?: string;
}

/** What `ip -N` calls types of routes and tables. */
const THROW = '9';
const LOCAL_TABLE = '255';
const MAIN_TABLE = '254';

/** @public */
export class EniUplink {
  readonly #namespace: string;
  readonly #linkWithinMs: number;
  readonly #run: NonNullable<EniUplinkOptions['run']>;
  readonly #timing: AwsTiming;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: EniUplinkOptions) {
    this.#namespace = options.routerNamespace;
    this.#linkWithinMs = options.linkWithinMs ?? 15_000;
    this.#run = options.run ?? runCommand;
    this.#timing = options.timing ?? SYSTEM_TIMING;
  }

  /**
   * Makes the interface's link and the routing of these addresses as they should be. To be called after an interface was
   * attached and when it has new addresses, before a task uses one. Other addresses of the interface stay; an address
   * that was another interface's before is so no more.
   * @throws AgentError `AWS_LINK_MISSING` when the host does not show the link in time; CommandError
   */
  async connect(vpcInterface: VpcInterface, signal: AbortSignal): Promise<void> {
    const deadlineMs = this.#timing.nowMs() + this.#linkWithinMs;
    while (!(await this.connectNow(vpcInterface, signal))) {
      if (this.#timing.nowMs() >= deadlineMs) throw this.#linkMissing(vpcInterface);
      await this.#timing.sleep(LINK_POLL_MS, signal);
    }
  }

  /** As `connect`, without waiting. @returns false when the host does not show the link; nothing was done then */
  connectNow(vpcInterface: VpcInterface, signal: AbortSignal): Promise<boolean> {
    return this.#oneAtATime(signal, async () => {
      if (!(await this.#bringLink(vpcInterface, signal))) return false;
      await this.#route(vpcInterface, signal);
      return true;
    });
  }

  /** Removes the routing of addresses that no task uses, before the interface loses them. Idempotent. */
  withdraw(index: number, addresses: readonly string[], signal: AbortSignal): Promise<void> {
    return this.#oneAtATime(signal, async () => {
      const table = String(FIRST_TABLE + index);
      const routes = await this.#routes(signal);
      const rules = await this.#rules(signal);
      const leaves = (each: string | undefined): boolean => each !== undefined && addresses.includes(each);
      await this.#batch(
        [
          ...rules.filter((rule) => indexOf(rule) === index && leaves(rule.src)).map(ruleRemoval),
          ...routes.filter((route) => isThrow(route, table) && leaves(route.dst)).map(throwRemoval),
        ],
        signal,
      );
    });
  }

  /** Removes the rules of interfaces whose links are gone; their routes went with the links. */
  sweep(signal: AbortSignal): Promise<void> {
    return this.#oneAtATime(signal, async () => {
      const links = await this.#links(['-n', this.#namespace], signal);
      const stale = (await this.#rules(signal)).filter((rule) => {
        const index = indexOf(rule);
        return index !== undefined && !links.some(({ ifname }) => ifname === linkName(index));
      });
      await this.#batch(stale.map(ruleRemoval), signal);
    });
  }

  /** @returns false when the link is nowhere */
  async #bringLink({ index, macAddress, addresses }: VpcInterface, signal: AbortSignal): Promise<boolean> {
    const name = linkName(index);
    let link = await this.#findLink(['-n', this.#namespace], macAddress, signal);
    if (link === undefined) {
      const outside = await this.#findLink([], macAddress, signal);
      if (outside === undefined) return false;
      // The kernel takes addresses and routes off a link that changes its namespace.
      const moves = `link set dev ${outside.ifname} down\nlink set dev ${outside.ifname} netns ${this.#namespace}\n`;
      await this.#run('ip', ['-batch', '-'], { input: moves, signal });
      link = await this.#findLink(['-n', this.#namespace], macAddress, signal);
      if (link === undefined) return false;
    }
    if (link.ifname !== name) {
      const { ifname } = link;
      await this.#batch([`link set dev ${ifname} down`, `link set dev ${ifname} name ${name}`], signal);
    }
    const shown = (link.addr_info ?? []).filter(({ family }) => family === 'inet');
    const hasAddress = shown.length === 1 && shown[0].local === addresses[0] && shown[0].prefixlen === 32;
    const lines = hasAddress ? [] : [`addr flush dev ${name}`, `addr add ${addresses[0]}/32 dev ${name}`];
    if (!link.flags.includes('UP') || link.ifname !== name) lines.push(`link set dev ${name} up`);
    await this.#batch(lines, signal);
    return true;
  }

  async #route({ index, addresses, subnet }: VpcInterface, signal: AbortSignal): Promise<void> {
    const name = linkName(index);
    const table = String(FIRST_TABLE + index);
    const routes = await this.#routes(signal);
    const isLocal = routes.some((route) => route.table === LOCAL_TABLE && route.dst === addresses[0]);
    const rules = (await this.#rules(signal)).filter((rule) => indexOf(rule) !== undefined);
    const present = new Set(rules.map(ruleText));
    const wanted: ShownRule[] = [
      { priority: ARRIVED_PRIORITY, iif: name, table: MAIN_TABLE },
      ...addresses.map((src) => ({ priority: SOURCE_PRIORITY, src, table })),
    ];
    const moved = (each: string | undefined, from: string | undefined): boolean =>
      each !== undefined && addresses.includes(each) && from !== table;

    await this.#batch(
      [
        ...(isLocal ? [`route del local ${addresses[0]} dev ${name} table ${LOCAL_TABLE}`] : []),
        // EC2 answers on these addresses through every interface, with the host's own metadata and credentials.
        `route replace prohibit 169.254.0.0/16 table ${table}`,
        `route replace default via ${subnet.gateway} dev ${name} onlink table ${table}`,
        ...addresses
          .filter((each) => !routes.some((route) => isThrow(route, table) && route.dst === each))
          .map((each) => `route add throw ${each}/32 table ${table}`),
        ...wanted
          .map(ruleText)
          .filter((each) => !present.has(each))
          .map((each) => `rule add ${each}`),
        ...rules.filter((rule) => moved(rule.src, rule.table)).map(ruleRemoval),
        ...routes
          .filter((route) => isThrow(route, route.table) && moved(route.dst, route.table))
          .map(throwRemoval),
      ],
      signal,
    );
  }

  async #findLink(
    where: readonly string[],
    macAddress: string,
    signal: AbortSignal,
  ): Promise<ShownLink | undefined> {
    const links = await this.#links(where, signal);
    return links.find(
      ({ address, linkinfo }) =>
        address?.toLowerCase() === macAddress.toLowerCase() && !COPIES_MAC.has(linkinfo?.info_kind ?? ''),
    );
  }

  #links(where: readonly string[], signal: AbortSignal): Promise<readonly ShownLink[]> {
    return this.#show([...where, '-details', '-json', 'addr', 'show'], signal);
  }

  #rules(signal: AbortSignal): Promise<readonly ShownRule[]> {
    return this.#show(['-n', this.#namespace, '-N', '-json', 'rule', 'show'], signal);
  }

  #routes(signal: AbortSignal): Promise<readonly ShownRoute[]> {
    return this.#show(['-n', this.#namespace, '-N', '-json', '-4', 'route', 'show', 'table', 'all'], signal);
  }

  async #show<T>(args: readonly string[], signal: AbortSignal): Promise<readonly T[]> {
    const { stdout } = await this.#run('ip', args, { signal });
    return stdout.trim() === '' ? [] : (JSON.parse(stdout) as T[]);
  }

  async #batch(lines: readonly string[], signal: AbortSignal): Promise<void> {
    if (lines.length === 0) return;
    await this.#run('ip', ['-n', this.#namespace, '-batch', '-'], { input: `${lines.join('\n')}\n`, signal });
  }

  #linkMissing({ id, macAddress }: VpcInterface): AgentError {
    return new AgentError(
      'AWS_LINK_MISSING',
      `The host shows no link with the address ${macAddress} of ${id} after ${this.#linkWithinMs} ms. ` +
        'See the kernel log, and whether another program has moved the link into a namespace.',
    );
  }

  /** The state is read and then changed, so calls must not overlap. */
  #oneAtATime<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(() => {
      signal.throwIfAborted();
      return work();
    });
    this.#last = result.catch(() => undefined);
    return result;
  }
}

function linkName(index: number): string {
  return `stwe${index}`;
}

/** Index of the interface to which a rule of ours belongs. */
function indexOf({ priority, iif, table }: ShownRule): number | undefined {
  const index =
    priority === ARRIVED_PRIORITY
      ? Number(/^stwe(\d+)$/.exec(iif ?? '')?.[1])
      : priority === SOURCE_PRIORITY
        ? Number(table) - FIRST_TABLE
        : NaN;
  return index >= 1 && index <= MOST_INTERFACES ? index : undefined;
}

function isThrow({ type, table }: ShownRoute, ofTable: string | undefined): boolean {
  const index = Number(table) - FIRST_TABLE;
  return type === THROW && table === ofTable && index >= 1 && index <= MOST_INTERFACES;
}

function throwRemoval({ dst, table }: ShownRoute): string {
  return `route del throw ${dst}/32 table ${table}`;
}

function ruleRemoval(rule: ShownRule): string {
  return `rule del ${ruleText(rule)}`;
}

function ruleText({ priority, src, iif, table }: ShownRule): string {
  const source = src === undefined || src === 'all' ? '' : ` from ${src}`;
  return `pref ${priority}${source}${iif === undefined ? '' : ` iif ${iif}`} lookup ${table}`;
}
