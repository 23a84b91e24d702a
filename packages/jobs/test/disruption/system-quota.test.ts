/** The budget of the system, and the gate at which it is taken together with that of a job, or not at all. */
import { StowageError } from '@stowage/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { admitEviction } from '../../src/disruption/admit-eviction.ts';
import { noteEviction } from '../../src/disruption/rolling-count.ts';
import {
  SystemEvictionQuota,
  type SystemEvictionQuotaOptions,
  type SystemEvictionQuotaSnapshot,
} from '../../src/disruption/system-quota.ts';
import type { TaskRecord } from '../../src/model/task-record.ts';
import {
  budget,
  evicted,
  HOUR_MS,
  jobOf,
  NO_FLOOR,
  refOf,
  replaced,
  started,
  withState,
} from './fixtures.ts';
import { anyPolicy, anyRate, holds, OFFICE_HOURS, rateOf, startedIn } from './oracle.ts';

const options = fc.record({
  burst: fc.integer({ min: 1, max: 6 }),
  refill: fc.integer({ min: 1, max: 4 }),
  refillIntervalMs: fc.integer({ min: 1, max: 50 }),
});

describe('the token bucket', () => {
  test('no stretch of time sees more than the burst and what was refilled in it, whatever the clock does', () => {
    fc.assert(
      fc.property(
        options,
        fc.array(fc.integer({ min: -40, max: 60 }), { maxLength: 80 }),
        ({ burst, refill, refillIntervalMs }, steps) => {
          const quota = new SystemEvictionQuota({ burst, refill, refillIntervalMs });
          const taken: number[] = [];
          let trueMs = 0;
          let clockMs = 0;
          for (const step of steps) {
            trueMs += Math.abs(step);
            clockMs += step;
            const allowed = quota.allowed(clockMs);
            expect(quota.take(clockMs)).toBe(allowed > 0);
            expect(quota.allowed(clockMs)).toBe(Math.max(0, allowed - 1));
            if (allowed > 0) taken.push(trueMs);
          }
          taken.forEach((fromMs, first) =>
            taken.slice(first).forEach((toMs, further) => {
              const intervals = Math.floor((toMs - fromMs) / refillIntervalMs) + 1;
              expect(further + 1).toBeLessThanOrEqual(burst + intervals * refill);
            }),
          );
        },
      ),
      { numRuns: 500 },
    );
  });

  test('refills at whole intervals up to the burst', () => {
    const quota = new SystemEvictionQuota({ burst: 3, refill: 2, refillIntervalMs: 10 });
    expect([1, 2, 3, 4].map(() => quota.take(100))).toEqual([true, true, true, false]);
    expect([109, 110, 119, 120, 990].map((nowMs) => quota.allowed(nowMs))).toEqual([0, 2, 2, 3, 3]);
  });

  test('intervals are counted from the first eviction on, not from when somebody looks', () => {
    const quota = new SystemEvictionQuota({ burst: 1, refill: 1, refillIntervalMs: 10 });
    expect([100, 115, 119, 120, 129, 130].map((nowMs) => quota.take(nowMs))).toEqual([
      true,
      true,
      false,
      true,
      false,
      true,
    ]);
  });

  test('after the clock went back nothing is refilled until it is where it was', () => {
    const quota = new SystemEvictionQuota({ burst: 1, refill: 1, refillIntervalMs: 10 });
    expect(quota.take(100)).toBe(true);
    expect([50, 90, 109, 110].map((nowMs) => quota.allowed(nowMs))).toEqual([0, 0, 0, 1]);
  });

  test('outside its windows it allows nothing, and takes nothing', () => {
    const quota = new SystemEvictionQuota({ burst: 2, timeWindows: [OFFICE_HOURS] });
    expect(quota.take(7 * HOUR_MS)).toBe(false);
    expect(quota.quota(7 * HOUR_MS)).toMatchObject({ allowed: 0, limitedBy: 'time-window' });
    expect(quota.quota(8 * HOUR_MS)).toMatchObject({ allowed: 2, limitedBy: 'rate' });
  });

  test('a time that is none is refused, and nothing is taken', () => {
    const quota = new SystemEvictionQuota({ burst: 1 });
    expect(() => quota.take(NaN)).toThrow('INVALID_JOB_OPTION');
    expect(() => quota.allowed(NaN)).toThrow('INVALID_JOB_OPTION');
    expect(quota.take(0)).toBe(true);
  });

  test('defaults to a burst of 500 and 50 a second', () => {
    const quota = new SystemEvictionQuota();
    for (let taken = 0; taken < 500; taken++) expect(quota.take(0)).toBe(true);
    expect([0, 999, 1000, 10_000, 20_000].map((nowMs) => quota.allowed(nowMs))).toEqual([0, 0, 50, 500, 500]);
  });
});

