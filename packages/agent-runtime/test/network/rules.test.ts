/** Texts for nftables and tc, and the checks before them. What the kernel makes of them is shown by the Linux tests. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseAssignment } from '../../src/network/address-assignment.ts';
import { addressNumber, addressText, parseCidr } from '../../src/network/cidr.ts';
import {
  admission,
  firewallTable,
  groupSets,
  parseFirewall,
  removal,
  strayRemoval,
} from '../../src/network/firewall.ts';
import { linkName } from '../../src/network/router.ts';
import { checkSecurityGroups, groupSetName, type IngressRule } from '../../src/network/security-groups.ts';
import { classMinor, taskClasses } from '../../src/network/traffic-shaping.ts';

const address = fc.ipV4();

describe('addresses', () => {
  test('text and number are the same thing', () => {
    fc.assert(
      fc.property(address, (text) => {
        expect(addressText(addressNumber(text))).toBe(text);
      }),
    );
  });

  test('a range has no bits beyond its prefix', () => {
    fc.assert(
      fc.property(address, fc.integer({ min: 0, max: 32 }), (text, prefix) => {
        const number = BigInt(addressNumber(text));
        const clean = number % 2n ** BigInt(32 - prefix) === 0n;
        expect(parseCidr(`${text}/${prefix}`) !== undefined).toBe(clean);
      }),
    );
    for (const text of ['', '1.2.3.4', '1.2.3.0/33', '1.2.3.0/x', '1.2.3/8', 7, null])
      expect(parseCidr(text)).toBeUndefined();
  });
});

describe('security groups', () => {
  const group =
    (...ingress: IngressRule[]): (() => void) =>
    () =>
      checkSecurityGroups([
        { id: 'a', ingress },
        { id: 'b', ingress: [] },
      ]);

  test('rules that mean something are taken', () => {
    expect(
      group(
        { from: { group: 'b' }, protocol: 'all' },
        { from: { cidr: '0.0.0.0/0' }, protocol: 'tcp', ports: { from: 1, to: 65_535 } },
        { from: { group: 'a' }, protocol: 'icmp' },
      ),
    ).not.toThrow();
  });

  test.each<IngressRule>([
    { from: { group: 'c' }, protocol: 'all' },
    { from: { cidr: '10.0.0.1/8' }, protocol: 'all' },
    { from: { cidr: '10.0.0.0/8; accept' }, protocol: 'all' },
    { from: { group: 'b' }, protocol: 'sctp' as 'tcp' },
    { from: { group: 'b' }, protocol: 'icmp', ports: { from: 1, to: 2 } },
    { from: { group: 'b' }, protocol: 'udp', ports: { from: 2, to: 1 } },
    { from: { group: 'b' }, protocol: 'udp', ports: { from: 0, to: 1 } },
    { from: { group: 'b' }, protocol: 'udp', ports: { from: 1, to: 65_536 } },
    { from: { group: 'b' }, protocol: 'udp', ports: { from: 1.5, to: 2 } },
  ])('%j is refused', (rule) => {
    expect(group(rule)).toThrow('INVALID_SECURITY_GROUP');
  });

  test('ids are unique and not empty', () => {
    const one = { id: 'a', ingress: [] };
    expect(() => checkSecurityGroups([one, one])).toThrow('INVALID_SECURITY_GROUP');
    expect(() => checkSecurityGroups([{ id: '', ingress: [] }])).toThrow('INVALID_SECURITY_GROUP');
  });

  test('whatever its id, a group is a plain word in the rules', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 4 }), (ids) => {
        const groups = ids.map((id) => ({
          id,
          ingress: [{ from: { group: ids[0] }, protocol: 'all' as const }],
        }));
        const text = firewallTable(groups);
        expect(text).toMatch(/^[\x20-\x7e\n]*$/);
        expect(new Set(ids.map(groupSetName)).size).toBe(ids.length);
        const same = firewallTable([...groups].reverse());
        expect(same).toBe(text);
      }),
    );
  });
});

describe('the register', () => {
  /** Carries out element lines as nftables would. */
  function run(state: Map<string, Set<string>>, script: string): void {
    for (const line of script.split('\n').filter((text) => text !== '')) {
      const [, verb, set, element] = /^(add|delete) element inet stowage (\S+) \{ (.*) \}$/.exec(line)!;
      const elements = state.get(set)!;
      if (verb === 'add') elements.add(element);
      else if (!elements.delete(element)) throw new Error(`${element} is not in ${set}`);
    }
  }
  const SETS = ['g1', 'g2', 'g3'];
  const change = fc.record({
    task: fc.nat(3),
    connect: fc.boolean(),
    sets: fc.subarray(SETS),
  });

  test('holds each address in exactly its sets, and nothing of what was removed', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 20 }), (changes) => {
        const state = new Map(['sources', 'addresses', ...SETS].map((name) => [name, new Set<string>()]));
        const model = new Map<number, readonly string[]>();
        for (const { task, connect, sets } of changes) {
          const source = { link: `stwv${task}`, address: `10.0.0.${task}` };
          run(state, connect ? admission(source, sets, SETS) : removal([source], SETS));
          if (connect) model.set(task, sets);
          else model.delete(task);
          for (const name of SETS)
            expect([...state.get(name)!].sort()).toEqual(
              [...model]
                .filter(([, groups]) => groups.includes(name))
                .map(([n]) => `10.0.0.${n}`)
                .sort(),
            );
          expect(state.get('sources')!.size).toBe(model.size);
          expect(state.get('addresses')!.size).toBe(model.size);
        }
      }),
    );
  });

  test('is read from what nft prints, without what the kernel counts; members without an entry are strays', () => {
    const listing = JSON.stringify({
      nftables: [
        { metainfo: {} },
        { set: { name: 'sources', elem: [{ concat: ['stwv1', '10.0.0.1'] }] } },
        { set: { name: 'group_1', elem: ['10.0.0.1', '10.0.0.2'] } },
        { set: { name: 'group_2' } },
        { set: { name: 'addresses', elem: ['10.0.0.1'] } },
        { set: { name: 'metadata_pace', elem: [{ elem: { val: '10.0.0.9', timeout: 60, expires: 59 } }] } },
        { set: { name: 'connections', elem: [{ elem: { val: '10.0.0.9' } }] } },
        { chain: { name: 'transit' } },
      ],
    });
    const state = parseFirewall(listing);
    expect(state.sources).toEqual([{ link: 'stwv1', address: '10.0.0.1' }]);
    expect(groupSets(state)).toEqual(['group_1', 'group_2']);
    const sets = new Map([['group_1', new Set(['10.0.0.1', '10.0.0.2'])]]);
    run(sets, strayRemoval(state));
    expect([...sets.get('group_1')!]).toEqual(['10.0.0.1']);
  });
});

