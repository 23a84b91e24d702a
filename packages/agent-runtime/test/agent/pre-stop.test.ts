/** The hook before the stop signal: its order and limits, what cuts it short, and what a restart makes of it. */
import type { TaskSpec } from '@stowage/protocol';
import { describe, expect, it } from 'vitest';
import { Agent } from '../../src/agent/agent.ts';
import { HostModel, type Fault } from './host-model.ts';
import { beginAgent } from './model-agent.ts';
import { taskSpec } from './model-facts.ts';
import { StatusReader } from './status-reader.ts';
import { settle } from './virtual-clock.ts';

const HOOK: Partial<TaskSpec> = { preStop: { command: ['/leave', 'now'] } };

interface Scene {
  readonly host: HostModel;
  readonly agent: Agent;
  readonly reader: StatusReader;
  /** Reported to the operator. */
  readonly troubles: string[];
}

/** A task that runs, does not listen to signals, and whose hook has `fault`. */
async function running(fault?: Fault, more: Partial<TaskSpec> = {}): Promise<Scene> {
  const host = new HostModel();
  host.temper = 'stubborn';
  host.fault = (name) => (name === 'exec' ? fault : undefined);
  const troubles: string[] = [];
  const observer = {
    troubled: (what: string, error: unknown) => void troubles.push(`${what}: ${String(error)}`),
  };
  const agent = await Agent.open(beginAgent(host, { observer }));
  const reader = new StatusReader();
  reader.follow(agent);
  await agent.launch(taskSpec('a', { ...HOOK, ...more }));
  await settle();
  return { host, agent, reader, troubles };
}

async function reopened({ host, reader }: Scene): Promise<Agent> {
  const agent = await Agent.open(beginAgent(host));
  reader.follow(agent);
  await settle();
  return agent;
}

function expectEnd({ host, reader }: Scene, exitCode = 137): void {
  expect(reader.end('a')).toMatchObject({ reason: 'killed', exitCode });
  expect(reader.states('a')).toBe('accepted launched start-initiated started kill-initiated finished');
  expect(reader.problems).toEqual([]);
  expect(host.violations).toEqual([]);
  expect(host.holdings('a')).toEqual([]);
}

