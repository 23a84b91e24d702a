/** Random small cells in which everything happens at once: what must hold whatever the order of events. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { runCell } from '../../src/cell/cell.ts';
import type { CellAction, CellScenario } from '../../src/cell/scenario.ts';
import { batch, MINUTE_MS, scenario, service, SHAPE, traced } from './set-up.ts';

const atMs = fc.integer({ min: 0, max: 20 * MINUTE_MS });

const anyAction: fc.Arbitrary<CellAction> = fc.oneof(
  fc.record({
    atMs,
    kind: fc.constant('lose-agents' as const),
    agents: fc.record({ count: fc.integer({ min: 1, max: 2 }) }),
  }),
  fc.record({
    atMs,
    kind: fc.constant('drain-agents' as const),
    agents: fc.record({ count: fc.integer({ min: 1, max: 2 }) }),
  }),
  fc.record({
    atMs,
    kind: fc.constant('replace-pool' as const),
    pool: fc.constantFrom('critical', 'flex'),
    batch: fc.integer({ min: 1, max: 3 }),
  }),
  fc.record({
    atMs,
    kind: fc.constant('switch-placement' as const),
    placement: fc.constantFrom('packing' as const, 'spreading' as const),
  }),
  fc.record({
    atMs,
    kind: fc.constant('update-capacity' as const),
    job: fc.constant('web-*'),
    capacity: fc.oneof(
      fc.record({ desired: fc.integer({ min: 0, max: 12 }) }),
      fc.record({ factor: fc.constantFrom(0.5, 2) }),
    ),
  }),
  fc.record({ atMs, kind: fc.constant('kill-job' as const), job: fc.constantFrom('web-1', 'job-2', '*') }),
  fc.record({
    atMs,
    kind: fc.constant('restart-master' as const),
    downMs: fc.constantFrom(0, 1_000, 90_000),
  }),
);

const autoscale = { minIdle: 1, maxIdle: 2, maxSize: 8, coolDownMs: MINUTE_MS };

const anyScenario: fc.Arbitrary<CellScenario> = fc
  .record({
    services: fc.integer({ min: 1, max: 3 }),
    batches: fc.integer({ min: 1, max: 4 }),
    isScaled: fc.boolean(),
    actions: fc.array(anyAction, { maxLength: 5 }),
    duplicate: fc.constantFrom(0, 0.2),
    late: fc.constantFrom(0, 0.2),
    wrong: fc.constantFrom(0, 0.2),
    failing: fc.constantFrom(0, 0.1),
    silent: fc.constantFrom(0, 0.05),
    launchesAtATime: fc.integer({ min: 1, max: 3 }),
  })
  .map(({ services, batches, isScaled, actions, duplicate, late, wrong, failing, silent, launchesAtATime }) =>
    scenario({
      durationMs: 40 * MINUTE_MS,
      pools: [
        { name: 'critical', tier: 'critical', agents: 5, shape: SHAPE, bootMs: MINUTE_MS },
        {
          name: 'flex',
          tier: 'flexible',
          agents: 2,
          shape: SHAPE,
          bootMs: MINUTE_MS,
          ...(isScaled ? { autoscale } : {}),
        },
      ],
      capacityGroups: [{ name: 'web', tier: 'critical', guarantee: { cpu: 4 } }],
      arrivals: [
        {
          name: 'web',
          when: { everyMs: 70_000, count: services },
          spec: (n) => service(3 * n, { securityGroup: `sg-${n}`, image: `web-${n}` }),
        },
        {
          name: 'job',
          when: { everyMs: 110_000, count: batches },
          spec: (n, random) => batch(1 + random.below(9), { securityGroup: `sg-${n % 2}`, retries: 2 }),
        },
      ],
      lifeCycles: [
        {
          selector: { kind: 'batch' },
          launched: { delayMs: 50, action: 'forget', probability: silent },
          started: {
            delayMs: { kind: 'exponential', meanMs: 90_000 },
            action: { finish: 'failed' },
            probability: failing,
          },
        },
        {
          launched: { delayMs: 50, action: 'forget', probability: silent },
          started: {
            delayMs: { kind: 'exponential', meanMs: 10 * MINUTE_MS },
            action: { finish: 'crashed' },
          },
        },
      ],
      actions,
      faults: { duplicate, late, wrong },
      costs: { launchesAtATime },
    }),
  );

describe('any small cell', () => {
  test('has an engine, a queue, agents and managers that agree after every few events', () => {
    fc.assert(
      fc.property(anyScenario, fc.integer(), (fields, seed) => {
        expect(() => runCell(fields, { seed, check: 20 })).not.toThrow();
      }),
      { numRuns: 60 },
    );
  });

  test('runs the same for the same seed, event by event, looked at or not', () => {
    fc.assert(
      fc.property(anyScenario, fc.integer(), (fields, seed) => {
        const { wallMs: _, ...first } = runCell(fields, { seed });
        const { wallMs: __, ...again } = runCell(fields, { seed, check: 50 });
        expect(again).toEqual(first);
      }),
      { numRuns: 20 },
    );
  });
});

test('another seed is another run', () => {
  const fields = scenario({
    arrivals: [{ name: 'job', when: { ratePerHour: 60 }, spec: batch(2) }],
    lifeCycles: [{ started: { delayMs: { kind: 'exponential', meanMs: MINUTE_MS } } }],
  });
  const hashes = Array.from({ length: 20 }, (_, seed) => runCell(fields, { seed }).trace.hash);
  expect(new Set(hashes).size).toBe(20);
});

describe('restarts of the master at any times', () => {
  test('lose no task and run none twice', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(10 * MINUTE_MS), fc.constantFrom(0, 500, 20_000)), {
          minLength: 1,
          maxLength: 6,
        }),
        fc.integer(),
        (restarts, seed) => {
          const { run, events } = traced(
            {
              arrivals: [
                { name: 'web', when: { atMs: 0 }, spec: service(8) },
                { name: 'job', when: { everyMs: 45_000, count: 10 }, spec: batch(6) },
              ],
              lifeCycles: [
                {
                  selector: { kind: 'batch' },
                  started: { delayMs: { kind: 'exponential', meanMs: MINUTE_MS } },
                },
              ],
              actions: restarts.map(([at, downMs]) => ({
                atMs: at,
                kind: 'restart-master' as const,
                downMs,
              })),
            },
            { seed },
          );
          expect(run.totals).toMatchObject({
            jobsFinished: 10,
            launches: 68,
            starts: 68,
            ends: { normal: 60 },
          });
          expect(run.totals.tasksCreated).toBe(68);
          expect(run.samples.at(-1)!.tasks.started).toBe(8);
          const ends = events.filter(({ event, state }) => event === 'task' && state === 'finished');
          expect(new Set(ends.map(({ task }) => task)).size).toBe(60);
        },
      ),
      { numRuns: 30 },
    );
  });
});
