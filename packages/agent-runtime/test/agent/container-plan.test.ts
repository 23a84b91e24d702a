/** Defaults and precedence, one rule a test. */
import { describe, expect, it } from 'vitest';
import type { TaskSpec } from '@stowage/protocol';
import { DEFAULT_CAPABILITIES, planContainer } from '../../src/agent/container-plan.ts';
import type { ContainerSpec, Image } from '../../src/contract/container-spec.ts';
import type { Contribution } from '../../src/contract/facility.ts';
import { taskSpec } from './model-facts.ts';

const IMAGE: Image = {
  id: 'i',
  digest: 'sha256:abc',
  entrypoint: ['/entry'],
  command: ['default'],
  environment: {},
  workingDirectory: '/work',
  user: 'app',
  stopSignal: 'SIGQUIT',
  labels: {},
};

function plan(
  more: Partial<TaskSpec> = {},
  image: Partial<Image> = {},
  contributions: readonly Contribution[] = [],
): ContainerSpec {
  return planContainer(taskSpec('a', more), { ...IMAGE, ...image }, contributions, {
    agentId: '0123456789ab',
    hostEnvironment: { REGION: 'host', STOWAGE_CPU_MILLI: 'host' },
    maxOpenFiles: 20_000,
  });
}

describe('a container', () => {
  it.each([
    [undefined, undefined, ['/entry', 'default']],
    [undefined, ['mine'], ['/entry', 'mine']],
    [undefined, [], ['/entry']],
    [['/mine'], undefined, ['/mine']],
    [['/mine'], ['x'], ['/mine', 'x']],
    [[], ['x'], ['x']],
  ])('with entrypoint %j and command %j runs %j', (entrypoint, command, args) => {
    expect(plan({ ...(entrypoint && { entrypoint }), ...(command && { command }) }).args).toEqual(args);
  });

  it('needs something to run', () => {
    expect(() => plan({ entrypoint: [] })).toThrow(/entrypoint or command/);
    expect(() => plan({}, { entrypoint: [], command: [] })).toThrow(/entrypoint or command/);
  });

  it('has each variable from the last that names it', () => {
    const names = ['PATH', 'REGION', 'STOWAGE_CPU_MILLI', 'FROM_IMAGE', 'STOWAGE_TASK_ID', 'NETWORK'];
    const all = (value: string): Record<string, string> =>
      Object.fromEntries(names.map((name) => [name, value]));
    const pick = (environment: Readonly<Record<string, string>>): unknown =>
      names.map((name) => environment[name]);
    const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
    expect(pick(plan().environment)).toEqual([path, 'host', '100', undefined, 'a', undefined]);
    expect(pick(plan({}, { environment: all('image') }).environment)).toEqual([
      'image',
      'image',
      'image',
      'image',
      'a',
      'image',
    ]);
    expect(pick(plan({ environment: all('user') }, { environment: all('image') }).environment)).toEqual([
      'user',
      'user',
      'user',
      'user',
      'a',
      'user',
    ]);
    const contributions: readonly Contribution[] = [
      { environment: { NETWORK: '1', X: '1' } },
      { environment: { X: '2' } },
    ];
    const { environment } = plan({ environment: all('user') }, {}, contributions);
    expect(environment).toMatchObject({ NETWORK: '1', X: '2', STOWAGE_IMAGE_DIGEST: 'sha256:abc' });
  });

  it('has only variables that have a value', () => {
    expect(Object.values(plan().environment)).not.toContain('undefined');
    expect(plan().environment).not.toHaveProperty('STOWAGE_JOB_ID');
    expect(plan({ jobId: 'j' }).environment.STOWAGE_JOB_ID).toBe('j');
  });

  it('has labels that a user cannot forge', () => {
    const { labels } = plan({ labels: { 'stowage.task-id': 'b', mine: '1' } }, {}, [
      { labels: { 'stowage.address': '10.0.0.1' } },
    ]);
    expect(labels).toMatchObject({
      'stowage.agent': '0123456789ab',
      'stowage.task-id': 'a',
      'stowage.address': '10.0.0.1',
      mine: '1',
    });
  });

  it.each([
    [undefined, [...DEFAULT_CAPABILITIES]],
    [{ dropCapabilities: ['ALL'] }, []],
    [{ dropCapabilities: ['ALL'], addCapabilities: ['CAP_NET_RAW'] }, ['CAP_NET_RAW']],
    [{ dropCapabilities: ['CAP_KILL'] }, DEFAULT_CAPABILITIES.filter((each) => each !== 'CAP_KILL')],
    [{ addCapabilities: ['CAP_KILL', 'CAP_SYS_TIME'] }, [...DEFAULT_CAPABILITIES, 'CAP_SYS_TIME']],
  ])('with security %j has exactly its capabilities', (security, capabilities) => {
    expect(plan(security === undefined ? {} : { security }).security.capabilities).toEqual(capabilities);
  });

  it.each([
    [100, undefined, 10, undefined],
    [1, undefined, 2, undefined],
    [2_000, 'burst', 200, undefined],
    [2_000, 'static', 200, 200_000],
    [1, 'static', 2, 1_000],
  ] as const)(
    'of %i thousandths of a CPU, %s, has %i shares and quota %s',
    (cpuMilli, cpuMode, shares, quota) => {
      const { cpu } = plan({ resources: { cpuMilli, memoryMiB: 64 }, ...(cpuMode && { cpuMode }) });
      expect([cpu.shares, cpu.quotaMicros, cpu.periodMicros]).toEqual([shares, quota, 100_000]);
    },
  );

  it('has the CPUs that a facility gives', () => {
    const cpu = { shares: 5, periodMicros: 1, cpus: [3] };
    expect(plan({}, {}, [{ cpu }, {}]).cpu).toEqual(cpu);
  });

  it('may open as many files as the agent can give, unless it asks for a limit', () => {
    expect(plan().limits).toEqual([{ name: 'nofile', soft: 20_000, hard: 20_000 }]);
    const limits = [
      { name: 'nofile', soft: 5, hard: 10 },
      { name: 'core', soft: 0, hard: 0 },
    ] as const;
    expect(plan({ limits }).limits).toEqual(limits);
    expect(plan({ limits: limits.slice(1) }).limits).toHaveLength(2);
  });

  it('can write to /tmp when its root is read-only', () => {
    expect(plan().mounts).toEqual([]);
    const security = { readOnlyRoot: true };
    expect(plan({ security }).mounts).toMatchObject([{ kind: 'tmpfs', target: '/tmp', readOnly: false }]);
    const own = { kind: 'bind', source: '/x', target: '/tmp', readOnly: false } as const;
    expect(plan({ security }, {}, [{ mounts: [own] }]).mounts).toEqual([own]);
  });

  it('takes from its image what the task leaves out', () => {
    expect(plan()).toMatchObject({ user: 'app', workingDirectory: '/work', stopSignal: 'SIGQUIT' });
    expect(plan({ user: '5', workingDirectory: '/x', stopSignal: 'SIGINT' })).toMatchObject({
      user: '5',
      workingDirectory: '/x',
      stopSignal: 'SIGINT',
    });
    const { stopSignal: _, ...bare } = IMAGE;
    expect(
      planContainer(taskSpec('a'), { ...bare, workingDirectory: '' }, [], {
        agentId: '0',
        hostEnvironment: {},
        maxOpenFiles: 1e6,
      }),
    ).toMatchObject({ workingDirectory: '/', stopSignal: 'SIGTERM', hostname: 'a', pids: 100_000 });
  });

  it.each([
    [undefined, 'none'],
    ['none', 'none'],
    ['vpc', 'none'],
    ['host', 'host'],
  ] as const)('with network mode %s starts in network %s', (mode, network) => {
    const more =
      mode === undefined ? {} : { network: { mode, ...(mode === 'vpc' && { securityGroups: ['g'] }) } };
    expect(plan(more).network).toBe(network);
  });
});
