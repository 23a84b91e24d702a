import { exclusiveHost, uniqueHost } from '@stowage/constraints';
import { binPacking, spreading } from '@stowage/fitness';
import { describe, expect, test } from 'vitest';
import { describe as inWords, type HardConstraint, Scheduler } from '../src/index.ts';

function schedulerWith(...cpus: number[]): Scheduler {
  const scheduler = new Scheduler({ fitness: binPacking('cpu') });
  cpus.forEach((cpu, i) =>
    scheduler.addAgent({ id: `agent-${i}`, resources: { cpu }, attributes: { zone: 'ab'[i % 2] } }),
  );
  return scheduler;
}

describe('scheduling', () => {
  test('a task goes to the best agent and sees those placed before it in the same call', () => {
    const scheduler = schedulerWith(8, 4, 4);
    const { placements } = scheduler.schedule([
      { id: 'a', resources: { cpu: 2 } },
      { id: 'b', resources: { cpu: 2 } },
      { id: 'c', resources: { cpu: 2 } },
    ]);
    expect(placements.map(({ agent }) => agent)).toEqual(['agent-1', 'agent-1', 'agent-2']);
    expect(scheduler.tasksOn('agent-1')).toEqual(['a', 'b']);
  });

  test('without a fitness the first feasible agent wins', () => {
    const scheduler = new Scheduler();
    for (const id of ['x', 'y']) scheduler.addAgent({ id, resources: { cpu: 1 } });
    expect(scheduler.schedule([{ id: 't', resources: { cpu: 1 } }]).placements[0].agent).toBe('x');
  });

  test('the fitness can be exchanged between calls', () => {
    const scheduler = schedulerWith(4, 8);
    scheduler.schedule([{ id: 'a', resources: { cpu: 1 } }]);
    scheduler.useFitness(spreading('cpu'));
    expect(scheduler.schedule([{ id: 'b', resources: { cpu: 1 } }]).placements[0].agent).toBe('agent-1');
    expect(scheduler.agentOf('a')).toBe('agent-0');
  });

  test('draining keeps tasks and refuses new ones; removing needs an empty agent', () => {
    const scheduler = schedulerWith(4, 4);
    scheduler.schedule([{ id: 'a', resources: { cpu: 1 } }]);
    scheduler.drainAgent('agent-0');
    expect(scheduler.schedule([{ id: 'b', resources: { cpu: 1 } }]).placements[0].agent).toBe('agent-1');
    scheduler.release('a');
    scheduler.removeAgent('agent-0');
    expect(scheduler.agents()).toEqual(['agent-1']);
    scheduler.addAgent({ id: 'again', resources: { cpu: 1 } });
    expect(scheduler.agents()).toEqual(['again', 'agent-1']);
  });

  test('an exclusive task starts only alone and keeps others out until it is released', () => {
    const scheduler = schedulerWith(4, 4);
    const exclusive = { resources: { cpu: 1 }, constraints: [exclusiveHost()] };
    scheduler.schedule([
      { id: 'plain', resources: { cpu: 1 } },
      { id: 'alone', ...exclusive },
    ]);
    expect(scheduler.agentOf('alone')).toBe('agent-1');
    const { failures } = scheduler.schedule([
      { id: 'second', ...exclusive },
      { id: 'wide', resources: { cpu: 4 } },
    ]);
    expect(failures.map(({ task }) => task)).toEqual(['second', 'wide']);
    scheduler.release('alone');
    expect(scheduler.schedule([{ id: 'wide', resources: { cpu: 4 } }]).placements).toHaveLength(1);
  });
});

test('what the engine calls by numbers has its id', () => {
  const scheduler = schedulerWith(8, 4);
  scheduler.schedule([
    { id: 'a', resources: { cpu: 2 }, agent: 'agent-0' },
    { id: 'b', resources: { cpu: 2 }, agent: 'agent-1' },
    { id: 'c', resources: { cpu: 2 }, agent: 'agent-0' },
  ]);
  const { engine } = scheduler;
  const named = engine
    .tasksOn()
    .map((handle) => [scheduler.taskIdOf(handle), scheduler.agentIdOf(engine.agentOf(handle))]);
  expect(named).toEqual([
    ['a', 'agent-0'],
    ['b', 'agent-1'],
    ['c', 'agent-0'],
  ]);
  const [handle] = engine.tasksOn(1);
  scheduler.release('b');
  scheduler.removeAgent('agent-1');
  expect([scheduler.taskIdOf(handle), scheduler.agentIdOf(1)]).toEqual([undefined, undefined]);
});

