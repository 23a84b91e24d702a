/**
 * Security groups with the rules that let traffic in, as in a VPC: what no rule allows is denied, and everything may go
 * out. Unlike EC2, a change of rules or members holds at once for connections that are open already.
 */
import { createHash } from 'node:crypto';
import { parseCidr } from './cidr.ts';
import { networkError } from './errors.ts';

/** @public */
export interface IngressRule {
  /** Addresses of a group, which may be the same one, or a range such as `10.0.0.0/8`. */
  readonly from: { readonly group: string } | { readonly cidr: string };
  readonly protocol: 'tcp' | 'udp' | 'icmp' | 'all';
  /** Both included, 1 to 65,535; for `tcp` and `udp` only. Default: all. */
  readonly ports?: { readonly from: number; readonly to: number };
}

/** @public */
export interface SecurityGroup {
  readonly id: string;
  readonly ingress: readonly IngressRule[];
}

const GROUP_SET = 'group_';

/** Name of the set of addresses of a group; any text may be a group's id. */
export function groupSetName(groupId: string): string {
  return GROUP_SET + createHash('sha256').update(groupId).digest('hex').slice(0, 20);
}

export function isGroupSet(setName: string): boolean {
  return setName.startsWith(GROUP_SET);
}

/** @throws AgentError `INVALID_SECURITY_GROUP` */
export function checkSecurityGroups(groups: readonly SecurityGroup[]): void {
  const ids = new Set(groups.map(({ id }) => id));
  if (ids.size < groups.length) fail('two security groups have the same id');
  for (const { id, ingress } of groups) {
    if (id === '') fail('a security group has no id');
    for (const rule of ingress) {
      const where = `a rule of security group ${id}`;
      if ('group' in rule.from ? !ids.has(rule.from.group) : parseCidr(rule.from.cidr) === undefined)
        fail(`${where} names an unknown group or something that is no range such as 10.0.0.0/8`);
      if (!['tcp', 'udp', 'icmp', 'all'].includes(rule.protocol)) fail(`${where} has an unknown protocol`);
      if (rule.ports !== undefined) checkPorts(rule, where);
    }
  }
}

function checkPorts({ protocol, ports }: IngressRule, where: string): void {
  if (protocol !== 'tcp' && protocol !== 'udp') fail(`${where} has ports without tcp or udp`);
  const { from, to } = ports!;
  const valid = [from, to].every((port) => Number.isInteger(port) && port >= 1 && port <= 65_535);
  if (!valid || from > to) fail(`${where} has ports that are no range between 1 and 65535`);
}

function fail(what: string): never {
  throw networkError('INVALID_SECURITY_GROUP', `The security groups cannot be used: ${what}.`);
}
