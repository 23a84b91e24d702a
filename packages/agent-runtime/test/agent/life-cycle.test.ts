/** One task at a time through its life, with every way to end. */
import { describe, expect, it } from 'vitest';
import type { TaskSpec } from '@stowage/protocol';
import { Agent } from '../../src/agent/agent.ts';
import type { AgentOptions } from '../../src/agent/agent-options.ts';
import { InvalidContainerError, UnavailableError } from '../../src/contract/container-backend.ts';
import { HostModel, type Fault } from './host-model.ts';
import { beginAgent } from './model-agent.ts';
import { taskSpec } from './model-facts.ts';
import { StatusReader } from './status-reader.ts';
import { settle } from './virtual-clock.ts';

interface Scene {
  readonly host: HostModel;
  readonly agent: Agent;
  readonly reader: StatusReader;
}

async function open(host = new HostModel(), overrides: Partial<AgentOptions> = {}): Promise<Scene> {
  const agent = await Agent.open(beginAgent(host, overrides));
  const reader = new StatusReader();
  reader.follow(agent);
  return { host, agent, reader };
}

async function launched(
  prepare: (host: HostModel) => void = () => undefined,
  more: Partial<TaskSpec> = {},
): Promise<Scene> {
  const scene = await open();
  prepare(scene.host);
  await scene.agent.launch(taskSpec('a', more));
  await settle();
  return scene;
}

const faultAt =
  (name: string, fault: Fault) =>
  (host: HostModel): void => {
    host.fault = (call) => (call === name ? fault : undefined);
  };

function expectClean({ host, reader }: Scene): void {
  expect(host.violations).toEqual([]);
  expect(reader.problems).toEqual([]);
  expect(host.holdings('a')).toEqual([]);
}

describe('a task', () => {
  it('goes through all states and ends by itself', async () => {
    const scene = await launched();
    expect(scene.reader.states('a')).toBe('accepted launched start-initiated started');
    expect(scene.reader.of('a').map(({ address }) => address !== undefined)).toEqual([
      false,
      false,
      true,
      true,
    ]);
    scene.host.exit('a', 0);
    await settle();
    expect(scene.reader.states('a')).toBe('accepted launched start-initiated started finished');
    expect(scene.reader.end('a')).toMatchObject({ reason: 'normal', exitCode: 0 });
    expect(scene.reader.end('a')!.address).toBeDefined();
    expectClean(scene);
  });

  it('is cleaned up in reverse order of what was done', async () => {
    const { host } = await launched();
    host.exit('a', 0);
    await settle();
    const steps = host.calls.filter(
      (call) => !call.startsWith('disk:') && !call.startsWith('sweep') && !call.startsWith('list'),
    );
    expect(steps).toEqual([
      'pull ',
      'prepare:network a',
      'prepare:cpu a',
      'create a',
      'attach:network a',
      'attach:cpu a',
      'start a',
      'wait a',
      'remove a',
      'release:cpu a',
      'release:network a',
    ]);
  });

  it.each([
    [7, false, { reason: 'failed', exitCode: 7 }],
    [137, true, { reason: 'out-of-memory', exitCode: 137 }],
    [0, true, { reason: 'out-of-memory', exitCode: 0 }],
    [137, false, { reason: 'failed', exitCode: 137 }],
    [undefined, false, { reason: 'lost' }],
  ] as const)('that exits with %s (out of memory: %s) is %o', async (code, outOfMemory, end) => {
    const scene = await launched();
    scene.host.exit('a', code, outOfMemory);
    await settle();
    expect(scene.reader.end('a')).toMatchObject(end);
    expect(scene.reader.end('a')!.exitCode).toBe(code);
    expectClean(scene);
  });

  it('names its command when the exit code is 127', async () => {
    const scene = await launched(undefined, { entrypoint: ['/bin/no-such'] });
    scene.host.exit('a', 127);
    await settle();
    expect(scene.reader.end('a')!.message).toContain('["/bin/no-such"]');
  });

  it('that somebody removed is lost', async () => {
    const scene = await launched();
    scene.host.vanish('a');
    await settle();
    expect(scene.reader.end('a')).toMatchObject({ reason: 'lost' });
    expectClean(scene);
  });

  it('without any command is an invalid request', async () => {
    const scene = await launched(undefined, { entrypoint: [] });
    expect(scene.reader.end('a')).toMatchObject({ reason: 'invalid-request' });
    expectClean(scene);
  });
});

const LAUNCH_STEPS = [
  'pull',
  'prepare:network',
  'prepare:cpu',
  'create',
  'attach:network',
  'attach:cpu',
  'start',
];

