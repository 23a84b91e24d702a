/** What the budgets of jobs allow: each policy, rate and window, against the rules taken literally. */
import { StowageError } from '@stowage/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { evictionQuota, evictionRefusal } from '../../src/disruption/eviction-quota.ts';
import { fallbackBudget } from '../../src/disruption/operator-budget.ts';
import { type FallbackBudget, SELF_MANAGED_FALLBACK } from '../../src/disruption/self-managed.ts';
import type { TaskRecord } from '../../src/model/task-record.ts';
import type { DisruptionPolicy } from '../../src/spec/job-spec.ts';
import { budget, evicted, HOUR_MS, jobOf, NO_FLOOR, refOf, started } from './fixtures.ts';
import { anyBudget, anyJob, literalQuota, OFFICE_HOURS, startedIn } from './oracle.ts';

const NOW = { nowMs: 10 * HOUR_MS };

function allowed(policy: DisruptionPolicy, running: number, desired = running): number {
  return evictionQuota(jobOf({ budget: budget(policy), tasks: started(running), desired }), NOW).allowed;
}

test('the quota is what the rules say literally, for each policy, rate, window and health', () => {
  fc.assert(
    fc.property(anyJob(anyBudget), fc.nat(24 * HOUR_MS), fc.nat(6), (state, awayMs, sick) => {
      const nowMs = NOW.nowMs + awayMs;
      const isHealthy = ({ index }: TaskRecord): boolean => index % (sick + 2) !== 0;
      const { allowed, limitedBy } = evictionQuota(state, { nowMs, isHealthy });
      expect(allowed).toBe(literalQuota(state, state.job.spec.disruptionBudget, nowMs, isHealthy));
      if (limitedBy === 'none') expect(allowed).toBe(state.counts.started);
      else expect(allowed === 0 || allowed < state.counts.started).toBe(true);
    }),
    { numRuns: 3000 },
  );
});

test('a self-managed job is held by its own rate and windows and by all of the fallback', () => {
  const own = fc.tuple(anyBudget, fc.nat(HOUR_MS)).map(([rest, relocationTimeMs]) => ({
    ...rest,
    policy: { kind: 'selfManaged', relocationTimeMs } as const,
  }));
  fc.assert(
    fc.property(anyJob(own), anyBudget, fc.nat(24 * HOUR_MS), (state, selfManaged, awayMs) => {
      const nowMs = NOW.nowMs + awayMs;
      const isHealthy = ({ index }: TaskRecord): boolean => index % 3 !== 0;
      const { disruptionBudget } = state.job.spec;
      const healthProviders = [...disruptionBudget.healthProviders, ...selfManaged.healthProviders];
      expect(evictionQuota(state, { nowMs, isHealthy, selfManaged }).allowed).toBe(
        Math.min(
          literalQuota(state, disruptionBudget, nowMs, isHealthy),
          literalQuota(state, { ...selfManaged, healthProviders }, nowMs, isHealthy),
        ),
      );
    }),
    { numRuns: 1000 },
  );
});

test('each eviction that the job counts takes one from its quota', () => {
  fc.assert(
    fc.property(anyJob(anyBudget), (state) => {
      const { allowed } = evictionQuota(state, NOW);
      const limit = state.job.spec.disruptionBudget.policy;
      const movable = startedIn(state).filter(
        (task) => limit.kind !== 'relocations' || task.evictionResubmits < limit.limit,
      );
      let now = state;
      for (let made = 1; made <= allowed; made++) {
        const { id: taskId, index } = movable[made - 1];
        now = evicted(now, { taskId, index }, NOW.nowMs);
        expect(evictionQuota(now, NOW).allowed).toBe(allowed - made);
      }
    }),
    { numRuns: 500 },
  );
});

