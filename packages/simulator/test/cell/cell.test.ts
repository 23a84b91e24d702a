/** What a cell does with one thing at a time; every run is checked event by event. */
import type { StowageError } from '@stowage/core';
import { describe, expect, test } from 'vitest';
import { cellSteps, runCell } from '../../src/cell/cell.ts';
import type { CellScenario } from '../../src/cell/scenario.ts';
import { batch, lastStates, MINUTE_MS, scenario, service, SHAPE, traced } from './set-up.ts';

const WEB = { name: 'web', when: { atMs: 0 }, spec: service(12) };

describe('jobs', () => {
  test('a batch job runs all its tasks to their end and leaves nothing behind', () => {
    const { run } = traced({ arrivals: [{ name: 'job', when: { atMs: 0 }, spec: batch(20) }] });
    expect(run.totals).toMatchObject({
      jobsSubmitted: 1,
      jobsFinished: 1,
      tasksCreated: 20,
      launches: 20,
      starts: 20,
      ends: { normal: 20 },
      rejections: {},
    });
    const last = run.samples.at(-1)!;
    expect(last.queued).toBe(0);
    expect(last.activeJobs).toBe(0);
    expect(last.utilisation.cpu).toBe(0);
    expect(last.utilisation.eni).toBe(0);
  });

  test('a service keeps its tasks started, in the pools of its tier', () => {
    const { run, events } = traced({ arrivals: [WEB] });
    const last = run.samples.at(-1)!;
    expect(last.tasks.started).toBe(12);
    expect(last.utilisation.cpu).toBeCloseTo(12 / 80);
    const agents = [...lastStates(events).values()].map(({ agent }) => agent);
    expect(agents.every((agent) => String(agent).startsWith('critical-'))).toBe(true);
    expect(run.outcomes.availability.share).toBeGreaterThan(0.95);
  });

  test('what a job names as constraint holds', () => {
    const spec = service(6, { hardConstraints: { uniqueHost: 'true' } });
    const { events } = traced({ arrivals: [{ name: 'web', when: { atMs: 0 }, spec }] });
    const agents = [...lastStates(events).values()].map(({ agent }) => agent);
    expect(new Set(agents).size).toBe(6);
  });

  test('a failing task is tried again as its job says, and the job fails', () => {
    const { run } = traced({
      arrivals: [{ name: 'job', when: { atMs: 0 }, spec: batch(3, { retries: 2 }) }],
      lifeCycles: [
        { selector: { indexes: { from: 1, to: 1 } }, started: { delayMs: 5, action: { finish: 'failed' } } },
      ],
    });
    expect(run.totals.ends).toEqual({ normal: 2, failed: 3 });
    expect(run.totals.jobsFinished).toBe(1);
  });

  test('a service that crashes at its start comes into a crash loop and is started less and less often', () => {
    const { run } = traced({
      arrivals: [{ name: 'web', when: { atMs: 0 }, spec: service(1) }],
      lifeCycles: [{ started: { delayMs: 100, action: { finish: 'failed' } } }],
    });
    expect(run.totals.crashLoops).toBe(1);
    expect(run.samples.at(-1)!.crashLoops).toBe(1);
    const failed = run.totals.ends.failed!;
    expect(failed).toBeGreaterThan(5);
    expect(failed).toBeLessThan(40);
  });

  test('a task of which nothing is heard is killed as stuck and replaced', () => {
    const { run } = traced({
      arrivals: [{ name: 'web', when: { atMs: 0 }, spec: service(2) }],
      lifeCycles: [
        { selector: { resubmits: [0], indexes: { from: 0, to: 0 } }, launched: { action: 'forget' } },
      ],
    });
    expect(run.totals.ends).toEqual({ 'stuck-in-state': 1 });
    expect(run.samples.at(-1)!.tasks.started).toBe(2);
  });

  test('a task that cannot be killed is given up, and its agent forgets it', () => {
    const { run } = traced({
      durationMs: 60 * MINUTE_MS,
      arrivals: [{ name: 'web', when: { atMs: 0 }, spec: service(2) }],
      lifeCycles: [{ killInitiated: { action: 'forget' } }],
      actions: [{ atMs: 5 * MINUTE_MS, kind: 'kill-job', job: 'web' }],
    });
    expect(run.totals.ends).toEqual({ 'stuck-in-killing-state': 2 });
    expect(run.totals.kills).toBe(4);
    expect(run.totals.jobsFinished).toBe(1);
  });

  test('a job that the limits refuse ends the run with the field that is wrong', () => {
    const spec = { ...batch(1), size: 'many' };
    expect(() => runCell(scenario({ arrivals: [{ name: 'job', when: { atMs: 0 }, spec }] }))).toThrow(
      /job "job" of scenario "small", size/,
    );
  });
});

