/**
 * The packet filter of the router namespace as nftables input. Every text is one transaction, and can be repeated.
 *
 * Rules look at the first packet's direction of a connection (`ct original`), for every packet of both directions: so
 * what is no longer allowed stops at once, also in the middle of a connection, and an answer needs no rule of its own.
 * The set `sources` says which address may come from which link; it is also the register of what is connected, which
 * outlives the links themselves: these vanish with their containers.
 *
 * What all containers share is rationed: the agent's process, which answers for metadata, and the kernel's
 * table of connections, where those of a container stay for a while after its end: so they are counted by its link,
 * which no later one has, and not by its address. Who has used up a share waits alone.
 */
import { groupSetName, isGroupSet, type IngressRule, type SecurityGroup } from './security-groups.ts';

export const METADATA_ADDRESS = '169.254.169.254';
/** Links whose names begin so lead into a VPC that enforces security groups itself, as those of EC2. */
const UPLINKS = '"stwe*"';

const TABLE = 'inet stowage';
/** The set of all addresses in the register. */
const ADDRESSES = 'addresses';
const TO_METADATA = `iifname != ${UPLINKS} ip daddr ${METADATA_ADDRESS} tcp dport 80`;

/** Connections to the metadata service that a container may open in a second, and at once. */
const METADATA_PACE = { perSecond: 200, burst: 200 };
/** Connections that a container may have in the kernel's table, of usually 262,144. */
const MOST_CONNECTIONS = 16_384;
/** Containers whose share is counted; those beyond it have none taken. */
const MOST_COUNTED = 65_535;

/** An address and the link behind which it is. */
export interface Source {
  readonly link: string;
  readonly address: string;
}

/** What the register and the group sets hold. */
export interface FirewallState {
  readonly sources: readonly Source[];
  readonly members: ReadonlyMap<string, readonly string[]>;
}

/**
 * The whole table. Elements of sets that were there stay.
 * @param groups undefined = those that the table has
 */
export function firewallTable(groups?: readonly SecurityGroup[]): string {
  const { perSecond, burst } = METADATA_PACE;
  return lines([
    `add table ${TABLE}`,
    `add set ${TABLE} sources { type ifname . ipv4_addr; }`,
    `add set ${TABLE} ${ADDRESSES} { type ipv4_addr; }`,
    `add set ${TABLE} metadata_pace { type ipv4_addr; size ${MOST_COUNTED}; flags dynamic,timeout; timeout 1m; }`,
    `add set ${TABLE} connections { type ifname; size ${MOST_COUNTED}; flags dynamic; }`,
    `add chain ${TABLE} groups`,
    `add chain ${TABLE} origin { type filter hook prerouting priority raw; policy drop; }`,
    `add chain ${TABLE} own { type filter hook input priority filter; policy drop; }`,
    `add chain ${TABLE} transit { type filter hook forward priority filter; policy drop; }`,
    `flush chain ${TABLE} origin`,
    `add rule ${TABLE} origin iifname "lo" accept`,
    `add rule ${TABLE} origin iifname . ip saddr @sources accept`,
    `add rule ${TABLE} origin iifname ${UPLINKS} ip daddr @${ADDRESSES} accept`,
    `flush chain ${TABLE} own`,
    `add rule ${TABLE} own iifname "lo" accept`,
    `add rule ${TABLE} own ${TO_METADATA} tcp flags & (fin | syn | rst | ack) == syn update @metadata_pace { ip saddr limit rate over ${perSecond}/second burst ${burst} packets } drop`,
    `add rule ${TABLE} own ${TO_METADATA} accept`,
    `flush chain ${TABLE} transit`,
    // Who comes from outside has not one address per container, and the VPC has judged it.
    `add rule ${TABLE} transit iifname != ${UPLINKS} ct state new add @connections { iifname ct count over ${MOST_CONNECTIONS} } drop`,
    `add rule ${TABLE} transit ct state invalid drop`,
    `add rule ${TABLE} transit ct original ip daddr 169.254.0.0/16 drop`,
    `add rule ${TABLE} transit oifname ${UPLINKS} accept`,
    `add rule ${TABLE} transit iifname ${UPLINKS} accept`,
    `add rule ${TABLE} transit jump groups`,
    ...(groups === undefined ? [] : groupRules(groups)),
  ]);
}

/**
 * Other groups than the table has, each with exactly these members.
 * @param members by name of the set
 * @param state of the table now
 */
