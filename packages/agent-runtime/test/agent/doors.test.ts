/** What callers may ask, what they are refused, and that a refusal changes nothing. */
import type { TaskSpec } from '@stowage/protocol';
import { describe, expect, it } from 'vitest';
import { Agent } from '../../src/agent/agent.ts';
import { HostModel } from './host-model.ts';
import { beginAgent } from './model-agent.ts';
import { FACTS, taskSpec } from './model-facts.ts';
import { StatusReader } from './status-reader.ts';
import { settle } from './virtual-clock.ts';

async function open(host = new HostModel()): Promise<{ host: HostModel; agent: Agent }> {
  return { host, agent: await Agent.open(beginAgent(host)) };
}

describe('launch', () => {
  const refused: readonly [string, unknown, string][] = [
    ['nothing', undefined, 'INVALID_TASK_SPEC'],
    ['no resources', { taskId: 'a', image: { kind: 'folder', path: '/' } }, 'INVALID_TASK_SPEC'],
    ['an id that is a path', taskSpec('../a'), 'INVALID_TASK_SPEC'],
    ['an unknown feature', taskSpec('a', { requires: ['no-such'] }), 'INVALID_TASK_SPEC'],
    [
      'a limit above the host',
      taskSpec('a', { limits: [{ name: 'nofile', soft: 1, hard: 1e6 }] }),
      'FEATURE_UNAVAILABLE',
    ],
  ];
  it.each(refused)('refuses %s', async (_, spec, code) => {
    const { host, agent } = await open();
    const before = new Map(host.disk);
    await expect(agent.launch(spec as TaskSpec)).rejects.toMatchObject({ code });
    expect(host.disk).toEqual(before);
    expect(agent.tasks()).toEqual([]);
  });

  it('refuses what the host cannot enforce', async () => {
    const host = new HostModel();
    const agent = await Agent.open(beginAgent(host, { host: { ...FACTS, seccomp: false } }));
    await expect(agent.launch(taskSpec('a'))).rejects.toMatchObject({ code: 'FEATURE_UNAVAILABLE' });
    await agent.launch(taskSpec('b', { security: { seccomp: 'unconfined' } }));
  });

  it('refuses what an operator withholds, with the reason', async () => {
    const host = new HostModel();
    const agent = await Agent.open(beginAgent(host, { withheld: { 'host-network': 'not on this host' } }));
    const shared = taskSpec('a', { network: { mode: 'host' } });
    await expect(agent.launch(shared)).rejects.toThrow(/FEATURE_UNAVAILABLE.*not on this host/s);
    expect(agent.features()['host-network'].level).toBe('unavailable');
    const other = await Agent.open(beginAgent(new HostModel()));
    await other.launch(shared);
  });

  it('takes an equal spec again, also after a restart, but no other under this id', async () => {
    const { host, agent } = await open();
    await Promise.all([agent.launch(taskSpec('a')), agent.launch(taskSpec('a'))]);
    await expect(agent.launch(taskSpec('a', { jobId: 'j' }))).rejects.toMatchObject({ code: 'TASK_EXISTS' });
    await settle();
    host.kill();
    const next = await Agent.open(beginAgent(host));
    const { taskId, ...rest } = taskSpec('a', { jobId: undefined });
    await next.launch({ ...rest, taskId });
    await expect(next.launch(taskSpec('a', { jobId: 'j' }))).rejects.toMatchObject({ code: 'TASK_EXISTS' });
    expect(next.tasks()).toEqual([{ spec: taskSpec('a'), state: 'started' }]);
  });

  it('of two different specs at once takes one', async () => {
    const { agent } = await open();
    const results = await Promise.allSettled([
      agent.launch(taskSpec('a')),
      agent.launch(taskSpec('a', { jobId: 'j' })),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect(agent.tasks()).toHaveLength(1);
  });

  it('is fenced off by each source until that source lifts its fence', async () => {
    const { host, agent } = await open();
    await agent.launch(taskSpec('a'));
    await settle();
    agent.fence('disk full', 'health');
    agent.fence('maintenance');
    await expect(agent.launch(taskSpec('b'))).rejects.toMatchObject({
      code: 'AGENT_FENCED',
      message: expect.stringContaining('disk full'),
    });
    agent.unfence('health');
    await expect(agent.launch(taskSpec('b'))).rejects.toMatchObject({ code: 'AGENT_FENCED' });
    expect(agent.condition().fences).toMatchObject([{ source: 'operator', reason: 'maintenance' }]);
    await agent.launch(taskSpec('a'));
    host.exit('a', 0);
    await settle();
    expect(agent.tasks()).toMatchObject([{ state: 'finished' }]);
    agent.unfence();
    await agent.launch(taskSpec('b'));
  });

  it.each(['fail', 'fail-after'] as const)('that the disk refuses (%s) has not happened', async (kind) => {
    const { host, agent } = await open();
    const reader = new StatusReader();
    reader.follow(agent);
    await agent.launch(taskSpec('z'));
    host.fault = (name, path) => (name === 'disk:write' && path.endsWith('a.jsonl') ? { kind } : undefined);
    await expect(agent.launch(taskSpec('a'))).rejects.toMatchObject({ code: 'STATE_NOT_WRITTEN' });
    expect(agent.tasks().map(({ spec }) => spec.taskId)).toEqual(['z']);
    host.kill();
    host.fault = () => undefined;
    const next = await Agent.open(beginAgent(host));
    reader.follow(next);
    expect(next.tasks().map(({ spec }) => spec.taskId)).toEqual(['z']);
    await next.launch(taskSpec('a'));
    await settle();
    expect(reader.problems).toEqual([]);
    expect(reader.states('a')).toBe('accepted launched start-initiated started');
  });
});

describe('other doors', () => {
  it('know only tasks that were launched', async () => {
    const { agent } = await open();
    await expect(agent.kill('a')).rejects.toMatchObject({ code: 'UNKNOWN_TASK' });
    await expect(agent.forget('a')).rejects.toMatchObject({ code: 'UNKNOWN_TASK' });
    expect(() => agent.logs('a')).toThrow(/UNKNOWN_TASK/);
  });

  it.each([-1, 1.5, NaN, Infinity, '5'])('refuse %s milliseconds of grace', async (graceMs) => {
    const { agent } = await open();
    await agent.launch(taskSpec('a'));
    await expect(agent.kill('a', { graceMs: graceMs as number })).rejects.toMatchObject({
      code: 'INVALID_OPTION',
    });
    await settle();
    expect(agent.tasks()).toMatchObject([{ state: 'started' }]);
  });

  it('are shut after close, and containers stay', async () => {
    const { host, agent } = await open();
    await agent.launch(taskSpec('a'));
    await settle();
    const ended = (async () => {
      for await (const status of agent.statuses()) expect(status.taskId).toBe('a');
    })();
    await agent.close();
    await agent.close();
    await ended;
    expect(host.life).toBeUndefined();
    await expect(agent.launch(taskSpec('b'))).rejects.toMatchObject({ code: 'AGENT_CLOSED' });
    await expect(agent.kill('a')).rejects.toMatchObject({ code: 'AGENT_CLOSED' });
    await expect(agent.forget('a')).rejects.toMatchObject({ code: 'AGENT_CLOSED' });
    expect(host.containers.get('a')?.state).toBe('running');
    const next = await Agent.open(beginAgent(host));
    expect(next.tasks()).toMatchObject([{ state: 'started' }]);
  });

  it('keep the folder locked while a call that ignores its abort may still take effect', async () => {
    const { host, agent } = await open();
    host.fault = (name) => (name === 'attach:cpu' ? { kind: 'deaf', delayMs: 3_600_000 } : undefined);
    await agent.launch(taskSpec('a'));
    await settle();
    const closed = agent.close().catch((error: unknown) => error);
    await host.clock.advance(120_000);
    expect(String(((await closed) as AggregateError).errors)).toContain('stays locked');
    expect(host.life).toBeDefined();
  });

  it.each([
    [{ maxStarting: 0 }],
    [{ limits: { pullMs: 0 } }],
    [{ limits: { attempts: 1.5 } }],
    [{ reaper: { perMinute: -1 } }],
  ])('refuse to open with %o', async (overrides) => {
    const host = new HostModel();
    await expect(Agent.open(beginAgent(host, overrides))).rejects.toMatchObject({ code: 'INVALID_OPTION' });
    expect(host.disk.size).toBe(0);
  });
});

describe('forget', () => {
  it('needs a finished task, and then leaves nothing', async () => {
    const { host, agent } = await open();
    await agent.launch(taskSpec('a'));
    await settle();
    await expect(agent.forget('a')).rejects.toMatchObject({ code: 'TASK_NOT_FINISHED' });
    host.exit('a', 0);
    await settle();
    expect(host.logs.has('a')).toBe(true);
    const both = await Promise.allSettled([agent.forget('a'), agent.forget('a')]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(host.logs.size).toBe(0);
    expect([...host.disk.keys()]).toEqual(['/state/agent.json']);
    expect(agent.tasks()).toEqual([]);
  });

  it('tells readers that come too late, also after a restart', async () => {
    const { host, agent } = await open();
    await agent.launch(taskSpec('a'));
    await settle();
    await agent.launch(taskSpec('b'));
    await settle();
    host.exit('a', 0);
    await settle();
    await agent.forget('a');
    const check = async (of: Agent): Promise<void> => {
      await expect(collect(of, 8, 0)).rejects.toMatchObject({ code: 'STATUS_EXPIRED' });
      await expect(collect(of, 1, 99)).rejects.toMatchObject({ code: 'STATUS_EXPIRED' });
      await expect(collect(of, 1, -1)).rejects.toMatchObject({ code: 'INVALID_OPTION' });
      expect((await collect(of, 4)).map(({ sequence }) => sequence)).toEqual([5, 6, 7, 8]);
    };
    await check(agent);
    host.kill();
    const next = await Agent.open(beginAgent(host));
    await check(next);
    host.exit('b', 0);
    await settle();
    expect(await collect(next, 1, 9)).toMatchObject([{ sequence: 10, taskId: 'b', state: 'finished' }]);
  });

  it('is no more than tried while logs cannot be removed', async () => {
    const { host, agent } = await open();
    await agent.launch(taskSpec('a', { entrypoint: [] }));
    await settle();
    host.fault = (name) => (name === 'removeLogs' ? { kind: 'fail' } : undefined);
    await expect(agent.forget('a')).rejects.toMatchObject({ code: 'LOGS_NOT_REMOVED' });
    expect(agent.tasks()).toHaveLength(1);
    host.fault = () => undefined;
    await agent.forget('a');
  });
});

async function collect(
  agent: Agent,
  count: number,
  after?: number,
): Promise<readonly { sequence: number }[]> {
  const statuses = [];
  for await (const status of agent.statuses(after === undefined ? {} : { after })) {
    statuses.push(status);
    if (statuses.length === count) break;
  }
  return statuses;
}
