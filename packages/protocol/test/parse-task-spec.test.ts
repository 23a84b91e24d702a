/** Task specs from outside: what is right comes back as it was, what is wrong is named by its path, and nothing throws else. */
import { AGENT_FEATURES, AgentError, parseTaskSpec, type TaskSpec } from '@stowage/protocol';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

const digest = `registry:5000/team/app@sha256:${'a'.repeat(64)}`;
const least: TaskSpec = {
  taskId: 'web-1',
  image: { kind: 'registry', reference: digest },
  resources: { cpuMilli: 500, memoryMiB: 64 },
};
const full: TaskSpec = {
  ...least,
  jobId: 'web',
  entrypoint: [],
  command: ['sh', '-c', 'echo "$GREETING"'],
  workingDirectory: '/srv',
  user: '1000:1000',
  environment: { GREETING: 'hello\nworld' },
  labels: { 'team.owner': 'a@b' },
  resources: { cpuMilli: 2000, memoryMiB: 512, diskMiB: 1024, networkMbps: 100, pids: 50 },
  cpuMode: 'static',
  network: { mode: 'vpc', securityGroups: ['web', 'sg-0a1b'], burstMbps: 200 },
  security: {
    userNamespace: true,
    seccomp: 'strict',
    addCapabilities: ['CAP_NET_RAW'],
    dropCapabilities: ['ALL'],
    readOnlyRoot: true,
    noNewPrivileges: true,
  },
  limits: [{ name: 'nofile', soft: 1024, hard: 4096 }],
  metadata: { iamRole: 'arn:aws:iam::123456789012:role/web', requireToken: true },
  logs: { maxFileBytes: 1_000_000, maxFiles: 3 },
  stopSignal: 'SIGINT',
  graceMs: 1,
  preStop: { command: ['sh', '-c', 'echo bye'], timeoutMs: 600_000 },
  requires: ['seccomp'],
};

function problemOf(value: unknown): string {
  try {
    parseTaskSpec(value);
  } catch (error) {
    expect(error).toBeInstanceOf(AgentError);
    expect((error as AgentError).code).toBe('INVALID_TASK_SPEC');
    return (error as AgentError).message;
  }
  return '';
}

test.each([
  ['the least', least],
  ['every field', full],
  ['no grace', { ...least, graceMs: 0 }],
  ['a hook with the usual limit', { ...least, preStop: { command: ['/leave'] } }],
  ['a folder', { ...least, image: { kind: 'folder', path: '/srv/root..fs' } }],
  [
    'a tag and a digest',
    { ...least, image: { kind: 'registry', reference: `docker.io/library/a:b@sha256:${'0'.repeat(64)}` } },
  ],
])('%s comes back as an equal copy', (_name, spec) => {
  const parsed = parseTaskSpec(spec);
  expect(parsed).toEqual(spec);
  expect(parsed).not.toBe(spec);
  expect(parsed.resources).not.toBe(spec.resources);
});