describe('names and classes', () => {
  test('a link name fits the kernel and follows from the task id', () => {
    fc.assert(
      fc.property(fc.string(), (taskId) => {
        expect(linkName(taskId)).toMatch(/^stwv[0-9a-f]{11}$/);
        expect(linkName(taskId)).toBe(linkName(taskId));
      }),
    );
    expect(linkName('a')).not.toBe(linkName('b'));
  });

  test('the class of an address is its low half', () => {
    expect(classMinor('10.1.2.3')).toBe(0x0203);
    expect(taskClasses('10.1.2.3', { rateMbps: 1.5, ceilMbps: 3 }, 1_500, 'bfifo')[0]).toContain(
      'classid 1:203 htb rate 1500000bit ceil 3000000bit',
    );
  });
});

test('only an assignment is taken from a journal', () => {
  const assignment = {
    interfaceId: 'if-1',
    interfaceIndex: 1,
    macAddress: '02:00:00:00:00:01',
    subnet: { id: 's', cidr: '10.0.0.0/16', gateway: '10.0.0.1' },
    address: '10.0.0.9',
    securityGroups: ['a'],
  };
  expect(parseAssignment(assignment)).toEqual(assignment);
  for (const key of Object.keys(assignment))
    expect(() => parseAssignment({ ...assignment, [key]: undefined })).toThrow('INVALID_NETWORK_DATA');
  for (const wrong of [undefined, null, 1, 'x', [], { ...assignment, address: '10.0.0.9 accept' }])
    expect(() => parseAssignment(wrong)).toThrow('INVALID_NETWORK_DATA');
});
