/**
 * The what-if in random clusters. Without constraints it must do exactly what first fit does on paper; with constraints
 * it must leave nothing undone that a pool with room could do. Always: the scheduler is the same afterwards.
 */
import { attributeIn, exclusiveHost, uniqueHost } from '@stowage/constraints';
import { type HardConstraint, Scheduler, type TaskSpec } from '@stowage/core';
import { sameBytes } from '@stowage/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { exactShortfall, type ExactShortfall, type PoolTemplate } from '../src/index.ts';

interface Case {
  readonly agents: readonly number[];
  readonly running: readonly number[];
  readonly pools: readonly { readonly cpu: number; readonly room: number }[];
  readonly tasks: readonly number[];
}

const cpu = fc.integer({ min: 1, max: 8 });
const cases: fc.Arbitrary<Case> = fc.record({
  agents: fc.array(cpu, { maxLength: 4 }),
  running: fc.array(cpu, { maxLength: 3 }),
  pools: fc.array(fc.record({ cpu, room: fc.constantFrom(0, 1, 2, 3, 20, Infinity) }), { maxLength: 3 }),
  tasks: fc.array(cpu, { maxLength: 12 }),
});

function schedulerOf({ agents, running }: Pick<Case, 'agents' | 'running'>): Scheduler {
  const scheduler = new Scheduler();
  agents.forEach((total, i) =>
    scheduler.addAgent({ id: `real-${i}`, resources: { cpu: total }, attributes: { zone: `${i % 2}` } }),
  );
  scheduler.schedule(running.map((needed, i) => ({ id: `running-${i}`, resources: { cpu: needed } })));
  return scheduler;
}

function poolsOf({ pools }: Pick<Case, 'pools'>): PoolTemplate[] {
  return pools.map(({ cpu: total, room }, i) => ({
    pool: `pool-${i}`,
    room,
    template: { resources: { cpu: total }, attributes: { zone: `${i}` } },
  }));
}

function askUnchanged(
  scheduler: Scheduler,
  pools: readonly PoolTemplate[],
  tasks: readonly TaskSpec[],
): ExactShortfall {
  const before = scheduler.snapshot();
  const result = exactShortfall(scheduler, pools, tasks);
  expect(sameBytes(scheduler.snapshot(), before)).toBe(true);
  expect(scheduler.verify()).toEqual([]);
  expect(exactShortfall(scheduler, pools, tasks)).toEqual(result);
  return result;
}

/** First fit on paper: agents opened per pool and the tasks left over, for tasks in this order. */
function onPaper(
  free: readonly number[],
  pools: Case['pools'],
  tasks: readonly (readonly [id: number, cpu: number])[],
): { readonly opened: number[]; readonly left: number[] } {
  const bins = [...free];
  const opened = pools.map(() => 0);
  const left: number[] = [];
  for (const [id, needed] of tasks) {
    const bin = bins.findIndex((space) => space >= needed);
    if (bin >= 0) bins[bin] -= needed;
    else {
      const pool = pools.findIndex(({ cpu: total, room }, i) => total >= needed && opened[i] < room);
      if (pool < 0) left.push(id);
      else {
        opened[pool]++;
        bins.push(pools[pool].cpu - needed);
      }
    }
  }
  return { opened, left };
}

test('without constraints it is first fit, tried once more with what was left over first', () => {
  fc.assert(
    fc.property(cases, (given) => {
      const scheduler = schedulerOf(given);
      const free = given.agents.map((_, i) => scheduler.engine.cluster.free('cpu')[i] / 1000);
      const tasks = given.tasks.map((needed, i) => ({ id: `task-${i}`, resources: { cpu: needed } }));
      const numbered = given.tasks.map((needed, i) => [i, needed] as const);
      let expected = onPaper(free, given.pools, numbered);
      if (expected.left.length > 0 && expected.opened.some((agents) => agents > 0)) {
        const { left } = expected;
        const again = [
          ...numbered.filter(([id]) => left.includes(id)),
          ...numbered.filter(([id]) => !left.includes(id)),
        ];
        const second = onPaper(free, given.pools, again);
        if (second.left.length < left.length) expected = second;
      }
      const { pools, unplaced } = askUnchanged(scheduler, poolsOf(given), tasks);
      expect(given.pools.map((_, i) => pools.find(({ pool }) => pool === `pool-${i}`)?.agents ?? 0)).toEqual(
        expected.opened,
      );
      expect([...unplaced].sort()).toEqual(expected.left.map((id) => `task-${id}`).sort());
    }),
    { numRuns: 600 },
  );
});

const CONSTRAINTS: readonly HardConstraint[] = [
  uniqueHost(),
  exclusiveHost(),
  attributeIn('zone', ['0']),
  attributeIn('zone', ['1', '2']),
];

test('with constraints every agent gets tasks, and what is left over fits on no agent that could still come', () => {
  const constrained = fc.record({
    world: cases,
    jobs: fc.array(fc.record({ job: fc.constantFrom('a', 'b'), which: fc.subarray([0, 1, 2, 3]) }), {
      minLength: 12,
      maxLength: 12,
    }),
  });
  fc.assert(
    fc.property(constrained, ({ world, jobs }) => {
      const tasks = world.tasks.map((needed, i) => ({
        id: `task-${i}`,
        job: jobs[i].job,
        resources: { cpu: needed },
        constraints: jobs[i].which.map((number) => CONSTRAINTS[number]),
      }));
      const templates = poolsOf(world);
      const result = askUnchanged(schedulerOf(world), templates, tasks);
      const all = [...result.placed, ...result.unplaced, ...result.pools.flatMap(({ tasks: ids }) => ids)];
      expect(all.sort()).toEqual(tasks.map(({ id }) => id).sort());
      for (const { pool, agents, tasks: ids } of result.pools) {
        expect(agents).toBeLessThanOrEqual(templates.find((one) => one.pool === pool)!.room);
        expect(agents).toBeLessThanOrEqual(ids.length);
      }
      for (const { pool, room, template } of templates) {
        if ((result.pools.find((one) => one.pool === pool)?.agents ?? 0) >= room) continue;
        const empty = new Scheduler();
        empty.addAgent({ ...template, id: 'new' });
        for (const id of result.unplaced)
          expect(empty.explain(tasks.find((task) => task.id === id)!).feasible).toBe(0);
      }
    }),
    { numRuns: 400 },
  );
});