export function groupChange(
  groups: readonly SecurityGroup[],
  members: ReadonlyMap<string, readonly string[]>,
  state: FirewallState,
): string {
  const names = groups.map(({ id }) => groupSetName(id));
  const outdated = groupSets(state).filter((name) => !names.includes(name));
  return lines([
    ...groupRules(groups),
    ...outdated.map((name) => `flush chain ${TABLE} to_${name}`),
    ...outdated.flatMap((name) => [`delete chain ${TABLE} to_${name}`, `delete set ${TABLE} ${name}`]),
    ...names.flatMap((name) => [
      `flush set ${TABLE} ${name}`,
      ...(members.get(name) ?? []).flatMap((address) => present(name, address)),
    ]),
  ]);
}

/** Names of the sets of groups that the table has. */
export function groupSets({ members }: FirewallState): readonly string[] {
  return [...members.keys()].filter((name) => name !== ADDRESSES);
}

/** An address with exactly these groups; those that the table does not know let nothing in. */
export function admission(source: Source, setNames: readonly string[], allSets: readonly string[]): string {
  return lines([
    ...present('sources', `"${source.link}" . ${source.address}`),
    ...present(ADDRESSES, source.address),
    ...allSets.flatMap((name) =>
      setNames.includes(name) ? present(name, source.address) : absent(name, source.address),
    ),
  ]);
}

export function removal(sources: readonly Source[], allSets: readonly string[]): string {
  return lines(
    sources.flatMap(({ link, address }) => [
      ...absent('sources', `"${link}" . ${address}`),
      ...[ADDRESSES, ...allSets].flatMap((name) => absent(name, address)),
    ]),
  );
}

/** Members of sets whose addresses are not in the register. */
export function strayRemoval(state: FirewallState): string {
  const known = new Set(state.sources.map(({ address }) => address));
  return lines(
    [...state.members].flatMap(([name, addresses]) =>
      addresses.filter((address) => !known.has(address)).flatMap((address) => absent(name, address)),
    ),
  );
}

/** @param listing what `nft -j list table` printed */
export function parseFirewall(listing: string): FirewallState {
  const { nftables } = JSON.parse(listing) as { nftables: { set?: { name: string; elem?: unknown[] } }[] };
  const sources: Source[] = [];
  const members = new Map<string, string[]>();
  for (const { set } of nftables) {
    if (set === undefined) continue;
    if (set.name === ADDRESSES || isGroupSet(set.name)) members.set(set.name, (set.elem ?? []) as string[]);
    if (set.name === 'sources')
      for (const { concat } of (set.elem ?? []) as { concat: [string, string] }[])
        sources.push({ link: concat[0], address: concat[1] });
  }
  return { sources, members };
}

function groupRules(groups: readonly SecurityGroup[]): readonly string[] {
  const ordered = [...groups].sort((a, b) => (a.id < b.id ? -1 : 1));
  return [
    ...ordered.flatMap(({ id }) => [
      `add set ${TABLE} ${groupSetName(id)} { type ipv4_addr; }`,
      `add chain ${TABLE} to_${groupSetName(id)}`,
    ]),
    `flush chain ${TABLE} groups`,
    ...ordered.flatMap(({ id, ingress }) => [
      `flush chain ${TABLE} to_${groupSetName(id)}`,
      ...ingress.flatMap((rule) => ingressRules(id, rule)),
      `add rule ${TABLE} groups ct original ip daddr @${groupSetName(id)} jump to_${groupSetName(id)}`,
    ]),
  ];
}

function ingressRules(groupId: string, { from, protocol, ports }: IngressRule): readonly string[] {
  const source = 'group' in from ? `@${groupSetName(from.group)}` : from.cidr;
  const start = `add rule ${TABLE} to_${groupSetName(groupId)} ct original ip saddr ${source}`;
  if (protocol === 'all') return [`${start} accept`];
  const range = ports === undefined ? '' : ` ct original proto-dst ${ports.from}-${ports.to}`;
  // Errors such as "fragmentation needed" are packets of another protocol that belong to the connection.
  return [`${start} meta l4proto ${protocol}${range} accept`, `${start} ct state related accept`];
}

function present(set: string, element: string): readonly string[] {
  return [`add element ${TABLE} ${set} { ${element} }`];
}

/** Deleting what is not there fails, so it is added first. */
function absent(set: string, element: string): readonly string[] {
  return [...present(set, element), `delete element ${TABLE} ${set} { ${element} }`];
}

function lines(all: readonly string[]): string {
  return all.map((line) => `${line}\n`).join('');
}
