/** Searches that stop early: where they may, what they answer then, and what they refuse. */
import { fitness, Scheduler, type StowageError } from '@stowage/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { binPacking, goodEnough, sampled, spreading } from '../src/index.ts';

const BLOCK = 64;

/** Agents of 100 cpu of which agent i has i cpu in use, but for the first, which is full. */
function staircase(agents: number, ascending = true): Scheduler {
  const scheduler = new Scheduler({ resources: [{ name: 'cpu' }] });
  for (let i = 0; i < agents; i++) {
    scheduler.addAgent({ id: `a${i}`, resources: { cpu: 100 } });
    const cpu = ascending ? i % 90 : 89 - (i % 90);
    if (cpu > 0) scheduler.adopt({ id: `old-${i}`, resources: { cpu } }, `a${i}`);
  }
  return scheduler;
}

function place(scheduler: Scheduler, id: string, calculator: ReturnType<typeof binPacking>) {
  return scheduler.schedule([{ id, resources: { cpu: 1 }, fitness: calculator }]);
}

describe('good enough', () => {
  test('stops at the first block with a score that far up the range, and takes the best of it', () => {
    const scheduler = staircase(300);
    const half = goodEnough(binPacking('cpu'), 0.5);
    const { placements } = place(scheduler, 't', half);
    const row = Number(placements[0].agent.slice(1));
    const seen = Array.from({ length: 300 }, (_, i) => i);
    const start = (300 * 0 + scheduler.engine.cluster.placements() - 1) * BLOCK;
    const block = seen.map((_, i) => (start + i) % 300).slice(0, BLOCK);
    expect(block.some((other) => (other % 90) + 1 >= 50)).toBe(true);
    expect(row % 90).toBe(Math.max(...block.map((other) => other % 90)));
  });

  test('1 looks on until nothing can be better, so the answer is the exact one', () => {
    const scheduler = staircase(300);
    const { placements } = place(scheduler, 't', goodEnough(binPacking('cpu'), 1));
    expect(placements[0].agent).toBe('a89');
  });

  test('0 takes the first feasible agents', () => {
    const scheduler = staircase(300);
    const before = scheduler.engine.work.evaluations;
    place(scheduler, 't', goodEnough(spreading('cpu'), 0));
    expect(scheduler.engine.work.evaluations - before).toBe(BLOCK);
  });
});

describe('sampled', () => {
  test('looks at whole blocks until it has seen as many feasible agents as asked for', () => {
    const scheduler = staircase(1000);
    const slow = fitness('slow', (_task, agent) => agent.row);
    const before = scheduler.engine.work.evaluations;
    place(scheduler, 't', sampled(slow, 100));
    expect(scheduler.engine.work.evaluations - before).toBe(2 * BLOCK);
  });

  test('starts elsewhere after every placement, so no agent is left out for ever', () => {
    const scheduler = new Scheduler({ resources: [{ name: 'cpu' }] });
    for (let i = 0; i < 200; i++) scheduler.addAgent({ id: `a${i}`, resources: { cpu: 100 } });
    const seen = new Set<number>();
    const watching = fitness('watches', (_task, agent) => {
      seen.add(agent.row);
      return -agent.row;
    });
    for (let i = 0; i < 25; i++) place(scheduler, `t${i}`, sampled(watching, 1));
    expect(seen.size).toBe(200);
  });

  test('finds an agent whenever there is one', () => {
    fc.assert(
      fc.property(
        fc.array(fc.boolean(), { minLength: 1, maxLength: 300 }),
        fc.integer({ min: 1, max: 50 }),
        fc.nat(20),
        (hasRoom, feasibleAgents, earlier) => {
          const scheduler = new Scheduler({ resources: [{ name: 'cpu' }] });
          scheduler.addAgent({ id: 'busy', resources: { cpu: 0 } });
          for (let i = 0; i < earlier; i++) scheduler.adopt({ id: `old-${i}`, resources: {} }, 'busy');
          hasRoom.forEach((room, i) => scheduler.addAgent({ id: `a${i}`, resources: { cpu: room ? 1 : 0 } }));
          const { placements } = place(scheduler, 't', sampled(binPacking('cpu'), feasibleAgents));
          expect(placements.length).toBe(hasRoom.includes(true) ? 1 : 0);
          if (placements.length > 0) expect(hasRoom[Number(placements[0].agent.slice(1))]).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('behind soft constraints only the sample counts', () => {
    const scheduler = staircase(300);
    const soft = { ...fitness('none', () => 0), range: [0, 1_048_576] as const };
    const asked = (calculator: ReturnType<typeof binPacking>) => {
      const before = scheduler.engine.work.evaluations;
      const task = { id: calculator.name, resources: { cpu: 1 }, softConstraints: [soft] };
      scheduler.schedule([{ ...task, fitness: calculator }]);
      return scheduler.engine.work.evaluations - before;
    };
    expect(asked(goodEnough(binPacking('cpu'), 0))).toBe(300);
    expect(asked(sampled(binPacking('cpu'), 1))).toBe(BLOCK);
  });
});

test('the plan says that the search may stop early', () => {
  const { engine } = staircase(10);
  const id = engine.defineClass({ resources: { cpu: 1 }, fitness: sampled(binPacking('cpu'), 3) });
  engine.place(id);
  expect(engine.explainPlan(id)).toMatchObject({ structure: 'sampled-scan' });
});

describe('bad parameters', () => {
  const codeOf = (action: () => unknown): string => {
    try {
      action();
    } catch (error) {
      return (error as StowageError).code;
    }
    return 'no error';
  };
  test.each([-0.1, 1.1, NaN, 'x' as never])('good enough at %s', (part) => {
    expect(codeOf(() => goodEnough(binPacking('cpu'), part))).toBe('INVALID_PLUGIN');
  });
  test.each([0, 1.5, NaN, -3])('%s feasible agents', (agents) => {
    expect(codeOf(() => sampled(binPacking('cpu'), agents))).toBe('INVALID_PLUGIN');
  });
  test('a calculator without range cannot be good enough', () => {
    const scheduler = staircase(3);
    const { failures } = place(
      scheduler,
      't',
      goodEnough(
        fitness('no range', () => 1),
        0.5,
      ),
    );
    expect(failures[0].error).toMatchObject({ code: 'INVALID_PLUGIN' });
  });
  test.each([{ goodEnough: 2 }, { feasibleAgents: 0 }])('a plug-in that declares %j is refused', (search) => {
    expect(codeOf(() => new Scheduler({ fitness: { ...binPacking('cpu'), search } }))).toBe('INVALID_PLUGIN');
  });
});