describe('a hook', () => {
  it('runs before the signal, and the grace begins when it has ended', async () => {
    const scene = await running({ kind: 'slow', delayMs: 20_000 }, { graceMs: 5_000 });
    await scene.agent.kill('a');
    await scene.host.clock.advance(19_999);
    expect(scene.host.signals).toEqual([]);
    await scene.host.clock.advance(1);
    expect(scene.host.signals).toEqual(['/leave now a', 'SIGTERM a']);
    await scene.host.clock.advance(4_999);
    expect(scene.reader.end('a')).toBeUndefined();
    await scene.host.clock.advance(1);
    expect(scene.host.signals).toEqual(['/leave now a', 'SIGTERM a', 'SIGKILL a']);
    expectEnd(scene);
    expect(scene.troubles).toEqual([]);
  });

  it.each([
    [{ kind: 'fail' }, 'exec fails'],
    [{ kind: 'fail-after' }, 'exec fails after its effect'],
  ] as const)('that cannot be run (%o) is reported, and the signal follows at once', async (fault, text) => {
    const scene = await running(fault);
    await scene.agent.kill('a');
    await settle();
    expect(scene.host.signals.at(-1)).toBe('SIGTERM a');
    expect(scene.troubles).toEqual([`pre-stop hook of task a: Error: ${text}`]);
    await scene.host.clock.advance(10_000);
    expectEnd(scene);
  });

  it('that fails is reported with what it wrote, and the signal follows at once', async () => {
    const scene = await running();
    scene.host.hookEnd = { exitCode: 3, output: 'no such balancer' };
    await scene.agent.kill('a');
    await settle();
    expect(scene.host.signals).toEqual(['/leave now a', 'SIGTERM a']);
    expect(scene.troubles).toEqual([
      'pre-stop hook of task a: Error: The hook ended with exit code 3. no such balancer',
    ]);
  });

  it.each([
    [undefined, 30_000],
    [1_500, 1_500],
  ])('that hangs is ended after its limit (%s) and does not hold up the kill', async (timeoutMs, limitMs) => {
    const preStop = { command: ['/leave'], ...(timeoutMs !== undefined && { timeoutMs }) };
    const scene = await running({ kind: 'hang' }, { preStop });
    await scene.agent.kill('a');
    await scene.host.clock.advance(limitMs - 1);
    expect(scene.host.signals).toEqual([]);
    await scene.host.clock.advance(1);
    expect(scene.host.aborts).toContain('exec a');
    expect(scene.host.signals).toEqual(['SIGTERM a']);
    expect(scene.troubles).toEqual([expect.stringContaining('took longer than')]);
    await scene.host.clock.advance(10_000);
    expectEnd(scene);
  });

  it('whose call ignores its abort does not hold up the kill, but the end of clean-up', async () => {
    const scene = await running({ kind: 'deaf', delayMs: 3_600_000 });
    await scene.agent.kill('a');
    await scene.host.clock.advance(40_000);
    expect(scene.host.signals).toEqual(['SIGTERM a', 'SIGKILL a']);
    expect(scene.host.holdings('a')).toEqual([]);
    expect(scene.reader.end('a')).toBeUndefined();
    await scene.host.clock.advance(3_600_000);
    expectEnd(scene);
  });

  it('ends with its container, which was killed then', async () => {
    const scene = await running({ kind: 'hang' });
    await scene.agent.kill('a');
    await settle();
    scene.host.exit('a', 0);
    await settle();
    expect(scene.host.signals).toEqual([]);
    expect(scene.host.aborts).toContain('exec a');
    expectEnd(scene, 0);
    expect(scene.troubles).toEqual([]);
  });

  it('does not run without grace', async () => {
    const scene = await running();
    await scene.agent.kill('a', { graceMs: 0 });
    await settle();
    expect(scene.host.signals).toEqual(['SIGKILL a']);
    expectEnd(scene);
  });

  it.each([
    ['start', 1],
    ['create', 0],
  ])('does not run in a task that is killed during %s', async (step, runs) => {
    const host = new HostModel();
    host.fault = (name) => (name === step ? { kind: 'slow', delayMs: 5_000 } : undefined);
    const agent = await Agent.open(beginAgent(host));
    const reader = new StatusReader();
    reader.follow(agent);
    await agent.launch(taskSpec('a', HOOK));
    await host.clock.advance(4_000);
    await agent.kill('a');
    await host.clock.advance(60_000);
    expect(reader.end('a')).toMatchObject({ reason: 'killed' });
    expect(host.calls.filter((call) => call === 'start a')).toHaveLength(runs);
    expect(host.calls).not.toContain('exec a');
  });

  it('does not run when the task ends by itself', async () => {
    const scene = await running();
    scene.host.exit('a', 0);
    await settle();
    expect(scene.reader.end('a')).toMatchObject({ reason: 'normal' });
    expect(scene.host.calls).not.toContain('exec a');
  });

  it('is not waited for longer than its limit when the disk refuses to note it', async () => {
    const scene = await running();
    await scene.agent.kill('a').then(() => {
      scene.host.fault = (name) => (name === 'disk:append' ? { kind: 'fail' } : undefined);
    });
    await scene.host.clock.advance(30_000);
    expect(scene.host.signals).toEqual(['SIGTERM a']);
    await scene.host.clock.advance(10_000);
    expect(scene.host.signals).toEqual(['SIGTERM a', 'SIGKILL a']);
    scene.host.fault = () => undefined;
    await scene.host.clock.advance(120_000);
    expectEnd(scene);
    expect(scene.host.calls).not.toContain('exec a');
  });
});

