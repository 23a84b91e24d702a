/** Rolling windows: no window of the length ever holds more than its limit, wherever it begins. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { noteEviction, rollingCount } from '../../src/disruption/rolling-count.ts';
import type { EvictionCount } from '../../src/model/job-record.ts';
import { HOUR_MS } from './fixtures.ts';

/** Steps of time that make windows of an hour and of a few milliseconds interesting. */
const step = fc.oneof(fc.nat(3), fc.nat(HOUR_MS), fc.constantFrom(HOUR_MS, HOUR_MS - 1, HOUR_MS + 1));

/** Most moments in a half-open window of this length. */
function fullestWindow(momentsMs: readonly number[], intervalMs: number): number {
  return Math.max(
    0,
    ...momentsMs.map((endMs) => momentsMs.filter((at) => endMs - intervalMs < at && at <= endMs).length),
  );
}

test('no window holds more evictions than the limit, even when the clock keeps losing time', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ passedMs: step, lostMs: fc.oneof(fc.constant(0), step) }), { maxLength: 60 }),
      fc.integer({ min: 1, max: 4 }),
      fc.oneof(fc.integer({ min: 1, max: 10 }), fc.integer({ min: 1, max: HOUR_MS }), fc.constant(HOUR_MS)),
      (tries, limit, intervalMs) => {
        let trueMs = 0;
        let clockMs = 0;
        let evictions: readonly EvictionCount[] = [];
        const admitted: number[] = [];
        for (const { passedMs, lostMs } of tries) {
          trueMs += passedMs;
          clockMs += passedMs - lostMs;
          if (rollingCount(evictions, intervalMs, clockMs) >= limit) continue;
          evictions = noteEviction(evictions, clockMs);
          admitted.push(trueMs);
        }
        expect(fullestWindow(admitted, intervalMs)).toBeLessThanOrEqual(limit);
      },
    ),
    { numRuns: 500 },
  );
});

test('on a good clock the count is that of the half-open window, and the limit is used up', () => {
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 40 }),
      fc.integer({ min: 1, max: HOUR_MS }),
      (steps, intervalMs) => {
        let nowMs = 0;
        let evictions: readonly EvictionCount[] = [];
        const all: number[] = [];
        for (const passedMs of steps) {
          nowMs += passedMs;
          const inWindow = all.filter((at) => nowMs - intervalMs < at && at <= nowMs).length;
          expect(rollingCount(evictions, intervalMs, nowMs)).toBe(inWindow);
          evictions = noteEviction(evictions, nowMs);
          all.push(nowMs);
        }
      },
    ),
    { numRuns: 500 },
  );
});

test('what is an hour old is forgotten, one millisecond less is kept', () => {
  const evictions = [
    { atMs: 0, count: 2 },
    { atMs: 1, count: 3 },
  ];
  expect(noteEviction(evictions, HOUR_MS)).toEqual([
    { atMs: 1, count: 3 },
    { atMs: HOUR_MS, count: 1 },
  ]);
});

test('evictions of one millisecond are one entry, and the list given stays as it is', () => {
  const evictions: readonly EvictionCount[] = Object.freeze([Object.freeze({ atMs: 5, count: 1 })]);
  expect(noteEviction(evictions, 5)).toEqual([{ atMs: 5, count: 2 }]);
  expect(evictions).toEqual([{ atMs: 5, count: 1 }]);
});

test('when the clock goes back, an eviction is noted no earlier than the last', () => {
  expect(noteEviction([{ atMs: 100, count: 1 }], 40)).toEqual([{ atMs: 100, count: 2 }]);
  expect(rollingCount([{ atMs: 100, count: 2 }], 10, 40)).toBe(2);
});
