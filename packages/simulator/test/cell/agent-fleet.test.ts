import { describe, expect, test } from 'vitest';
import { AgentFleet, type AgentStatus } from '../../src/cell/agent-fleet.ts';
import type { Life } from '../../src/cell/life-cycles.ts';
import type { AgentCosts, CellPool } from '../../src/cell/scenario.ts';
import type { SimulatedAgent } from '../../src/cell/simulated-agent.ts';
import { VirtualClock } from '../../src/cell/virtual-clock.ts';
import { SHAPE } from './set-up.ts';

const COSTS: AgentCosts = {
  imagePullMs: 10_000,
  cachedImages: 2,
  interfaceSetUpMs: 2_000,
  interfaceRebindMs: 5_000,
  addressMs: 100,
  interfaceCallsPerSecond: 1_000,
  launchesAtATime: 2,
  lossDetectionMs: 1_000,
};
const LIFE: Life = {
  launched: { delayMs: 0, then: 'continue' },
  startInitiated: { delayMs: 0, then: 'continue' },
  started: { delayMs: undefined, then: 'continue' },
  killInitiated: { delayMs: 300, then: 'continue' },
};
const POOL: CellPool = { name: 'pool', tier: 'critical', agents: 1, shape: SHAPE };

/** A fleet whose words are noted as `time task state reason`. */
function setUp(costs: Partial<AgentCosts> = {}) {
  const clock = new VirtualClock(0);
  const said: string[] = [];
  const untaken: (() => void)[] = [];
  const calls = { pulls: 0, setUps: 0, rebinds: 0 };
  const fleet = new AgentFleet(
    clock,
    { ...COSTS, ...costs },
    {
      said(taskId: string, _: SimulatedAgent, { state, reason }: AgentStatus, taken: () => void) {
        said.push(`${clock.nowMs()} ${taskId} ${state}${reason === undefined ? '' : ` ${reason}`}`);
        untaken.push(taken);
      },
      changed: () => undefined,
      pulledImage: () => calls.pulls++,
      calledForInterface: (_, isRebound) => (isRebound ? calls.rebinds++ : calls.setUps++),
    },
  );
  const agent = fleet.add(POOL, SHAPE);
  const launch = (
    taskId: string,
    fields: { image?: string; securityGroups?: string; slot?: number; life?: Life } = {},
  ) => fleet.launch(agent, { taskId, image: 'app', securityGroups: 'sg', slot: 0, life: LIFE, ...fields });
  const runTo = (atMs: number) => {
    while (clock.step(atMs));
  };
  return { clock, fleet, agent, said, untaken, calls, launch, runTo };
}

describe('a launch', () => {
  test('waits for the image and the interface, whichever is later', () => {
    const { launch, runTo, said } = setUp();
    launch('t');
    runTo(20_000);
    expect(said).toEqual(['10000 t start-initiated', '10000 t started']);
  });

  test('with image and interface at hand waits for the address only', () => {
    const { launch, runTo, said, calls } = setUp();
    launch('t');
    runTo(20_000);
    launch('u');
    runTo(30_000);
    expect(said.slice(2)).toEqual(['20100 u start-initiated', '20100 u started']);
    expect(calls).toEqual({ pulls: 1, setUps: 1, rebinds: 0 });
  });

  test('of the same image at the same time waits for the one pull', () => {
    const { launch, runTo, said, calls } = setUp();
    launch('t');
    launch('u');
    runTo(20_000);
    expect(said).toContain('10000 u started');
    expect(calls.pulls).toBe(1);
  });

  test('on an idle interface of other groups re-binds it, which takes longer', () => {
    const { fleet, agent, launch, runTo, said, untaken, calls } = setUp({ imagePullMs: 1 });
    launch('t');
    runTo(10_000);
    fleet.kill(agent, 't');
    runTo(11_000);
    untaken.forEach((taken) => taken());
    launch('u', { securityGroups: 'other' });
    runTo(20_000);
    expect(said).toContain('16100 u started');
    expect(calls.rebinds).toBe(1);
  });

  test('waits its turn when enough are being prepared', () => {
    const { launch, runTo, said } = setUp();
    for (const id of ['t', 'u', 'v']) launch(id, { image: id });
    runTo(60_000);
    expect(said.filter((line) => line.endsWith('started'))).toEqual([
      '10000 t started',
      '10000 u started',
      '20000 v started',
    ]);
  });

  test('over many agents waits in line for calls of the account', () => {
    const { clock, fleet, said, runTo } = setUp({ imagePullMs: 1, interfaceCallsPerSecond: 2 });
    for (const id of ['t', 'u', 'v']) {
      const agent = fleet.add(POOL, SHAPE);
      fleet.launch(agent, { taskId: id, image: 'app', securityGroups: 'sg', slot: 0, life: LIFE });
    }
    runTo(60_000);
    expect(said.filter((line) => line.endsWith('started'))).toEqual([
      '2100 t started',
      '2600 u started',
      '3100 v started',
    ]);
    expect(clock.nowMs()).toBe(60_000);
  });

  test('that comes twice runs once', () => {
    const { launch, runTo, said, agent } = setUp();
    launch('t');
    launch('t');
    runTo(20_000);
    expect(said).toHaveLength(2);
    expect(agent.interfaces[0].addresses).toBe(1);
  });

  test('of an image that has left the cache pulls it again', () => {
    const { launch, runTo, calls } = setUp();
    for (const image of ['a', 'b', 'c', 'a']) {
      launch(`task of ${image} ${calls.pulls}`, { image });
      runTo((calls.pulls + 1) * 20_000);
    }
    expect(calls.pulls).toBe(4);
  });
});