describe.each(LAUNCH_STEPS)('a launch whose step %s', (step) => {
  it.each([
    [new InvalidContainerError('no such thing'), 'invalid-request'],
    [new UnavailableError('not here'), 'unavailable'],
    [new Error('broken'), 'local-system-error'],
  ] as const)('fails with %s ends as %s', async (error, reason) => {
    for (const kind of ['fail', 'fail-after'] as const) {
      const scene = await launched(faultAt(step, { kind, error }));
      expect(scene.reader.end('a')).toMatchObject({ reason, message: error.message });
      expectClean(scene);
    }
  });

  it('hangs is timed out', async () => {
    const scene = await launched(faultAt(step, { kind: 'hang' }));
    await scene.host.clock.advance(16 * 60_000);
    expect(scene.reader.end('a')).toMatchObject({ reason: 'timed-out' });
    expect(scene.reader.end('a')!.message).toContain(`"${step}"`);
    expect(scene.host.aborts.some((call) => call.startsWith(step))).toBe(true);
    expectClean(scene);
  });

  it('hangs is killed at once', async () => {
    const scene = await launched(faultAt(step, { kind: 'hang' }));
    await scene.agent.kill('a');
    await settle();
    expect(scene.reader.end('a')).toMatchObject({ reason: 'killed' });
    expect(scene.host.aborts.some((call) => call.startsWith(step))).toBe(true);
    expect(scene.reader.states('a')).toMatch(/kill-initiated finished$/);
    expectClean(scene);
  });

  it('ignores its abort and takes effect late leaves nothing', async () => {
    const scene = await launched(faultAt(step, { kind: 'deaf', delayMs: 3 * 3_600_000 }));
    await scene.agent.kill('a');
    await scene.host.clock.advance(3_600_000);
    expect(scene.reader.end('a')).toBeUndefined();
    expect(scene.agent.condition().troubles).toMatchObject([{ taskId: 'a' }]);
    await scene.host.clock.advance(4 * 3_600_000);
    expect(scene.reader.end('a')).toMatchObject({ reason: 'killed' });
    expect(scene.agent.condition().troubles).toEqual([]);
    expectClean(scene);
  });

  it('is slow goes on', async () => {
    const scene = await launched(faultAt(step, { kind: 'slow', delayMs: 20_000 }));
    expect(scene.reader.states('a')).not.toContain(' started');
    await scene.host.clock.advance(20_000);
    expect(scene.reader.states('a')).toBe('accepted launched start-initiated started');
  });
});

describe('a kill', () => {
  it('lets a process end itself within its grace', async () => {
    const scene = await launched();
    await scene.agent.kill('a');
    await settle();
    expect(scene.host.signals).toEqual(['SIGTERM a']);
    expect(scene.reader.end('a')).toMatchObject({ reason: 'killed', exitCode: 0 });
    expect(scene.reader.states('a')).toBe(
      'accepted launched start-initiated started kill-initiated finished',
    );
    expectClean(scene);
  });

  it('ends a stubborn process after its grace', async () => {
    const scene = await launched((host) => (host.temper = 'stubborn'), {
      graceMs: 5_000,
      stopSignal: 'SIGINT',
    });
    await scene.agent.kill('a');
    await scene.host.clock.advance(4_999);
    expect(scene.host.signals).toEqual(['SIGINT a']);
    await scene.host.clock.advance(1);
    expect(scene.host.signals).toEqual(['SIGINT a', 'SIGKILL a']);
    expect(scene.reader.end('a')).toMatchObject({ reason: 'killed', exitCode: 137 });
  });

  it('may be followed by one with less grace but not more', async () => {
    const scene = await launched((host) => (host.temper = 'stubborn'));
    await scene.agent.kill('a', { graceMs: 60_000 });
    await scene.host.clock.advance(10_000);
    await scene.agent.kill('a', { graceMs: 3_600_000 });
    await scene.agent.kill('a', { graceMs: 5_000 });
    await scene.host.clock.advance(4_999);
    expect(scene.host.signals).toEqual(['SIGTERM a']);
    await scene.host.clock.advance(1);
    expect(scene.host.signals).toEqual(['SIGTERM a', 'SIGKILL a']);
  });

  it('without grace kills at once', async () => {
    const scene = await launched();
    await scene.agent.kill('a', { graceMs: 0 });
    await settle();
    expect(scene.host.signals).toEqual(['SIGKILL a']);
  });

  it('goes on when signals cannot be sent', async () => {
    const scene = await launched((host) => {
      host.fault = (name) => (name.startsWith('signal') ? { kind: 'fail' } : undefined);
    });
    await scene.agent.kill('a');
    await scene.host.clock.advance(60_000);
    expect(scene.reader.end('a')).toMatchObject({ reason: 'killed' });
    expectClean(scene);
  });

  it('is not extended by a wall clock that is set', async () => {
    const scene = await launched((host) => (host.temper = 'stubborn'));
    await scene.agent.kill('a');
    scene.host.clock.wallOffsetMs -= 3_600_000;
    await scene.host.clock.advance(10_000);
    expect(scene.reader.end('a')).toMatchObject({ reason: 'killed', exitCode: 137 });
  });

  it('of a task that waits for its turn never launches it', async () => {
    const host = new HostModel();
    const scene = await open(host, { maxStarting: 1 });
    host.fault = (name) => (name === 'pull' ? { kind: 'hang' } : undefined);
    await scene.agent.launch(taskSpec('b'));
    await scene.agent.launch(taskSpec('a'));
    await settle();
    expect(scene.reader.states('a')).toBe('accepted');
    await scene.agent.kill('a');
    await settle();
    expect(scene.reader.states('a')).toBe('accepted kill-initiated finished');
    await scene.agent.kill('a');
    expectClean(scene);
  });

  it('that comes when the process has ended by itself changes nothing', async () => {
    const scene = await launched((host) => {
      host.fault = (name) => (name === 'remove' ? { kind: 'slow', delayMs: 5_000 } : undefined);
    });
    scene.host.exit('a', 3);
    await settle();
    await scene.agent.kill('a');
    await scene.host.clock.advance(5_000);
    expect(scene.reader.states('a')).toBe('accepted launched start-initiated started finished');
    expect(scene.reader.end('a')).toMatchObject({ reason: 'failed', exitCode: 3 });
  });
});