describe('what is wrong is named with its path', () => {
  test.each([
    ['taskId', { ...full, taskId: '../x' }],
    ['taskId', { ...full, taskId: 'a'.repeat(64) }],
    ['image.reference', { ...full, image: { kind: 'registry', reference: 'Upper/case' } }],
    ['image.path', { ...full, image: { kind: 'folder', path: '/a/../b' } }],
    ['image.kind', { ...full, image: { kind: 'tar' } }],
    ['command[1]', { ...full, command: ['a', 'b\0c'] }],
    ['workingDirectory', { ...full, workingDirectory: 'relative' }],
    ['environment.A=B', { ...full, environment: { 'A=B': '' } }],
    ['environment.A', { ...full, environment: { A: 1 } }],
    ['resources.cpuMilli', { ...full, resources: { ...full.resources, cpuMilli: 0.5 } }],
    ['resources.memoryMiB', { ...full, resources: { ...full.resources, memoryMiB: NaN } }],
    ['resources.memory', { ...full, resources: { ...full.resources, memory: 5 } }],
    ['network.securityGroups', { ...full, network: { mode: 'vpc' } }],
    ['network.securityGroups', { ...full, network: { mode: 'vpc', securityGroups: ['a', 'a'] } }],
    ['network.burstMbps', { ...full, network: { ...full.network, burstMbps: 99 } }],
    ['resources.networkMbps', { ...full, metadata: undefined, network: { mode: 'none' } }],
    ['metadata', { ...full, network: { mode: 'host' } }],
    ['security.addCapabilities[0]', { ...full, security: { addCapabilities: ['NET_RAW'] } }],
    ['security.addCapabilities[0]', { ...full, security: { addCapabilities: ['ALL'] } }],
    ['security.dropCapabilities[0]', { ...full, security: { dropCapabilities: ['CAP_FLY'] } }],
    ['stopSignal', { ...full, stopSignal: 'SIGFOO' }],
    ['limits[0].soft', { ...full, limits: [{ name: 'nofile', soft: 2, hard: 1 }] }],
    ['limits[1].name', { ...full, limits: [full.limits![0], full.limits![0]] }],
    ['metadata.iamRole', { ...full, metadata: { iamRole: 'web' } }],
    ['preStop.command', { ...full, preStop: { command: [] } }],
    ['preStop.command', { ...full, preStop: { timeoutMs: 5 } }],
    ['preStop.command[1]', { ...full, preStop: { command: ['a', 'b\0'] } }],
    ['preStop.timeoutMs', { ...full, preStop: { command: ['a'], timeoutMs: 0 } }],
    ['preStop.timeoutMs', { ...full, preStop: { command: ['a'], timeoutMs: 600_001 } }],
    ['preStop.graceMs', { ...full, preStop: { command: ['a'], graceMs: 5 } }],
    ['preStop', { ...full, graceMs: 0 }],
    ['preStop.command', { ...full, preStop: { command: Array<string>(20).fill('x'.repeat(30_000)) } }],
    ['requires[0]', { ...full, requires: ['wings'] }],
    ['nonsense', { ...full, nonsense: 1 }],
    [
      'environment',
      {
        ...full,
        environment: Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`A${i}`, 'x'.repeat(9_000)])),
      },
    ],
    ['the task spec', null],
    ['the task spec', [full]],
  ])('%s', (path, spec) => {
    expect(problemOf(spec)).toContain(`${path} `);
  });

  test('all problems at once', () => {
    const message = problemOf({ ...full, taskId: '', graceMs: -1, stopSignal: 'TERM' });
    for (const path of ['taskId', 'graceMs', 'stopSignal']) expect(message).toContain(path);
  });
});

test('every feature may be required', () => {
  const requires = Object.keys(AGENT_FEATURES);
  expect(parseTaskSpec({ ...least, requires })).toEqual({ ...least, requires });
});

test('whatever comes in: an equal copy, or a coded error', () => {
  const anything = fc.anything({ withNullPrototype: true, withBigInt: true, withDate: true, withMap: true });
  const changed = fc
    .tuple(fc.constantFrom(...Object.keys(full)), anything)
    .map(([name, value]) => ({ ...full, [name]: value }));
  const nested = fc
    .tuple(
      fc.constantFrom('resources', 'network', 'security', 'image', 'metadata', 'logs', 'preStop'),
      fc.string(),
      anything,
    )
    .map(([group, name, value]) => ({
      ...full,
      [group]: { ...(full[group as 'logs'] as object), [name]: value },
    }));
  fc.assert(
    fc.property(fc.oneof(anything, changed, nested), (value) => {
      let parsed;
      try {
        parsed = parseTaskSpec(value);
      } catch (error) {
        expect((error as AgentError).code).toBe('INVALID_TASK_SPEC');
        return;
      }
      const again: unknown = JSON.parse(JSON.stringify(parsed));
      expect(parseTaskSpec(again)).toEqual(again);
    }),
    { numRuns: 5_000 },
  );
});

test('a hook is not blamed for what is too long without it', () => {
  const environment = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`A${i}`, 'x'.repeat(9_000)]));
  expect(problemOf({ ...least, environment })).not.toContain('preStop');
});

test('a value that throws when it is read is refused, not thrown', () => {
  const trap = {
    get taskId(): string {
      throw new Error('trap');
    },
  };
  expect(problemOf(trap)).toContain('plain data');
});
