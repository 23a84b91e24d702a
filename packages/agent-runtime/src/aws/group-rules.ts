/**
 * What the rules of EC2's security groups let pass between two interfaces with the same groups: the VPC applies them to
 * packets that it carries, and those between tasks of one interface never leave the host.
 * A packet passes when some rule of some group lets it out and some rule lets it in. What this host cannot tell counts as
 * no rule: prefix lists, single types of ICMP, protocols by number, and ranges to which not all of the subnet belongs.
 * Source: "Security group rules", Amazon VPC user guide.
 */
import { groupsKey } from '../network/address-assignment.ts';
import { parseCidr } from '../network/cidr.ts';
import type { IngressRule, SecurityGroup } from '../network/security-groups.ts';
import type { GroupHolders } from '../network/vpc-driver.ts';
import type { Ec2Rule } from './ec2-api.ts';
import type { Ec2Context } from './ec2-context.ts';
import { groupSet } from './security-groups.ts';

type Traffic = Pick<IngressRule, 'protocol' | 'ports'>;

/** Values that a filter of EC2 may have. */
const MOST_VALUES = 200;
const ALL_PORTS = { from: 1, to: 65_535 };

/** All rules of these groups; a group that does not exist has none. */
export async function readRules(
  context: Ec2Context,
  groups: readonly string[],
  signal: AbortSignal,
): Promise<readonly Ec2Rule[]> {
  const all = groupSet(groups);
  const found: Ec2Rule[] = [];
  for (let at = 0; at < all.length; at += MOST_VALUES) {
    const Filters = [{ Name: 'group-id', Values: all.slice(at, at + MOST_VALUES) }];
    let token: string | undefined;
    do {
      const input = { Filters, ...(token !== undefined && { NextToken: token }) };
      const page = await context.repeatable('DescribeSecurityGroupRules', signal, (ec2, options) =>
        ec2.describeSecurityGroupRules(input, options),
      );
      found.push(...(page.SecurityGroupRules ?? []));
      token = page.NextToken === '' ? undefined : page.NextToken;
    } while (token !== undefined);
  }
  return found;
}

/** One group, of all who hold the same groups, as `VpcDriver.rulesAmong` wants it. */
export function groupAmong(
  { securityGroups, subnets }: GroupHolders,
  rules: readonly Ec2Rule[],
): SecurityGroup {
  const id = groupsKey(securityGroups);
  const isHeld = (group: string | undefined): boolean =>
    group !== undefined && securityGroups.includes(group);
  const held = rules.filter(({ GroupId }) => isHeld(GroupId));
  const leaving = held
    .filter(({ IsEgress }) => IsEgress === true)
    .filter(
      ({ ReferencedGroupInfo: peer, CidrIpv4: range }) => isHeld(peer?.GroupId) || holds(range, subnets),
    )
    .map(trafficOf);
  const ingress = new Map<string, IngressRule>();
  for (const rule of held.filter(({ IsEgress }) => IsEgress === false)) {
    const { ReferencedGroupInfo: peer, CidrIpv4: cidr } = rule;
    const isRange = parseCidr(cidr) !== undefined;
    if (!isRange && !isHeld(peer?.GroupId)) continue;
    const from = isRange ? { cidr: cidr! } : { group: id };
    for (const traffic of leaving.map((each) => both(each, trafficOf(rule))))
      if (traffic !== undefined) ingress.set(JSON.stringify([from, traffic]), { from, ...traffic });
  }
  return { id, ingress: [...ingress].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, rule]) => rule) };
}

function holds(range: string | undefined, subnets: readonly string[]): boolean {
  const outer = parseCidr(range);
  if (outer === undefined) return false;
  return subnets.map(parseCidr).every((inner) => {
    if (inner === undefined || inner.prefix < outer.prefix) return false;
    const size = 2 ** (32 - outer.prefix);
    return inner.base - (inner.base % size) === outer.base;
  });
}

function trafficOf({ IpProtocol: protocol, FromPort, ToPort }: Ec2Rule): Traffic | undefined {
  if (protocol === '-1') return { protocol: 'all' };
  if (protocol === 'icmp') return FromPort === undefined || FromPort === -1 ? { protocol } : undefined;
  if (protocol !== 'tcp' && protocol !== 'udp') return undefined;
  if (FromPort === undefined || FromPort === -1) return { protocol };
  return withPorts(protocol, FromPort, ToPort ?? FromPort);
}

function both(a: Traffic | undefined, b: Traffic | undefined): Traffic | undefined {
  if (a === undefined || b === undefined) return undefined;
  if (a.protocol === 'all') return b;
  if (b.protocol === 'all') return a;
  if (a.protocol !== b.protocol) return undefined;
  const [{ from, to }, other] = [a.ports ?? ALL_PORTS, b.ports ?? ALL_PORTS];
  return withPorts(a.protocol, Math.max(from, other.from), Math.min(to, other.to));
}

function withPorts(protocol: Traffic['protocol'], first: number, last: number): Traffic | undefined {
  const ports = { from: Math.max(first, ALL_PORTS.from), to: Math.min(last, ALL_PORTS.to) };
  if (ports.from > ports.to) return undefined;
  const isAll = ports.from === ALL_PORTS.from && ports.to === ALL_PORTS.to;
  return isAll ? { protocol } : { protocol, ports };
}
