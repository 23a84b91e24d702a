/** What a new agent makes of what it finds: the whole table, hosts that do not answer, and journals that are damaged. */
import type { TaskState, TaskStatus } from '@stowage/protocol';
import { describe, expect, it } from 'vitest';
import { resumption } from '../../src/agent/adoption.ts';
import { Agent } from '../../src/agent/agent.ts';
import { TaskRecord } from '../../src/agent/task-record.ts';
import type { FoundContainer } from '../../src/contract/container-backend.ts';
import { HostModel } from './host-model.ts';
import { beginAgent } from './model-agent.ts';
import { taskSpec } from './model-facts.ts';
import { StatusReader } from './status-reader.ts';
import { settle } from './virtual-clock.ts';

const LIVE = { pid: 1, cgroups: { version: 2, controllers: {} } } as const;
const EXIT = { exitCode: 0, outOfMemory: false };
const FOUND: Readonly<Record<string, FoundContainer | undefined>> = {
  nothing: undefined,
  remains: { id: 'a', state: 'remains', createdMs: 0 },
  created: { id: 'a', state: 'created', live: LIVE, createdMs: 0 },
  running: { id: 'a', state: 'running', live: LIVE, createdMs: 0 },
  exited: { id: 'a', state: 'exited', exit: EXIT, createdMs: 0 },
};

function record(said: readonly TaskState[], isPrepared: boolean): TaskRecord {
  const status = (state: TaskState, sequence: number): TaskStatus => ({
    taskId: 'a',
    sequence,
    state,
    timestampMs: 0,
    message: '',
  });
  const of = new TaskRecord(taskSpec('a'), status('accepted', 1));
  if (isPrepared)
    of.apply({ kind: 'prepared', preparation: { contributions: [], stopSignal: 'SIGTERM', args: [] } });
  for (const [index, state] of said.entries())
    of.apply({
      kind: 'status',
      status: status(state, index + 2),
      ...(state === 'kill-initiated' && { kill: { graceMs: 1, deadlineMs: 1 } }),
    });
  return of;
}

const brief = (said: readonly TaskState[], isPrepared: boolean, found: string): string => {
  const { kind, ...more } = resumption(record(said, isPrepared), FOUND[found]);
  return 'outcome' in more ? more.outcome.reason : kind;
};