describe('snapshots', () => {
  test('one restored by way of JSON answers as the original', () => {
    fc.assert(
      fc.property(
        options,
        fc.array(fc.nat(60), { maxLength: 30 }),
        fc.array(fc.nat(60), { minLength: 1, maxLength: 30 }),
        (given, before, after) => {
          const original = new SystemEvictionQuota(given);
          let nowMs = 0;
          for (const step of before) original.take((nowMs += step));
          const stored = JSON.stringify(original.snapshot());
          const copy = SystemEvictionQuota.restore(JSON.parse(stored) as SystemEvictionQuotaSnapshot, given);
          expect(JSON.stringify(copy.snapshot())).toBe(stored);
          for (const step of after) {
            nowMs += step;
            expect(copy.quota(nowMs)).toEqual(original.quota(nowMs));
            expect(copy.take(nowMs)).toBe(original.take(nowMs));
          }
          expect(copy.snapshot()).toEqual(original.snapshot());
        },
      ),
    );
  });

  test('a smaller burst holds at once', () => {
    const snapshot = new SystemEvictionQuota({ burst: 9 }).snapshot();
    expect(SystemEvictionQuota.restore(snapshot, { burst: 4 }).allowed(0)).toBe(4);
  });

  test.each([
    null,
    undefined,
    'x',
    {},
    { version: 2, tokens: 1 },
    { version: 1 },
    { version: 1, tokens: -1 },
    { version: 1, tokens: 0.5 },
    { version: 1, tokens: 1, refilledAtMs: null },
    { version: 1, tokens: 1, refilledAtMs: NaN },
  ])('%j is refused', (snapshot) => {
    const call = (): unknown => SystemEvictionQuota.restore(snapshot as SystemEvictionQuotaSnapshot);
    expect(call).toThrow(StowageError);
    expect(call).toThrow('INVALID_JOB_RECORD');
  });
});

describe('options', () => {
  const window = OFFICE_HOURS;
  test.each([
    null,
    7,
    { burst: 0 },
    { burst: 1.5 },
    { refill: 0 },
    { refill: '5' },
    { refillIntervalMs: 0 },
    { refillIntervalMs: NaN },
    { timeWindows: 'always' },
    { timeWindows: [null] },
    { timeWindows: [{ ...window, timeZone: 'Mars/Olympus' }] },
    { timeWindows: [{ ...window, timeZone: 5 }] },
    { timeWindows: [{ ...window, days: ['Monday'] }] },
    { timeWindows: [{ ...window, days: 'monday' }] },
    { timeWindows: [{ ...window, hours: null }] },
    { timeWindows: [{ ...window, hours: [8] }] },
    { timeWindows: [{ ...window, hours: [{ startHour: -1, endHour: 3 }] }] },
    { timeWindows: [{ ...window, hours: [{ startHour: 3, endHour: 3 }] }] },
    { timeWindows: [{ ...window, hours: [{ startHour: 3, endHour: 25 }] }] },
    { timeWindows: [{ ...window, hours: [{ startHour: 3, endHour: 4.5 }] }] },
  ])('%j are refused', (given) => {
    const call = (): unknown => new SystemEvictionQuota(given as SystemEvictionQuotaOptions);
    expect(call).toThrow(StowageError);
    expect(call).toThrow('INVALID_JOB_OPTION');
  });

  test('windows are copied: changing the list given changes nothing', () => {
    const timeWindows = [OFFICE_HOURS];
    const quota = new SystemEvictionQuota({ timeWindows });
    timeWindows.pop();
    expect(quota.allowed(0)).toBe(0);
  });
});