describe('starts', () => {
  it('are bounded and fair', async () => {
    const host = new HostModel();
    const scene = await open(host, { maxStarting: 2 });
    host.fault = (name) => (name === 'create' ? { kind: 'slow', delayMs: 1_000 } : undefined);
    const ids = ['t1', 't2', 't3', 't4', 't5'];
    for (const id of ids) await scene.agent.launch(taskSpec(id));
    await host.clock.advance(2_000);
    const started = scene.reader.statuses.filter(({ state }) => state === 'started');
    expect(started.map(({ taskId }) => taskId)).toEqual(['t1', 't2', 't3', 't4']);
    expect(scene.reader.states('t5')).toBe('accepted launched');
  });
});

describe('clean-up', () => {
  it('does not let a facility that fails stop the others, and goes on until all succeed', async () => {
    const failed: string[] = [];
    const scene = await open(new HostModel(), {
      observer: { cleanUpFailed: (taskId, step) => failed.push(`${step} ${taskId}`) },
    });
    await scene.agent.launch(taskSpec('a'));
    await settle();
    scene.host.fault = (name) => (name === 'release:cpu' ? { kind: 'fail' } : undefined);
    scene.host.exit('a', 0);
    await scene.host.clock.advance(60_000);
    expect(scene.host.holdings('a')).toEqual(['cpu']);
    expect(scene.reader.end('a')).toBeUndefined();
    expect(new Set(failed)).toEqual(new Set(['release:cpu a']));
    expect(scene.agent.condition().troubles).toMatchObject([{ taskId: 'a', step: 'release:cpu' }]);
    const attempts = scene.host.calls.filter((call) => call === 'release:cpu a').length;
    expect(attempts).toBeGreaterThan(3);
    expect(attempts).toBeLessThan(10);
    scene.host.fault = () => undefined;
    await scene.host.clock.advance(60_000);
    expect(scene.reader.end('a')).toMatchObject({ reason: 'normal' });
    expectClean(scene);
  });

  it.each(['fail', 'fail-after', 'hang'] as const)(
    'holds back releases while remove does %s',
    async (kind) => {
      const scene = await launched();
      scene.host.fault = (name) => (name === 'remove' ? { kind } : undefined);
      scene.host.exit('a', 0);
      await scene.host.clock.advance(3 * 60_000);
      expect(scene.host.calls.filter((call) => call.startsWith('release'))).toEqual([]);
      expect(scene.reader.end('a')).toBeUndefined();
      scene.host.fault = () => undefined;
      await scene.host.clock.advance(10 * 60_000);
      expect(scene.reader.end('a')).toMatchObject({ reason: 'normal' });
      expectClean(scene);
    },
  );
});

describe('watching', () => {
  it('survives an engine that does not answer', async () => {
    const scene = await launched(faultAt('wait', { kind: 'fail' }));
    await scene.host.clock.advance(3_600_000);
    expect(scene.reader.states('a')).toBe('accepted launched start-initiated started');
    scene.host.exit('a', 5);
    scene.host.fault = () => undefined;
    await scene.host.clock.advance(60_000);
    expect(scene.reader.end('a')).toMatchObject({ reason: 'failed', exitCode: 5 });
  });
});