describe('policies', () => {
  test.each([
    [95, 20, 20, 1],
    [95, 100, 100, 5],
    [95, 100, 99, 4],
    [95, 100, 94, 0],
    [50, 3, 3, 1],
    // Everything must be healthy: one may go all the same, or nothing ever could.
    [100, 10, 10, 1],
    [100, 10, 9, 0],
    [0, 10, 10, 10],
    // A job of one task has no floor.
    [100, 1, 1, 1],
  ])('availability of %i %% of %i desired with %i healthy allows %i', (percent, desired, running, quota) => {
    const policy = { kind: 'availabilityPercentage', percentageOfHealthy: percent } as const;
    expect(allowed(policy, running, desired)).toBe(quota);
  });

  test.each([
    [1, 10, 10, 1],
    [3, 10, 8, 1],
    [3, 10, 6, 0],
    [20, 10, 4, 4],
    [1, 1, 1, 1],
  ])('at most %i unhealthy of %i desired with %i healthy allows %i', (limit, desired, running, quota) => {
    expect(allowed({ kind: 'unhealthyTasks', limit }, running, desired)).toBe(quota);
  });

  test('a relocation limit is one of each task, followed over its replacements', () => {
    const policy = { kind: 'relocations', limit: 2 } as const;
    const tasks = [0, 1, 2, 5].map((evictionResubmits) => ({
      state: 'started' as const,
      evictionResubmits,
    }));
    const state = jobOf({ budget: budget(policy), tasks });
    expect(evictionQuota(state, NOW).allowed).toBe(2);
    expect(evictionRefusal(state, refOf(state, 1), NOW)).toBeUndefined();
    expect(evictionRefusal(state, refOf(state, 2), NOW)).toMatchObject({
      code: 'NO_EVICTION_QUOTA',
      message: expect.stringContaining('j.3'),
    });
  });

  test('of a batch job, tasks that have ended for good are not desired any more', () => {
    const policy = { kind: 'availabilityPercentage', percentageOfHealthy: 50 } as const;
    const ended = { state: 'finished' } as const;
    const waiting = { state: 'finished', isWaiting: true } as const;
    const tasks = [...started(4), ended, ended, ended, waiting];
    expect(evictionQuota(jobOf({ kind: 'batch', budget: budget(policy), tasks }), NOW).allowed).toBe(1);
  });

  test('health is asked of started tasks only, and only where the budget names providers', () => {
    const policy = { kind: 'availabilityPercentage', percentageOfHealthy: 50 } as const;
    const tasks = [...started(3), 'launched', 'kill-initiated'] as const;
    const asked: string[] = [];
    const isHealthy = ({ id }: TaskRecord): boolean => {
      asked.push(id);
      return id !== 'j.1';
    };
    expect(
      evictionQuota(jobOf({ budget: budget(policy), tasks, desired: 3 }), { ...NOW, isHealthy }).allowed,
    ).toBe(1);
    expect(asked).toEqual([]);
    const checked = budget(policy, { kind: 'unlimited' }, { healthProviders: ['checker'] });
    const state = jobOf({ budget: checked, tasks, desired: 3 });
    expect(evictionQuota(state, { ...NOW, isHealthy }).allowed).toBe(0);
    expect(asked).toEqual(['j.1', 'j.2', 'j.3']);
  });
});

describe('rates', () => {
  const made = [
    { atMs: NOW.nowMs - HOUR_MS, count: 5 },
    { atMs: NOW.nowMs - HOUR_MS + 1, count: 2 },
    { atMs: NOW.nowMs - 1000, count: 1 },
  ];
  test.each([
    [{ kind: 'unlimited' } as const, 50, 'none'],
    [{ kind: 'percentagePerHour', percentage: 10 } as const, 2, 'rate'],
    [{ kind: 'percentagePerHour', percentage: 6 } as const, 0, 'rate'],
    [{ kind: 'percentagePerHour', percentage: 0 } as const, 0, 'rate'],
    [{ kind: 'perInterval', intervalMs: 1000, limit: 3 } as const, 3, 'rate'],
    [{ kind: 'perInterval', intervalMs: 1001, limit: 3 } as const, 2, 'rate'],
    [{ kind: 'percentagePerInterval', intervalMs: 2000, percentage: 9 } as const, 3, 'rate'],
    [{ kind: 'percentagePerInterval', intervalMs: 1000, percentage: 1 } as const, 1, 'rate'],
  ])('%j of 50 tasks allows %i, limited by %s', (rate, quota, limitedBy) => {
    const state = jobOf({ budget: budget(NO_FLOOR, rate), tasks: started(50), evictions: made });
    expect(evictionQuota(state, NOW)).toMatchObject({ allowed: quota, limitedBy });
  });
});