describe('gangs and what-if', () => {
  test('a gang is placed as a whole or not at all', () => {
    const scheduler = schedulerWith(4, 4);
    const gang = (count: number) =>
      Array.from({ length: count }, (_, i) => ({
        id: `g${i}`,
        job: 'gang',
        resources: { cpu: 3 },
        constraints: [uniqueHost()],
      }));
    const before = new Uint8Array(scheduler.snapshot());
    expect(scheduler.schedule(gang(3), { allOrNothing: true }).placements).toEqual([]);
    expect(new Uint8Array(scheduler.snapshot())).toEqual(before);
    expect(scheduler.schedule(gang(2), { allOrNothing: true }).placements).toHaveLength(2);
  });

  test('a what-if leaves nothing behind, even when it throws or leaves transactions open', () => {
    const scheduler = schedulerWith(4);
    scheduler.schedule([{ id: 'a', resources: { cpu: 1 } }]);
    const before = new Uint8Array(scheduler.snapshot());
    expect(
      scheduler.whatIf(() => {
        scheduler.release('a');
        scheduler.begin();
        return scheduler.schedule([{ id: 'b', resources: { cpu: 4 } }]).placements.length;
      }),
    ).toBe(1);
    expect(() =>
      scheduler.whatIf(() => {
        scheduler.release('a');
        throw new Error('stop');
      }),
    ).toThrow('stop');
    expect(new Uint8Array(scheduler.snapshot())).toEqual(before);
    expect(scheduler.tasksOn('agent-0')).toEqual(['a']);
  });

  test('an inner commit is undone by the outer rollback', () => {
    const scheduler = schedulerWith(4);
    scheduler.begin();
    scheduler.begin();
    scheduler.schedule([{ id: 'a', resources: { cpu: 1 } }]);
    scheduler.commit();
    scheduler.rollback();
    expect(scheduler.agentOf('a')).toBeUndefined();
    expect(scheduler.verify()).toEqual([]);
  });
});

describe('snapshots', () => {
  test('a restored scheduler goes on where the first one stood', () => {
    const scheduler = schedulerWith(4, 8, 4);
    scheduler.schedule(
      [1, 2, 3, 4].map((n) => ({
        id: `t${n}`,
        job: 'j',
        resources: { cpu: n / 2 },
        constraints: [uniqueHost()],
      })),
    );
    scheduler.drainAgent('agent-2');
    scheduler.release('t1');
    const restored = Scheduler.restore(scheduler.snapshot(), { fitness: binPacking('cpu') });
    const next = [{ id: 'n', job: 'j', resources: { cpu: 0.5 }, constraints: [uniqueHost()] }];
    expect(restored.schedule(next).placements).toEqual(scheduler.schedule(next).placements);
    expect(new Uint8Array(restored.snapshot())).toEqual(new Uint8Array(scheduler.snapshot()));
    restored.release('t3');
    expect(restored.verify()).toEqual([]);
  });
});

describe('explanations', () => {
  test('count every reason that applies, the sole ones and the nearest miss', () => {
    const scheduler = schedulerWith(4, 2, 8);
    scheduler.drainAgent('agent-2');
    const noZoneB: HardConstraint = {
      name: 'not zone b',
      bind: (cluster) => {
        const column = cluster.attribute('zone');
        return { test: (row) => (column.ids[row] === column.idOf('b') ? 1 : 0), explain: () => 'zone is b' };
      },
    };
    const { agents, feasible, reasons } = scheduler.explain({
      resources: { cpu: 6 },
      constraints: [noZoneB],
    });
    expect({ agents, feasible }).toEqual({ agents: 3, feasible: 0 });
    expect(reasons).toEqual([
      { kind: 'resource', name: 'cpu', agents: 2, soleReason: 1, leastShortfall: 2 },
      { kind: 'draining', name: 'draining', agents: 1, soleReason: 1 },
      { kind: 'constraint', name: 'not zone b', agents: 1, soleReason: 0, example: 'zone is b' },
    ]);
  });

  test('read as a sentence', () => {
    const scheduler = schedulerWith(4, 2);
    const { failures } = scheduler.schedule([{ id: 't', resources: { cpu: 5 } }]);
    expect(failures[0].reason).toBe('none of 2 agents is feasible: 2 lack cpu (nearest is short of 1)');
    expect(inWords(new Scheduler().explain({ resources: {} }))).toBe('there are no agents');
    expect(inWords(scheduler.explain({ resources: { cpu: 3 } }))).toBe('1 of 2 agents would take the task');
  });
});

test('equal requirements share a class, and classes without tasks are dropped when they become many', () => {
  const scheduler = schedulerWith(1000);
  const ask = (id: string, cpu: number) => ({ id, resources: { cpu }, constraints: [uniqueHost('missing')] });
  scheduler.schedule([ask('a', 1), ask('b', 1)]);
  expect(scheduler.engine.placedOf(0)).toBe(2);
  for (let i = 0; i < 5000; i++) {
    scheduler.schedule([ask('c', (1000 + i) / 1000)]);
    scheduler.release('c');
  }
  expect(() => scheduler.engine.placedOf(1000)).toThrow('UNKNOWN_CLASS');
  expect(scheduler.tasksOn('agent-0')).toEqual(['a', 'b']);
  expect(scheduler.verify()).toEqual([]);
});