describe('admission', () => {
  const nowMs = 9 * HOUR_MS;
  const open = jobOf({ budget: budget(NO_FLOOR), tasks: started(3) });
  const used = jobOf({
    budget: budget(NO_FLOOR, { kind: 'perInterval', intervalMs: 100, limit: 1 }),
    tasks: started(3),
    evictions: noteEviction([], nowMs),
  });
  const empty = (): SystemEvictionQuota => {
    const system = new SystemEvictionQuota({ burst: 1 });
    system.take(nowMs);
    return system;
  };

  test('takes one of the system when both budgets allow it', () => {
    const system = new SystemEvictionQuota({ burst: 2 });
    expect(admitEviction(open, refOf(open, 0), system, { nowMs })).toBeUndefined();
    expect(system.allowed(nowMs)).toBe(1);
  });

  test.each([
    [
      'the job',
      used,
      new SystemEvictionQuota(),
      /^The job allows 1 evictions in 100 ms[^.]*\. Try again later\.$/,
    ],
    ['the system', open, empty(), /^The system allows 50 evictions in 1000 ms/],
    ['both', used, empty(), /^The job allows.*The system allows/],
  ])('takes nothing when %s has no quota, and says so', (_who, state, system, message) => {
    const before = system.snapshot();
    expect(admitEviction(state, refOf(state, 0), system, { nowMs })).toEqual({
      code: 'NO_EVICTION_QUOTA',
      message: expect.stringMatching(message),
    });
    expect(system.snapshot()).toEqual(before);
  });

  test('what is wrong with the task is told alone, and nothing is taken', () => {
    const system = empty();
    const before = system.snapshot();
    const wrong = { index: 0, taskId: 'j.9' };
    expect(admitEviction(open, wrong, system, { nowMs })).toMatchObject({ code: 'TASK_NOT_FOUND' });
    expect(system.snapshot()).toEqual(before);
  });

  test('availability, rates and relocation limits hold over any history of evictions and failures', () => {
    const step = fc.record({
      passedMs: fc.oneof(fc.nat(1000), fc.nat(HOUR_MS)),
      /** What else happens: tasks fail, start, fall ill. */
      index: fc.nat(11),
      change: fc.constantFrom('fails', 'starts', 'sickens', 'heals', 'nothing'),
      evict: fc.nat(11),
    });
    fc.assert(
      fc.property(
        anyPolicy,
        anyRate,
        fc.integer({ min: 2, max: 12 }),
        fc.array(step, { maxLength: 60 }),
        (policy, rate, desired, steps) => {
          const rules = budget(policy, rate, { healthProviders: ['checker'] });
          const system = new SystemEvictionQuota({ burst: 3, refill: 1, refillIntervalMs: 60_000 });
          const sick = new Set<number>();
          const isHealthy = ({ index }: TaskRecord): boolean => !sick.has(index);
          const admitted: number[] = [];
          let state = jobOf({ budget: rules, tasks: started(desired) });
          let timeMs = 0;
          for (const { passedMs, index: any, change, evict } of steps) {
            timeMs += passedMs;
            const index = any % desired;
            if (change === 'fails') state = withState(state, index, 'finished');
            if (change === 'starts') state = replaced(state, index);
            if (change === 'sickens') sick.add(index);
            if (change === 'heals') sick.delete(index);
            const task = startedIn(state).find((each) => each.index === evict % desired);
            if (task === undefined) continue;
            const ref = { index: task.index, taskId: task.id };
            if (admitEviction(state, ref, system, { nowMs: timeMs, isHealthy }) !== undefined) continue;
            if (policy.kind === 'relocations') expect(task.evictionResubmits).toBeLessThan(policy.limit);
            state = evicted(state, ref, timeMs);
            admitted.push(timeMs);
            expect(holds(policy, desired, startedIn(state).filter(isHealthy).length)).toBe(true);
            const { most, intervalMs } = rateOf(rate, desired);
            const recent = admitted.filter((at) => timeMs - intervalMs < at).length;
            expect(recent).toBeLessThanOrEqual(most);
          }
        },
      ),
      { numRuns: 1000 },
    );
  });
});