describe('an end', () => {
  const ended = { ...LIFE, started: { delayMs: 1_000, then: 'continue' as const } };

  test('is said once, and gives the address back', () => {
    const { launch, runTo, said, agent, untaken } = setUp();
    launch('t', { life: ended });
    runTo(20_000);
    expect(said.at(-1)).toBe('11000 t finished normal');
    expect(agent.interfaces[0].addresses).toBe(0);
    expect(agent.containers.size).toBe(1);
    untaken.forEach((taken) => taken());
    expect(agent.containers.size).toBe(0);
  });

  test('comes as the script says in every stage', () => {
    const failing = { delayMs: 50, then: { reason: 'local-system-error' as const, exitCode: 0 } };
    for (const stage of ['launched', 'startInitiated', 'started'] as const) {
      const { launch, runTo, said, agent } = setUp();
      launch('t', { life: { ...LIFE, [stage]: failing } });
      runTo(20_000);
      expect(said.at(-1)).toMatch(/t finished local-system-error$/);
      expect(agent.interfaces[0].addresses).toBe(0);
      expect(agent.preparing).toBe(0);
    }
  });

  test('never comes of a task that is forgotten, until it is killed', () => {
    const { fleet, agent, launch, runTo, said } = setUp();
    launch('t', { life: { ...LIFE, launched: { delayMs: 0, then: 'forget' } } });
    runTo(20_000);
    expect(said).toEqual([]);
    fleet.kill(agent, 't');
    runTo(30_000);
    expect(said).toEqual(['20300 t finished killed']);
  });

  test('never comes of a task whose kill is forgotten', () => {
    const { fleet, agent, launch, runTo, said } = setUp();
    launch('t', { life: { ...LIFE, killInitiated: { delayMs: 0, then: 'forget' } } });
    runTo(20_000);
    fleet.kill(agent, 't');
    fleet.kill(agent, 't');
    runTo(30_000);
    expect(said).toHaveLength(2);
    fleet.abandon(agent, 't');
    expect(agent.containers.size).toBe(0);
    expect(agent.interfaces[0].addresses).toBe(0);
  });
});

describe('a kill', () => {
  test('of a task that is being prepared lets the next one be prepared', () => {
    const { fleet, agent, launch, runTo, said } = setUp({ launchesAtATime: 1 });
    launch('t', { image: 'a' });
    launch('u', { image: 'b' });
    runTo(1_000);
    fleet.kill(agent, 't');
    runTo(20_000);
    expect(said).toEqual(['1300 t finished killed', '11000 u start-initiated', '11000 u started']);
  });

  test('of a task that the agent does not have is answered with lost', () => {
    const { fleet, agent, runTo, said } = setUp();
    fleet.kill(agent, 'nobody');
    expect(said).toEqual([]);
    runTo(1);
    expect(said).toEqual(['0 nobody finished lost']);
  });
});

test('a lost agent says nothing any more, whatever is asked of it', () => {
  const { fleet, agent, launch, runTo, said } = setUp();
  launch('t', { life: { ...LIFE, started: { delayMs: 1_000, then: 'continue' } } });
  runTo(5_000);
  fleet.lose(agent);
  launch('u');
  fleet.kill(agent, 't');
  fleet.kill(agent, 'nobody');
  runTo(60_000);
  expect(said).toEqual([]);
});

test('agents of a pool take zones in turn and ids in order', () => {
  const { fleet } = setUp();
  const agents = Array.from({ length: 4 }, () => fleet.add({ ...POOL, name: 'other' }, SHAPE));
  expect(agents.map(({ id, zone }) => `${id} ${zone}`)).toEqual([
    'other-00001 a',
    'other-00002 b',
    'other-00003 c',
    'other-00004 a',
  ]);
});
