import fc from 'fast-check';
import { expect, test } from 'vitest';
import { balanceAcross, freeAgents, migrate, planRebalance } from '../src/index.ts';
import { type Cluster, clusterOf, idleRows } from './cluster.ts';

const clusterArbitrary = fc
  .integer({ min: 2, max: 7 })
  .chain((agents) =>
    fc.record({
      zones: fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: agents, maxLength: agents }),
      draining: fc.option(fc.nat(agents - 1), { nil: undefined }),
      tasks: fc.array(
        fc.record({
          cpu: fc.constantFrom(50, 100, 250, 400),
          row: fc.nat(agents - 1),
          job: fc.constantFrom('x', 'y', 'z'),
          unique: fc.boolean(),
        }),
        { maxLength: 25 },
      ),
    }),
  )
  .map(({ zones, draining, tasks }) => {
    const cluster = clusterOf(zones, tasks);
    if (draining !== undefined) cluster.engine.drainAgent(draining);
    return { ...cluster, zones };
  });

const budgetArbitrary = fc.record({ maxMigrations: fc.nat(12), perJob: fc.nat(6) });

/** Tasks of a job by zone, of the zones that take tasks and the one asked for. */
function spread({ engine, jobs }: Cluster, zones: readonly string[], job: string): number[] {
  const open = new Set(zones.filter((_, row) => !engine.isDraining(row)));
  const handles = [...jobs].filter(([, name]) => name === job).map(([handle]) => handle);
  return [...open].map(
    (zone) =>
      handles.filter((handle) => engine.hasTask(handle) && zones[engine.agentOf(handle)] === zone).length,
  );
}

test('a plan changes nothing, stays within its budget, and holds when it is carried out', () => {
  let migrations = 0;
  let emptied = 0;
  let balanced = 0;
  fc.assert(
    fc.property(
      clusterArbitrary,
      budgetArbitrary,
      fc.boolean(),
      (cluster, { maxMigrations, perJob }, first) => {
        const { engine, jobs, zones } = cluster;
        const before = engine.snapshot();
        const skews = new Map(['x', 'y', 'z'].map((job) => [job, skewOf(spread(cluster, zones, job))]));
        const groupOf = (task: number): string | undefined => jobs.get(task);
        const goals = [freeAgents(), balanceAcross('zone', { groupOf })];
        const plan = planRebalance(engine, {
          goals: first ? goals : goals.toReversed(),
          budget: { maxMigrations, groups: { of: groupOf, maxMigrations: () => perJob } },
        });
        expect(engine.snapshot()).toEqual(before);

        const moves = plan.steps.flatMap((step) => step.migrations);
        expect(moves.length).toBeLessThanOrEqual(maxMigrations);
        expect(moves.length).toBe(plan.migrations);
        expect(plan.cost).toBe(moves.length);
        expect(new Set(moves.map(({ task }) => task)).size).toBe(moves.length);
        for (const job of ['x', 'y', 'z'])
          expect(moves.filter(({ task }) => jobs.get(task) === job).length).toBeLessThanOrEqual(perJob);

        const moved = new Map(jobs);
        for (const move of moves) {
          expect(engine.agentOf(move.task)).toBe(move.from);
          const handle = migrate(engine, move);
          expect(handle).toBeGreaterThanOrEqual(0);
          moved.delete(move.task);
          moved.set(handle, jobs.get(move.task)!);
        }
        expect(engine.verify()).toEqual([]);

        const freed = plan.steps.filter(({ goal }) => goal === 'free agents');
        const nowIdle = idleRows(engine);
        for (const {
          migrations: [{ from }],
        } of freed)
          expect(nowIdle).toContain(from);
        const moving = plan.steps.filter(({ goal }) => goal === 'balance across zone');
        if (freed.length === 0) {
          const after = { engine, jobs: moved };
          for (const [job, skew] of skews) {
            const now = skewOf(spread(after, zones, job));
            expect(now).toBeLessThanOrEqual(skew);
          }
        }
        migrations += moves.length;
        emptied += freed.length;
        balanced += moving.length;
      },
    ),
    { numRuns: 400 },
  );
  // The property would hold of a planner that never proposes anything, too.
  expect(Math.min(migrations, emptied, balanced)).toBeGreaterThan(30);
});

test('without limits and with room, no job is left unbalanced', () => {
  const jobs = fc.array(fc.tuple(fc.nat(5), fc.constantFrom('x', 'y')), { maxLength: 20 });
  fc.assert(
    fc.property(jobs, (placed) => {
      const zones = ['a', 'a', 'b', 'b', 'c', 'c'];
      const cluster = clusterOf(
        zones,
        placed.map(([row, job]) => ({ row, job, cpu: 10 })),
      );
      const groupOf = (task: number): string | undefined => cluster.jobs.get(task);
      const { steps } = planRebalance(cluster.engine, { goals: [balanceAcross('zone', { groupOf })] });
      for (const job of ['x', 'y']) {
        const counts = spread(cluster, zones, job);
        const total = counts.reduce((sum, count) => sum + count, 0);
        // As few as there can be: of the zones with most, as many keep one more than the rest as do not divide evenly.
        const ranked = counts.toSorted((a, b) => b - a);
        const least = ranked.reduce(
          (sum, count, i) => sum + Math.max(0, count - Math.floor(total / 3) - (i < total % 3 ? 1 : 0)),
          0,
        );
        expect(steps.filter(({ effect }) => effect.startsWith(`brings a task of ${job} `))).toHaveLength(
          least,
        );
      }
    }),
  );
});

function skewOf(counts: readonly number[]): number {
  return counts.length === 0 ? 0 : Math.max(...counts) - Math.min(...counts);
}
