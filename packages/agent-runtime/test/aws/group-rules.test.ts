/** EC2's rules between holders of the same groups, against a judge that looks at one packet at a time. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { groupAmong } from '../../src/aws/group-rules.ts';
import type { Ec2Rule } from '../../src/aws/ec2-api.ts';
import { checkSecurityGroups, type IngressRule } from '../../src/network/security-groups.ts';
import { failure, NEVER, withFixture } from './aws-fixture.ts';

const SUBNET = '10.1.0.0/20';
const GROUPS = ['sg-a', 'sg-b', 'sg-c'];
const RANGES = ['0.0.0.0/0', '10.0.0.0/8', '10.1.0.0/20', '10.1.0.0/24', '10.2.0.0/16', '10.1.0.10/32'];
const ADDRESSES = ['10.1.0.10', '10.1.0.200', '10.1.9.1'];

const ports = fc
  .tuple(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 6 }))
  .map(([a, b]) => ({ FromPort: Math.min(a, b), ToPort: Math.max(a, b) }));
const traffic = fc.oneof(
  fc.constant({ IpProtocol: '-1', FromPort: -1, ToPort: -1 }),
  fc.constant({ IpProtocol: 'icmp', FromPort: -1, ToPort: -1 }),
  fc.constant({ IpProtocol: 'tcp', FromPort: 0, ToPort: 65_535 }),
  fc.tuple(fc.constantFrom('tcp', 'udp'), ports).map(([IpProtocol, range]) => ({ IpProtocol, ...range })),
);
const rule: fc.Arbitrary<Ec2Rule> = fc
  .tuple(
    fc.constantFrom(...GROUPS),
    fc.boolean(),
    traffic,
    fc.oneof(
      fc.constantFrom(...RANGES).map((CidrIpv4) => ({ CidrIpv4 })),
      fc.constantFrom(...GROUPS).map((GroupId) => ({ ReferencedGroupInfo: { GroupId } })),
    ),
  )
  .map(([GroupId, IsEgress, what, peer]) => ({ GroupId, IsEgress, ...what, ...peer }));

interface Packet {
  readonly from: string;
  readonly protocol: 'tcp' | 'udp' | 'icmp';
  readonly port: number;
}
const packet: fc.Arbitrary<Packet> = fc.record({
  from: fc.constantFrom(...ADDRESSES),
  protocol: fc.constantFrom('tcp', 'udp', 'icmp'),
  port: fc.integer({ min: 1, max: 7 }),
});

const number = (text: string): bigint => text.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n);
const inRange = (address: string, range: string): boolean => {
  const [base, prefix] = range.split('/');
  const shift = 32n - BigInt(prefix);
  return number(address) >> shift === number(base) >> shift;
};

/** As the VPC would: `peer` is whom the packet comes from or goes to. */
function matches(each: Ec2Rule, held: readonly string[], { protocol, port }: Packet, peer: string): boolean {
  const { IpProtocol, FromPort, ToPort, CidrIpv4, ReferencedGroupInfo } = each;
  if (!held.includes(each.GroupId!)) return false;
  const isPeer =
    CidrIpv4 === undefined ? held.includes(ReferencedGroupInfo!.GroupId!) : inRange(peer, CidrIpv4);
  const isTraffic =
    IpProtocol === '-1' ||
    (IpProtocol === protocol && (protocol === 'icmp' || (FromPort! <= port && port <= ToPort!)));
  return isPeer && isTraffic;
}

function admits({ from, protocol, ports: range }: IngressRule, sent: Packet): boolean {
  return (
    ('group' in from || inRange(sent.from, from.cidr)) &&
    (protocol === 'all' || protocol === sent.protocol) &&
    (range === undefined || (range.from <= sent.port && sent.port <= range.to))
  );
}

describe('rules among holders of the same groups', () => {
  it('let in exactly what some rule lets out to the whole subnet and some rule lets in', () => {
    const held = fc.subarray(GROUPS, { minLength: 1 });
    fc.assert(
      fc.property(held, fc.array(rule, { maxLength: 8 }), packet, (securityGroups, rules, sent) => {
        const group = groupAmong({ securityGroups, subnets: [SUBNET] }, rules);
        checkSecurityGroups([group]);
        const leaves = rules
          .filter(({ IsEgress }) => IsEgress)
          // The first and the last of the subnet: not all of it is in a smaller range.
          .some((each) => ['10.1.0.0', '10.1.15.255'].every((to) => matches(each, securityGroups, sent, to)));
        const enters = rules
          .filter(({ IsEgress }) => !IsEgress)
          .some((each) => matches(each, securityGroups, sent, sent.from));
        expect(group.ingress.some((each) => admits(each, sent))).toBe(leaves && enters);
      }),
      { numRuns: 2_000 },
    );
  });

  it('count what cannot be told as no rule', () => {
    const out = { GroupId: 'sg-a', IsEgress: true, IpProtocol: '-1', CidrIpv4: '0.0.0.0/0' };
    const from = { GroupId: 'sg-a', IsEgress: false, ReferencedGroupInfo: { GroupId: 'sg-a' } };
    const untold: Ec2Rule[] = [
      { ...from, IpProtocol: 'icmp', FromPort: 8, ToPort: -1 },
      { ...from, IpProtocol: '50' },
      { ...from, IpProtocol: 'tcp', FromPort: 0, ToPort: 0 },
      { GroupId: 'sg-a', IsEgress: false, IpProtocol: '-1' },
      { GroupId: 'sg-a', IpProtocol: '-1', CidrIpv4: '0.0.0.0/0' },
    ];
    const holders = { securityGroups: ['sg-a'], subnets: [SUBNET] };
    expect(groupAmong(holders, [out, ...untold]).ingress).toEqual([]);
    expect(groupAmong(holders, [out, { ...from, IpProtocol: '-1' }]).ingress).toHaveLength(1);
  });
});

describe('reading rules', () => {
  it('takes all pages, of the groups asked for alone, and nothing for a group that is not there', () =>
    withFixture(async ({ cloud, connect, groups }) => {
      for (let port = 1; port <= 9; port++)
        for (const [groupId, peer] of [
          [groups[0], groups[0]],
          [groups[1], groups[1]],
        ])
          cloud.addRule({ groupId, peer, isEgress: false, ipProtocol: 'tcp', fromPort: port, toPort: port });
      const driver = await connect();
      const sets = [[groups[0]], [groups[2]], ['sg-gone']];
      const found = await driver.rulesAmong(
        sets.map((securityGroups) => ({ securityGroups, subnets: [SUBNET] })),
        NEVER,
      );
      expect(found.map(({ ingress }) => ingress.length)).toEqual([9, 0, 0]);
      expect(found[0].ingress.map(({ ports: range }) => range?.from).sort()).toEqual([
        1, 2, 3, 4, 5, 6, 7, 8, 9,
      ]);
    }));

  it('tells when it may not', () =>
    withFixture(async ({ connect, fake, groups }) => {
      const driver = await connect();
      fake.forbidden.add('DescribeSecurityGroupRules');
      const holders = [{ securityGroups: [groups[0]], subnets: [SUBNET] }];
      expect(await failure(driver.rulesAmong(holders, NEVER))).toMatchObject({
        awsCode: 'UnauthorizedOperation',
      });
    }));
});