describe('actions', () => {
  test('tasks of lost agents are lost when that is noticed, and run elsewhere', () => {
    const { run, events } = traced({
      arrivals: [WEB],
      actions: [{ atMs: 10 * MINUTE_MS, kind: 'lose-agents', agents: { pool: 'critical', count: 2 } }],
    });
    const lost = events.filter(({ event, reason }) => event === 'task' && reason === 'lost');
    expect(lost.length).toBeGreaterThan(0);
    expect(lost.every(({ atMs }) => atMs === 11 * MINUTE_MS)).toBe(true);
    const last = run.samples.at(-1)!;
    expect(last.tasks.started).toBe(12);
    expect(last.pools.critical.busy + last.pools.critical.idle).toBe(4);
    expect(run.totals.agentsLost).toBe(2);
  });

  test('drained agents are emptied under the budgets of the jobs, and leave', () => {
    const { run, events } = traced({
      arrivals: [WEB],
      actions: [{ atMs: 5 * MINUTE_MS, kind: 'drain-agents', agents: { pool: 'critical', count: 3 } }],
    });
    expect(run.totals.agentsRemoved).toBe(3);
    expect(run.totals.evictions).toBeGreaterThan(0);
    expect(run.totals.ends).toEqual({ evicted: run.totals.evictions });
    expect(leastStarted(events, 5 * MINUTE_MS, 12)).toBeGreaterThanOrEqual(9);
    expect(run.samples.at(-1)!.tasks.started).toBe(12);
  });

  test('a pool is replaced batch by batch, never with fewer healthy tasks than the budget demands', () => {
    const { run, events } = traced({
      durationMs: 60 * MINUTE_MS,
      arrivals: [WEB],
      actions: [{ atMs: 5 * MINUTE_MS, kind: 'replace-pool', pool: 'critical', batch: 2 }],
    });
    expect(run.totals).toMatchObject({ agentsBooted: 6, agentsRemoved: 6 });
    const last = run.samples.at(-1)!;
    expect(last.pools.critical).toEqual({
      busy: last.pools.critical.busy,
      idle: 6 - last.pools.critical.busy,
      draining: 0,
      starting: 0,
    });
    expect(last.tasks.started).toBe(12);
    expect(leastStarted(events, 5 * MINUTE_MS, 12)).toBeGreaterThanOrEqual(9);
    const removed = events.filter(({ event, state }) => event === 'agent' && state === 'removed');
    expect(removed.map(({ agent }) => agent).sort()).toEqual(
      [1, 2, 3, 4, 5, 6].map((n) => `critical-0000${n}`),
    );
  });

  test('a pool that is replaced by agents of another shape has that shape from then on', () => {
    const shape = { ...SHAPE, cpu: 16 };
    const { run } = traced({
      durationMs: 60 * MINUTE_MS,
      arrivals: [WEB],
      actions: [{ atMs: 5 * MINUTE_MS, kind: 'replace-pool', pool: 'critical', batch: 3, shape }],
    });
    expect(run.samples[0].utilisation.cpu).toBeCloseTo(12 / (6 * 8 + 4 * 8));
    expect(run.samples.at(-1)!.utilisation.cpu).toBeCloseTo(12 / (6 * 16 + 4 * 8));
  });

  test('capacity follows what it is told, by number and by factor', () => {
    const { run } = traced({
      arrivals: [WEB],
      actions: [
        { atMs: 5 * MINUTE_MS, kind: 'update-capacity', job: 'w*', capacity: { desired: 4 } },
        { atMs: 15 * MINUTE_MS, kind: 'update-capacity', job: 'web', capacity: { factor: 2 } },
      ],
    });
    const started = (minute: number) => run.samples[minute - 1].tasks.started;
    expect([started(4), started(14), started(29)]).toEqual([12, 4, 8]);
    expect(run.totals.ends).toEqual({ 'scaled-down': 8 });
  });

  test('a killed job ends, and its agents are free', () => {
    const { run } = traced({
      arrivals: [WEB],
      actions: [{ atMs: 5 * MINUTE_MS, kind: 'kill-job', job: 'web' }],
    });
    expect(run.totals.ends).toEqual({ killed: 12 });
    expect(run.samples.at(-1)!.utilisation.cpu).toBe(0);
  });

  test('packing puts a service on fewer agents than spreading', () => {
    const agentsOf = (placement: 'spreading' | 'packing') =>
      traced({ arrivals: [WEB], placement }).run.samples.at(-1)!.pools.critical.busy;
    expect(agentsOf('spreading')).toBe(6);
    expect(agentsOf('packing')).toBeLessThan(4);
  });

  test('placement can be switched while the cell runs', () => {
    const { run } = traced({
      arrivals: [{ name: 'late', when: { atMs: 10 * MINUTE_MS }, spec: service(4) }],
      actions: [{ atMs: 5 * MINUTE_MS, kind: 'switch-placement', placement: 'packing' }],
    });
    expect(run.samples.at(-1)!.pools.critical.busy).toBe(1);
    expect(run.marks).toEqual([
      { atMs: 5 * MINUTE_MS, kind: 'switch-placement', label: 'placement: packing' },
    ]);
  });

  test('a restart of the master changes nothing for what runs', () => {
    const actions: CellScenario['actions'] = [
      { atMs: 5 * MINUTE_MS, kind: 'restart-master', downMs: 30_000 },
    ];
    const { run, events } = traced({ arrivals: [WEB], actions });
    expect(run.totals).toMatchObject({ masterRestarts: 1, launches: 12, ends: {}, kills: 0, rejections: {} });
    expect(events.filter(({ event }) => event === 'task').every(({ atMs }) => atMs < 5 * MINUTE_MS)).toBe(
      true,
    );
  });

  test('what is said and asked while the master is down reaches the next one', () => {
    const { run } = traced({
      arrivals: [
        { name: 'early', when: { atMs: 0 }, spec: batch(6) },
        { name: 'late', when: { atMs: MINUTE_MS + 30_000 }, spec: batch(6) },
      ],
      actions: [
        { atMs: MINUTE_MS, kind: 'restart-master', downMs: 5 * MINUTE_MS },
        { atMs: 2 * MINUTE_MS, kind: 'lose-agents', agents: { pool: 'critical', count: 1 } },
      ],
    });
    expect(run.totals).toMatchObject({ jobsFinished: 2, launches: 12, ends: { normal: 12 } });
  });
});

