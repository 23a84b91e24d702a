import { readFileSync } from 'node:fs';
import { AGENT_FEATURES, type AgentFeature, type FeatureReport, type TaskSpec } from '@stowage/protocol';
import fc from 'fast-check';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { refusal } from '../../src/features/refusal.ts';
import { CONSIDERED_FIELDS, featureNeeds, requiredFeatures } from '../../src/features/required-features.ts';

const FEATURES = Object.keys(AGENT_FEATURES) as AgentFeature[];
const MINIMAL: TaskSpec = {
  taskId: 't',
  image: { kind: 'registry', reference: 'r/i' },
  resources: { cpuMilli: 1, memoryMiB: 6 },
};
/** What no spec can do without. */
const ALWAYS = ['cpu-shares', 'memory-limit', 'pids-limit', 'capabilities', 'log-rotation'];
/** What a spec can turn off. */
const DEFAULTS = ['user-namespace', 'seccomp', 'no-new-privileges'];

const reportWith = (change: Partial<FeatureReport> = {}): FeatureReport =>
  ({
    ...Object.fromEntries(FEATURES.map((name) => [name, { level: 'enforced', detail: 'kernel' }])),
    ...change,
  }) as unknown as FeatureReport;

/** The fields of the spec as its source has them. */
function fieldsOfSpec(): readonly string[] {
  const path = new URL('../../../protocol/src/task-spec.ts', import.meta.url);
  const source = ts.createSourceFile('task-spec.ts', readFileSync(path, 'utf8'), ts.ScriptTarget.Latest);
  const members = new Map<string, readonly ts.PropertySignature[]>();
  for (const statement of source.statements) {
    if (ts.isInterfaceDeclaration(statement))
      members.set(statement.name.text, statement.members.filter(ts.isPropertySignature));
  }
  const fields = (name: string, prefix: string): readonly string[] =>
    members.get(name)!.flatMap((member) => {
      const field = prefix + member.name.getText(source);
      const type = member.type!.getText(source);
      return members.has(type) ? fields(type, `${field}.`) : [field];
    });
  return fields('TaskSpec', '');
}

describe('requiredFeatures', () => {
  it('considers every field of the spec', () => {
    const fields = fieldsOfSpec();
    expect(fields).toContain('network.burstMbps');
    expect([...CONSIDERED_FIELDS].sort()).toEqual([...fields].sort());
  });

  it('asks for isolation by default', () => {
    expect([...requiredFeatures(MINIMAL)].sort()).toEqual([...ALWAYS, ...DEFAULTS].sort());
  });

  it.each<[string, Partial<TaskSpec>, readonly string[]]>([
    ['a folder', { image: { kind: 'folder', path: '/' } }, ['rootfs-folder']],
    ['a disk limit', { resources: { ...MINIMAL.resources, diskMiB: 1 } }, ['disk-limit']],
    ['a rate without network', { resources: { ...MINIMAL.resources, networkMbps: 1 } }, []],
    [
      'a rate',
      {
        resources: { ...MINIMAL.resources, networkMbps: 1 },
        network: { mode: 'vpc', securityGroups: ['a'] },
      },
      ['bandwidth', 'address-per-container', 'launch-gate', 'security-groups'],
    ],
    [
      'a burst',
      { network: { mode: 'vpc', securityGroups: ['a'], burstMbps: 1 } },
      ['bandwidth', 'address-per-container', 'launch-gate', 'security-groups'],
    ],
    ['the network of the host', { network: { mode: 'host' } }, ['host-network']],
    ['static CPUs', { cpuMode: 'static' }, ['cpu-quota']],
    ['burst', { cpuMode: 'burst' }, []],
    ['limits', { limits: [{ name: 'core', soft: 0, hard: 0 }] }, ['resource-limits']],
    ['no limits', { limits: [] }, []],
    ['metadata', { metadata: {} }, ['metadata-service', 'launch-gate']],
    ['a role', { metadata: { iamRole: 'r' } }, ['metadata-service', 'launch-gate', 'iam-credentials']],
    ['a read-only root', { security: { readOnlyRoot: true } }, ['read-only-root']],
    ['a hook', { preStop: { command: ['x'], timeoutMs: 1 } }, ['pre-stop']],
    ['a feature by name', { requires: ['apparmor', 'cpu-sets'] }, ['apparmor', 'cpu-sets']],
    ['an unknown feature', { requires: ['teleport'] }, ['teleport']],
  ])('maps %s', (_, change, expected) => {
    const extra = requiredFeatures({ ...MINIMAL, ...change }).filter(
      (name) => ![...ALWAYS, ...DEFAULTS].includes(name),
    );
    expect([...extra].sort()).toEqual([...expected].sort());
  });

  it('drops a default only when the spec does', () => {
    const security = { userNamespace: false, noNewPrivileges: false, seccomp: 'unconfined' } as const;
    expect([...requiredFeatures({ ...MINIMAL, security })].sort()).toEqual([...ALWAYS].sort());
  });

  it('names each feature once, as strictly as any field asks for it', () => {
    const needs = featureNeeds({ ...MINIMAL, logs: { maxFiles: 2 }, requires: ['seccomp'] });
    expect(new Set(needs.map(({ feature }) => feature)).size).toBe(needs.length);
    expect(needs.find(({ feature }) => feature === 'log-rotation')).toEqual({
      feature: 'log-rotation',
      weakest: 'enforced',
      askedBy: 'logs.maxFiles',
    });
  });
});

