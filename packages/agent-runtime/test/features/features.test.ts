import { AGENT_FEATURES, type AgentFeature, type FeatureLevel, type FeatureState } from '@stowage/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeFeatures } from '../../src/features/feature-report.ts';
import { hostFeatures, type HostFacts } from '../../src/features/host-facts.ts';
import { GOOD_HOST } from './good-host.ts';

const FEATURES = Object.keys(AGENT_FEATURES) as AgentFeature[];
const ORDER: readonly FeatureLevel[] = ['unavailable', 'emulated', 'enforced'];

const partial = fc.dictionary(
  fc.constantFrom(...FEATURES),
  fc.record({ level: fc.constantFrom(...ORDER), detail: fc.string() }),
) as fc.Arbitrary<Partial<Record<AgentFeature, FeatureState>>>;

describe('mergeFeatures', () => {
  it('gives every feature the weakest word on it, and none where nobody provides it', () => {
    fc.assert(
      fc.property(partial, fc.array(partial, { maxLength: 4 }), (host, parts) => {
        const report = mergeFeatures(
          host,
          parts.map((features, at) => ({ name: `part${at}`, features })),
        );
        expect(Object.keys(report).sort()).toEqual([...FEATURES].sort());
        for (const feature of FEATURES) {
          const words = parts.map((part) => part[feature]?.level).filter((level) => level !== undefined);
          const all = host[feature] === undefined ? words : [...words, host[feature].level];
          const expected = words.length === 0 ? 'unavailable' : ORDER.find((level) => all.includes(level));
          expect(report[feature].level).toBe(expected);
          expect(report[feature].detail).not.toBe('');
        }
      }),
    );
  });

  it('tells who said the weakest word', () => {
    const state = (level: FeatureLevel, detail: string): { seccomp: FeatureState } => ({
      seccomp: { level, detail },
    });
    const { seccomp } = mergeFeatures(state('unavailable', 'no filters'), [
      { name: 'runc', features: state('enforced', 'profile') },
      { name: 'other', features: state('emulated', '') },
    ]);
    expect(seccomp).toEqual({ level: 'unavailable', detail: 'host: no filters' });
  });
});

const lost = (facts: HostFacts): readonly string[] =>
  Object.entries(hostFeatures(facts))
    .filter(([, { level }]) => level !== 'enforced')
    .map(([name]) => name)
    .sort();

describe('hostFeatures', () => {
  it('bounds nothing on a good host', () => {
    expect(lost(GOOD_HOST)).toEqual([]);
  });

  it.each<[string, Partial<HostFacts>, readonly string[]]>([
    [
      'no cpu controller',
      { controllers: { ...GOOD_HOST.controllers, cpu: 'not there' } },
      ['cpu-quota', 'cpu-shares'],
    ],
    [
      'no memory controller',
      { controllers: { ...GOOD_HOST.controllers, memory: 'not there' } },
      ['memory-limit', 'out-of-memory-report'],
    ],
    ['no pids controller', { controllers: { ...GOOD_HOST.controllers, pids: 'not there' } }, ['pids-limit']],
    [
      'no cpuset controller',
      { controllers: { ...GOOD_HOST.controllers, cpuset: 'not there' } },
      ['cpu-sets'],
    ],
    [
      'no user namespaces',
      { kernel: { ...GOOD_HOST.kernel, 'user namespace': 'ENOSPC' } },
      ['user-namespace', 'user-range-per-container'],
    ],
    ['no seccomp', { seccomp: false }, ['seccomp']],
    ['no AppArmor', { securityModules: ['selinux'] }, ['apparmor']],
    ['no veth', { kernel: { ...GOOD_HOST.kernel, veth: 'unknown type' } }, ['address-per-container']],
    ['no nftables', { kernel: { ...GOOD_HOST.kernel, nftables: 'no program' } }, ['security-groups']],
    ['HTB only', { kernel: { ...GOOD_HOST.kernel, tbf: 'unknown' } }, []],
    ['TBF only', { kernel: { ...GOOD_HOST.kernel, htb: 'unknown' } }, []],
    ['neither', { kernel: { ...GOOD_HOST.kernel, htb: 'unknown', tbf: 'unknown' } }, ['bandwidth']],
    [
      'no rights',
      { capabilities: [] },
      ['address-per-container', 'bandwidth', 'security-groups', 'user-namespace', 'user-range-per-container'],
    ],
  ])('tells what a host cannot with %s', (_, change, expected) => {
    const facts = { ...GOOD_HOST, ...change };
    expect(lost(facts)).toEqual(expected);
    for (const { detail } of Object.values(hostFeatures(facts))) expect(detail).not.toBe('');
  });
});