describe('pools with a rule', () => {
  const autoscale = {
    minIdle: 1,
    maxIdle: 2,
    maxSize: 20,
    coolDownMs: MINUTE_MS,
    idleGraceMs: 2 * MINUTE_MS,
  };
  const pools = [
    { name: 'flex', tier: 'flexible' as const, agents: 2, shape: SHAPE, bootMs: MINUTE_MS, autoscale },
  ];

  test('grow for tasks that found no agent, and shrink when they are gone', () => {
    const { run } = traced({
      durationMs: 60 * MINUTE_MS,
      pools,
      arrivals: [{ name: 'job', when: { atMs: 5 * MINUTE_MS }, spec: batch(60) }],
      lifeCycles: [{ started: { delayMs: 10 * MINUTE_MS } }],
    });
    const sizes = run.samples.map(({ pools: { flex } }) => flex.busy + flex.idle);
    expect(Math.max(...sizes)).toBeGreaterThanOrEqual(8);
    expect(sizes.at(-1)).toBeLessThanOrEqual(2);
    expect(run.totals.ends).toEqual({ normal: 60 });
    expect(run.samples.some(({ pools: { flex } }) => flex.starting > 0)).toBe(true);
  });
});

describe('the result', () => {
  test('has a sample for every interval, whose counts add up to the totals', () => {
    const { run } = traced({ arrivals: [WEB, { name: 'job', when: { everyMs: 60_000 }, spec: batch(5) }] });
    expect(run.samples.map(({ atMs }) => atMs)).toEqual(
      Array.from({ length: 30 }, (_, i) => (i + 1) * MINUTE_MS),
    );
    const sum = (numbers: readonly number[]) => numbers.reduce((all, number) => all + number, 0);
    expect(sum(run.samples.map(({ placed }) => placed))).toBe(run.totals.launches);
    expect(sum(run.samples.map(({ started }) => started))).toBe(run.totals.starts);
    expect(sum(run.samples.map(({ imagePulls }) => imagePulls))).toBe(run.totals.imagePulls);
    for (const { waitMs, placed } of run.samples) expect(waitMs === undefined).toBe(placed === 0);
    for (const { pools } of run.samples) expect(pools.critical.busy + pools.critical.idle).toBe(6);
  });

  test('says when milestones were reached', () => {
    const { run, events } = traced({
      arrivals: [WEB],
      milestones: [
        { name: 'half', jobs: 'web', state: 'started', count: 6, fromMs: 0 },
        { name: 'too many', jobs: '*', state: 'started', count: 13, fromMs: 0 },
        { name: 'too late', jobs: 'web', state: 'started', count: 1, fromMs: 20 * MINUTE_MS },
      ],
    });
    const starts = events.filter(({ event, state }) => event === 'task' && state === 'started');
    expect(run.milestones.map(({ name, reached, atMs }) => ({ name, reached, atMs }))).toEqual([
      { name: 'half', reached: 6, atMs: starts[5].atMs },
      { name: 'too many', reached: 12, atMs: undefined },
      { name: 'too late', reached: 0, atMs: undefined },
    ]);
  });

  test('is the same step by step, with progress in between', () => {
    const fields = scenario({ arrivals: [WEB] });
    const steps = cellSteps(fields, { progressMs: 10 * MINUTE_MS });
    const seen: number[] = [];
    let step = steps.next();
    for (; step.done !== true; step = steps.next()) seen.push(step.value.atMs);
    expect(seen).toEqual([10, 20, 30].map((minutes) => minutes * MINUTE_MS));
    expect({ ...step.value, wallMs: 0 }).toEqual({ ...runCell(fields), wallMs: 0 });
  });

  test('a scenario that contradicts itself is refused', () => {
    const codeOf = (fields: Partial<CellScenario>) => {
      try {
        runCell(scenario(fields));
      } catch (error) {
        return (error as StowageError).code;
      }
      return 'no error';
    };
    const pool = scenario({}).pools[0];
    expect(codeOf({ durationMs: 0 })).toBe('INVALID_OPTION');
    expect(codeOf({ pools: [pool, pool] })).toBe('INVALID_OPTION');
    expect(codeOf({ pools: [{ ...pool, zones: [] }] })).toBe('INVALID_OPTION');
    expect(codeOf({ pools: [{ ...pool, agents: 1.5 }] })).toBe('INVALID_OPTION');
    expect(codeOf({ faults: { late: 2 } })).toBe('INVALID_OPTION');
    expect(codeOf({ milestones: [{ name: 'm', jobs: '*', state: 'started', count: 0, fromMs: 0 }] })).toBe(
      'INVALID_OPTION',
    );
    expect(codeOf({ arrivals: [WEB, WEB] })).toBe('INVALID_OPTION');
    expect(codeOf({ arrivals: [{ ...WEB, when: { everyMs: 0 } }] })).toBe('INVALID_OPTION');
    expect(codeOf({ arrivals: [{ ...WEB, when: { ratePerHour: 1, profile: [1] } }] })).toBe('INVALID_OPTION');
    expect(codeOf({ paces: { cycleMs: NaN } })).toBe('INVALID_OPTION');
    expect(codeOf({ actions: [{ atMs: 0, kind: 'replace-pool', pool: 'none', batch: 1 }] })).toBe(
      'INVALID_OPTION',
    );
  });
});

/** Fewest started tasks at any time after a moment, of so many that were started then. */
function leastStarted(events: ReturnType<typeof traced>['events'], afterMs: number, started: number): number {
  const isStarted = new Map<string, boolean>();
  let [now, least] = [0, started];
  for (const { event, task, state, atMs } of events) {
    if (event !== 'task') continue;
    const before = isStarted.get(task as string) ?? false;
    isStarted.set(task as string, state === 'started');
    now += Number(state === 'started') - Number(before);
    if (atMs > afterMs) least = Math.min(least, now);
  }
  return least;
}