describe('refusal', () => {
  it('accepts a task exactly when all that it needs is enforced', () => {
    const levels = fc.record(
      Object.fromEntries(
        FEATURES.map((name) => [name, fc.constantFrom('enforced', 'enforced', 'emulated', 'unavailable')]),
      ),
    );
    const specs = fc.record({
      security: fc.record({ userNamespace: fc.boolean(), readOnlyRoot: fc.boolean() }),
      requires: fc.uniqueArray(fc.constantFrom(...FEATURES), { maxLength: 2 }),
    });
    fc.assert(
      fc.property(levels, specs, (level, change) => {
        const spec = { ...MINIMAL, ...change };
        const report = Object.fromEntries(
          FEATURES.map((name) => [name, { level: level[name], detail: `how ${name}` }]),
        ) as unknown as FeatureReport;
        const failing = FEATURES.filter((name) => {
          if (!requiredFeatures(spec).includes(name) || level[name] === 'enforced') return false;
          return !(name === 'log-rotation' && level[name] === 'emulated' && !spec.requires.includes(name));
        });
        const text = refusal(spec, report);
        if (failing.length === 0) expect(text).toBeUndefined();
        else for (const name of failing) expect(text).toContain(`how ${name}`);
        const others = FEATURES.filter((name) => !failing.includes(name));
        for (const name of others) expect(text ?? '').not.toContain(`how ${name}`);
      }),
    );
  });

  it('says who asked, why not and how to do without', () => {
    const report = reportWith({ 'user-namespace': { level: 'unavailable', detail: 'no daemon remap' } });
    expect(refusal(MINIMAL, report)).toBe(
      'This agent cannot run t: user-namespace is unavailable, asked for by security.userNamespace (by default) ' +
        '(no daemon remap; or set security.userNamespace false).',
    );
    expect(refusal({ ...MINIMAL, security: { userNamespace: true } }, report)).toContain(
      'asked for by security.userNamespace (no daemon remap)',
    );
  });

  it('takes nothing weaker than enforced for what was asked', () => {
    const asked: readonly (readonly [AgentFeature, Partial<TaskSpec>])[] = [
      ['metadata-service', { metadata: {} }],
      ['launch-gate', { metadata: {} }],
      ['iam-credentials', { metadata: { iamRole: 'r' } }],
      ['read-only-root', { security: { readOnlyRoot: true } }],
      ['log-rotation', { logs: { maxFileBytes: 1 } }],
      ['pre-stop', { preStop: { command: ['x'] } }],
      ['apparmor', { requires: ['apparmor'] }],
      ['user-namespace', {}],
    ];
    for (const [feature, change] of asked) {
      const report = reportWith({ [feature]: { level: 'emulated', detail: 'nearly' } });
      expect(refusal({ ...MINIMAL, ...change }, report)).toContain(`${feature} is emulated`);
    }
  });

  it('refuses features that nobody knows', () => {
    expect(refusal({ ...MINIMAL, requires: ['teleport', 'toString'] }, reportWith())).toBe(
      'This agent cannot run t: requires names an unknown feature, teleport; ' +
        'requires names an unknown feature, toString.',
    );
  });

  it("refuses a rate on the host's own network", () => {
    const host = { ...MINIMAL, network: { mode: 'host' } } as const;
    expect(refusal(host, reportWith())).toBeUndefined();
    const resources = { ...MINIMAL.resources, networkMbps: 5 };
    expect(refusal({ ...host, resources }, reportWith())).toContain('cannot be limited');
  });

  it('refuses limits above what the host lets the agent give', () => {
    const spec: TaskSpec = { ...MINIMAL, limits: [{ name: 'nofile', soft: 1, hard: 100_000 }] };
    expect(refusal(spec, reportWith(), { nofile: 100_000 })).toBeUndefined();
    expect(refusal(spec, reportWith())).toBeUndefined();
    expect(refusal(spec, reportWith(), { nofile: 20_000 })).toContain('nofile 100000 is above 20000');
  });
});