describe('after a restart', () => {
  const table: readonly [
    string,
    readonly TaskState[],
    boolean,
    Readonly<Record<'nothing' | 'remains' | 'created' | 'running' | 'exited', string>>,
  ][] = [
    [
      'accepted',
      [],
      false,
      { nothing: 'relaunch', remains: 'relaunch', created: 'relaunch', running: 'lost', exited: 'relaunch' },
    ],
    [
      'launched',
      ['launched'],
      false,
      { nothing: 'relaunch', remains: 'relaunch', created: 'relaunch', running: 'lost', exited: 'relaunch' },
    ],
    [
      'prepared',
      ['launched'],
      true,
      { nothing: 'relaunch', remains: 'relaunch', created: 'attach', running: 'lost', exited: 'relaunch' },
    ],
    [
      'start-initiated',
      ['launched', 'start-initiated'],
      true,
      { nothing: 'lost', remains: 'lost', created: 'attach', running: 'watch', exited: 'watch' },
    ],
    [
      'started',
      ['launched', 'start-initiated', 'started'],
      true,
      { nothing: 'lost', remains: 'lost', created: 'attach', running: 'watch', exited: 'watch' },
    ],
    [
      'killed early',
      ['launched', 'kill-initiated'],
      true,
      { nothing: 'killed', remains: 'killed', created: 'killed', running: 'killed', exited: 'killed' },
    ],
    [
      'killed',
      ['launched', 'start-initiated', 'started', 'kill-initiated'],
      true,
      { nothing: 'killed', remains: 'killed', created: 'killed', running: 'watch', exited: 'watch' },
    ],
  ];
  it.each(table)('a task that was %s goes on by the table', (_, said, isPrepared, expected) => {
    for (const [found, outcome] of Object.entries(expected))
      expect(brief(said, isPrepared, found), found).toBe(outcome);
  });

  it('a task whose end was known stays so, whatever is found', () => {
    const ended = record(['launched', 'start-initiated', 'started'], true);
    ended.apply({ kind: 'ended', outcome: { reason: 'failed', message: '', exitCode: 3 } });
    for (const found of Object.values(FOUND))
      expect(resumption(ended, found)).toMatchObject({ kind: 'clean-up', outcome: { exitCode: 3 } });
  });

  it('the exit of a task is told that ended while there was no agent', async () => {
    const { host, reader } = await running();
    host.kill();
    host.exit('a', 137, true);
    reader.follow(await Agent.open(beginAgent(host)));
    await settle();
    expect(reader.end('a')).toMatchObject({ reason: 'out-of-memory', exitCode: 137 });
    expect(reader.problems).toEqual([]);
  });

  it('a kill goes on with what is left of its grace', async () => {
    const { host, reader, agent } = await running();
    host.temper = 'stubborn';
    await agent.kill('a', { graceMs: 20_000 });
    await host.clock.advance(5_000);
    host.kill();
    await host.clock.advance(5_000);
    reader.follow(await Agent.open(beginAgent(host)));
    await host.clock.advance(9_999);
    expect(reader.end('a')).toBeUndefined();
    await host.clock.advance(1);
    expect(reader.end('a')).toMatchObject({ reason: 'killed', exitCode: 137 });
  });

  it('a launch begins anew only when no call that was given up can undo it', async () => {
    const host = new HostModel();
    host.fault = (name) => (name === 'create' ? { kind: 'hang' } : undefined);
    const first = await Agent.open(beginAgent(host));
    await first.launch(taskSpec('a'));
    await settle();
    host.kill();
    let isLate = true;
    host.fault = (name) => {
      if (name !== 'release:cpu' || !isLate) return undefined;
      isLate = false;
      return { kind: 'deaf', delayMs: 600_000 };
    };
    const agent = await Agent.open(beginAgent(host));
    await host.clock.advance(300_000);
    expect(host.calls.filter((call) => call === 'release:cpu a').length).toBeGreaterThan(1);
    await host.clock.advance(600_000);
    expect(agent.tasks()).toMatchObject([{ state: 'started' }]);
    expect(host.holdings('a')).toEqual(['container', 'network', 'cpu']);
    expect(host.violations).toEqual([]);
  });

  it.each([
    ['is still under way', { kind: 'slow', delayMs: 30_000 }],
    ['was given up and takes effect late', { kind: 'deaf', delayMs: 600_000 }],
  ] as const)('an adoption that %s leaves nothing of a task that ends', async (_, fault) => {
    const { host, reader } = await running();
    host.kill();
    host.fault = (name) => (name === 'adopt:cpu' ? fault : undefined);
    let agent: Agent | undefined;
    void Agent.open(beginAgent(host)).then((opened) => (agent = opened));
    await host.clock.advance(10_000);
    host.exit('a', 0);
    await host.clock.advance(3_600_000);
    reader.follow(agent!);
    await settle();
    expect(reader.end('a')).toMatchObject({ reason: 'normal' });
    expect(host.holdings('a')).toEqual([]);
  });

  it('an engine that cannot list concludes nothing and fences the agent until it can', async () => {
    const { host, reader } = await running();
    host.kill();
    host.fault = (name) => (name === 'list' ? { kind: 'fail' } : undefined);
    let agent: Agent | undefined;
    void Agent.open(beginAgent(host)).then((opened) => (agent = opened));
    await host.clock.advance(10_000);
    expect(agent!.condition().fences).toMatchObject([{ source: 'reconciliation' }]);
    await expect(agent!.launch(taskSpec('b'))).rejects.toMatchObject({ code: 'AGENT_FENCED' });
    await host.clock.advance(3_600_000);
    expect(host.containers.get('a')?.state).toBe('running');
    expect(agent!.tasks()).toMatchObject([{ state: 'started' }]);
    host.fault = () => undefined;
    await host.clock.advance(60_000);
    expect(agent!.condition().fences).toEqual([]);
    reader.follow(agent!);
    host.exit('a', 0);
    await settle();
    expect(reader.end('a')).toMatchObject({ reason: 'normal' });
  });

  it('a facility that cannot adopt keeps others from reserving, but not the exit from being told', async () => {
    const { host, reader, agent: first } = await running();
    await first.launch(taskSpec('b'));
    await settle();
    host.kill();
    host.fault = (name) => (name === 'adopt:network' ? { kind: 'fail' } : undefined);
    let agent: Agent | undefined;
    void Agent.open(beginAgent(host)).then((opened) => (agent = opened));
    await host.clock.advance(120_000);
    await expect(agent!.launch(taskSpec('c'))).rejects.toMatchObject({ code: 'AGENT_FENCED' });
    expect(agent!.condition().troubles).toMatchObject([
      { taskId: 'a', step: 'adopt:network' },
      { taskId: 'b', step: 'adopt:network' },
    ]);
    reader.follow(agent!);
    host.exit('a', 4);
    await settle();
    expect(reader.end('a')).toMatchObject({ reason: 'failed', exitCode: 4 });
    expect(host.holdings('a')).toEqual([]);
    expect(host.holdings('b')).toEqual(['container', 'network', 'cpu']);
    host.fault = () => undefined;
    await host.clock.advance(60_000);
    expect(agent!.condition()).toMatchObject({ fences: [], troubles: [] });
    await agent!.launch(taskSpec('c'));
    expect(host.violations).toEqual([]);
  });

  it('nothing is reserved for a launch that begins anew before all others are adopted', async () => {
    const { host, agent: first } = await running();
    host.fault = (name) => (name === 'pull' ? { kind: 'hang' } : undefined);
    await first.launch(taskSpec('b'));
    await settle();
    host.kill();
    host.calls = [];
    host.fault = (name) => (name === 'adopt:network' ? { kind: 'fail' } : undefined);
    void Agent.open(beginAgent(host));
    await host.clock.advance(600_000);
    expect(host.calls.filter((call) => call.startsWith('prepare'))).toEqual([]);
    host.fault = () => undefined;
    await host.clock.advance(60_000);
    expect(host.holdings('b')).toEqual(['container', 'network', 'cpu']);
  });

  it('a facility that is no longer there is named, and its task is not finished', async () => {
    const { host, reader } = await running();
    host.kill();
    const options = beginAgent(host);
    const agent = await Agent.open({ ...options, facilities: options.facilities!.slice(0, 1) });
    reader.follow(agent);
    host.exit('a', 0);
    await host.clock.advance(60_000);
    expect(reader.end('a')).toBeUndefined();
    expect(agent.condition().troubles).toMatchObject([{ taskId: 'a', step: 'release:cpu' }]);
    host.kill();
    reader.follow(await Agent.open(beginAgent(host)));
    await host.clock.advance(60_000);
    expect(reader.end('a')).toMatchObject({ reason: 'normal' });
    expect(host.holdings('a')).toEqual([]);
  });
});