describe('refusals', () => {
  const open = budget(NO_FLOOR);
  const tasks = ['started', 'launched', 'kill-initiated', 'finished'] as const;
  const state = jobOf({ budget: open, tasks });

  test('a started task of a job with quota may be evicted', () => {
    expect(evictionRefusal(state, refOf(state, 0), NOW)).toBeUndefined();
  });

  test.each([
    [1, 'launched'],
    [2, 'kill-initiated'],
    [3, 'finished'],
  ])('task %i, which is %s, is not started', (index, name) => {
    expect(evictionRefusal(state, refOf(state, index), NOW)).toMatchObject({
      code: 'TASK_NOT_STARTED',
      message: expect.stringContaining(name),
    });
  });

  test.each([
    { index: 0, taskId: 'j.2' },
    { index: 9, taskId: 'j.1' },
    { index: -1, taskId: 'j.1' },
  ])('%j names no task', (ref) => {
    expect(evictionRefusal(state, ref, NOW)).toMatchObject({ code: 'TASK_NOT_FOUND' });
  });

  test.each(['kill-initiated', 'finished'] as const)('a job that is %s evicts nothing', (status) => {
    const ending = jobOf({ budget: open, tasks, status });
    expect(evictionRefusal(ending, refOf(ending, 0), NOW)).toMatchObject({ code: 'JOB_TERMINATING' });
    expect(evictionQuota(ending, NOW)).toMatchObject({ allowed: 0, limitedBy: 'job-state' });
  });

  test('a job without started tasks has no quota', () => {
    const idle = jobOf({ budget: open, tasks: ['launched'] });
    expect(evictionQuota(idle, NOW)).toMatchObject({ allowed: 0, limitedBy: 'job-state' });
  });

  test('closed windows allow nothing', () => {
    const timed = jobOf({
      budget: budget(NO_FLOOR, undefined, { timeWindows: [OFFICE_HOURS] }),
      tasks: started(2),
    });
    expect(evictionQuota(timed, { nowMs: 8 * HOUR_MS - 1 })).toMatchObject({
      allowed: 0,
      limitedBy: 'time-window',
    });
    expect(evictionRefusal(timed, refOf(timed, 0), { nowMs: 16 * HOUR_MS })).toMatchObject({
      code: 'NO_EVICTION_QUOTA',
      message: expect.stringContaining('windows'),
    });
    expect(evictionRefusal(timed, refOf(timed, 0), { nowMs: 8 * HOUR_MS })).toBeUndefined();
  });

  test('all budgets that are missing are told', () => {
    const state = jobOf({
      budget: budget(
        { kind: 'unhealthyTasks', limit: 1 },
        { kind: 'perInterval', intervalMs: 5000, limit: 1 },
      ),
      tasks: ['started', 'launched'],
      evictions: [{ atMs: NOW.nowMs, count: 1 }],
    });
    expect(evictionRefusal(state, refOf(state, 0), NOW)).toEqual({
      code: 'NO_EVICTION_QUOTA',
      message: expect.stringMatching(/2 tasks 1 must stay healthy, and 1 are.*1 evictions in 5000 ms/),
    });
  });
});

describe('the budget of the operator for self-managed jobs', () => {
  const own = budget({ kind: 'selfManaged', relocationTimeMs: 5000 });

  function expectRefused(call: () => unknown): void {
    expect(call).toThrow(StowageError);
    expect(call).toThrow('INVALID_JOB_OPTION');
  }

  test('a quota at no time is refused', () => {
    const state = jobOf({ budget: own, tasks: started(2) });
    expectRefused(() => evictionQuota(state, { nowMs: NaN }));
    expectRefused(() => evictionRefusal(state, refOf(state, 0), { nowMs: NaN }));
  });

  test('is refused where it is self-managed itself', () => {
    const state = jobOf({ budget: own, tasks: started(2) });
    expectRefused(() => evictionQuota(state, { ...NOW, selfManaged: own as unknown as FallbackBudget }));
    expectRefused(() => fallbackBudget(own));
  });

  test.each([
    undefined,
    'all',
    { ...SELF_MANAGED_FALLBACK, policy: { kind: 'unhealthyTasks', limit: 0 } },
    { ...SELF_MANAGED_FALLBACK, rate: { kind: 'perInterval', intervalMs: 0, limit: 1 } },
    { ...SELF_MANAGED_FALLBACK, timeWindows: [{ ...OFFICE_HOURS, timeZone: 'Mars/Olympus' }] },
  ])('is held to the rules of budgets in job specs: %j is refused', (given) => {
    expectRefused(() => fallbackBudget(given));
  });

  test('is copied when it is right', () => {
    const given = { ...SELF_MANAGED_FALLBACK, timeWindows: [OFFICE_HOURS] };
    const read = fallbackBudget(given);
    expect(read).toEqual(given);
    expect(read.timeWindows).not.toBe(given.timeWindows);
  });
});

test('without a fallback of the operator one in twenty of a self-managed job may go', () => {
  const own = budget({ kind: 'selfManaged', relocationTimeMs: 5 });
  expect(evictionQuota(jobOf({ budget: own, tasks: started(60) }), NOW).allowed).toBe(3);
});