describe('a second kill during the hook', () => {
  it('with less grace ends it, and its own grace begins', async () => {
    const scene = await running({ kind: 'hang' });
    await scene.agent.kill('a');
    await scene.host.clock.advance(8_000);
    await scene.agent.kill('a', { graceMs: 9_000 });
    await settle();
    expect(scene.host.aborts).toContain('exec a');
    expect(scene.host.signals).toEqual(['SIGTERM a']);
    await scene.host.clock.advance(8_999);
    expect(scene.host.signals).toEqual(['SIGTERM a']);
    await scene.host.clock.advance(1);
    expectEnd(scene);
    expect(scene.troubles).toEqual([]);
  });

  it('without grace kills at once', async () => {
    const scene = await running({ kind: 'hang' });
    await scene.agent.kill('a');
    await scene.host.clock.advance(25_000);
    await scene.agent.kill('a', { graceMs: 0 });
    await settle();
    expect(scene.host.signals).toEqual(['SIGKILL a']);
    expectEnd(scene);
  });

  it('with as much grace or more changes nothing', async () => {
    const scene = await running({ kind: 'slow', delayMs: 20_000 });
    await scene.agent.kill('a');
    await scene.host.clock.advance(5_000);
    await scene.agent.kill('a');
    await scene.agent.kill('a', { graceMs: 60_000 });
    await scene.host.clock.advance(14_999);
    expect(scene.host.signals).toEqual([]);
    await scene.host.clock.advance(1);
    expect(scene.host.signals).toEqual(['/leave now a', 'SIGTERM a']);
    await scene.host.clock.advance(10_000);
    expectEnd(scene);
  });

  it('that comes with the first ends it too', async () => {
    const scene = await running({ kind: 'hang' });
    await Promise.all([scene.agent.kill('a'), scene.agent.kill('a', { graceMs: 4_000 })]);
    await scene.host.clock.advance(4_000);
    expectEnd(scene);
  });
});

describe('after a restart', () => {
  it.each(['crash', 'close'] as const)(
    'a hook that had begun before a %s is not begun again',
    async (how) => {
      const scene = await running({ kind: 'hang' });
      await scene.agent.kill('a');
      await scene.host.clock.advance(5_000);
      if (how === 'crash') scene.host.kill();
      else {
        await scene.agent.close();
        expect(scene.host.aborts).toContain('exec a');
      }
      await scene.host.clock.advance(5_000);
      scene.host.calls = [];
      await reopened(scene);
      expect(scene.host.signals).toEqual(['SIGTERM a']);
      await scene.host.clock.advance(10_000);
      expectEnd(scene);
      expect(scene.host.calls).not.toContain('exec a');
    },
  );

  it('the grace is what is left of hook and grace together, and at most the grace', async () => {
    const scene = await running({ kind: 'hang' });
    await scene.agent.kill('a');
    await settle();
    scene.host.kill();
    await scene.host.clock.advance(33_000);
    await reopened(scene);
    await scene.host.clock.advance(6_999);
    expect(scene.host.signals).toEqual(['SIGTERM a']);
    await scene.host.clock.advance(1);
    expectEnd(scene);
  });

  it('a hook that had not begun runs in what is left of its time', async () => {
    const scene = await running({ kind: 'hang' });
    // The journal takes the wish, and the agent dies before it notes the hook.
    scene.host.crash = { at: scene.host.calls.length + 2, when: 'before' };
    await scene.agent.kill('a');
    await settle();
    expect(scene.host.life).toBeUndefined();
    await scene.host.clock.advance(10_000);
    await reopened(scene);
    expect(scene.host.calls).toContain('exec a');
    await scene.host.clock.advance(19_999);
    expect(scene.host.signals).toEqual([]);
    await scene.host.clock.advance(1);
    expect(scene.host.signals).toEqual(['SIGTERM a']);
    await scene.host.clock.advance(10_000);
    expectEnd(scene);
  });

  it('a task that was never said to have started has no hook, even if its code runs', async () => {
    const host = new HostModel();
    host.temper = 'stubborn';
    host.fault = (name) => (name === 'start' ? { kind: 'deaf', delayMs: 5_000 } : undefined);
    const agent = await Agent.open(beginAgent(host));
    const reader = new StatusReader();
    reader.follow(agent);
    await agent.launch(taskSpec('a', HOOK));
    await host.clock.advance(4_000);
    await agent.kill('a');
    host.crash = { at: host.calls.length + 1, when: 'before' };
    await host.clock.advance(1_000);
    expect([host.life, host.runs.get('a')]).toEqual([undefined, 1]);
    reader.follow(await Agent.open(beginAgent(host)));
    await host.clock.advance(10_000);
    expect(host.signals).toEqual(['SIGTERM a', 'SIGKILL a']);
    expect(reader.end('a')).toMatchObject({ reason: 'killed' });
    expect(reader.states('a')).not.toContain(' started');
  });

  it('a container that has ended gets neither hook nor signal', async () => {
    const scene = await running();
    scene.host.crash = { at: scene.host.calls.length + 2, when: 'before' };
    await scene.agent.kill('a');
    await settle();
    scene.host.exit('a', 4);
    await reopened(scene);
    await settle();
    expect(scene.host.signals).toEqual([]);
    expectEnd(scene, 4);
  });
});