describe('a damaged journal', () => {
  it('costs its task alone, is kept, and makes late readers begin anew', async () => {
    const { host, reader, agent: first } = await running();
    await first.launch(taskSpec('b'));
    await settle();
    host.kill();
    const path = '/state/tasks/a.jsonl';
    const text = host.disk.get(path)!;
    const damaged = text.slice(0, 40) + '#' + text.slice(41);
    host.disk.set(path, damaged);
    const agent = await Agent.open(beginAgent(host));
    expect(agent.condition().quarantined).toMatchObject([{ taskId: 'a', path }]);
    expect(agent.tasks().map(({ spec }) => spec.taskId)).toEqual(['b']);
    await expect(agent.launch(taskSpec('a'))).rejects.toMatchObject({ code: 'TASK_EXISTS' });
    const late = agent.statuses({ after: 8 })[Symbol.asyncIterator]();
    await expect(late.next()).rejects.toMatchObject({ code: 'STATUS_EXPIRED' });
    await host.clock.advance(24 * 3_600_000);
    expect(host.containers.get('a')?.state).toBe('running');
    expect(host.holdings('a')).toEqual(['container', 'network', 'cpu']);
    expect(host.disk.get(path)).toBe(damaged);
    host.exit('b', 0);
    await settle();
    const [, , , , end] = await take(agent, 5);
    expect(end).toMatchObject({ taskId: 'b', state: 'finished' });
    expect(end.sequence).toBeGreaterThan(reader.statuses.at(-1)!.sequence);
    expect(host.violations).toEqual([]);
  });

  it.each([
    ['is missing', undefined],
    ['is no JSON', '{'],
    ['has no identity', '{"version":1}'],
  ])('agent.json that %s stops the agent', async (_, text) => {
    const { host } = await running();
    host.kill();
    if (text === undefined) host.disk.delete('/state/agent.json');
    else host.disk.set('/state/agent.json', text);
    await expect(Agent.open(beginAgent(host))).rejects.toMatchObject({ code: 'STATE_FOLDER_DAMAGED' });
    expect(host.life).toBeUndefined();
    expect(host.containers.size).toBe(1);
  });
});

async function running(): Promise<{ host: HostModel; agent: Agent; reader: StatusReader }> {
  const host = new HostModel();
  const agent = await Agent.open(beginAgent(host));
  const reader = new StatusReader();
  reader.follow(agent);
  await agent.launch(taskSpec('a'));
  await settle();
  return { host, agent, reader };
}

async function take(agent: Agent, count: number): Promise<readonly TaskStatus[]> {
  const statuses: TaskStatus[] = [];
  for await (const status of agent.statuses()) {
    statuses.push(status);
    if (statuses.length === count) break;
  }
  return statuses;
}
