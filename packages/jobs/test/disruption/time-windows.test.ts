/** Time windows follow the clocks of their zone, changes of daylight-saving time and of the date line included. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isOpen, nextOpening } from '../../src/disruption/time-windows.ts';
import type { TimeWindow, Weekday } from '../../src/spec/job-spec.ts';
import { HOUR_MS } from './fixtures.ts';

const DAY_MS = 24 * HOUR_MS;
const at = (text: string): number => Date.parse(text);

/** Offsets of 2026 in hours, each from its moment on; written down by hand. */
const OFFSETS: Readonly<Record<string, readonly (readonly [string, number])[]>> = {
  UTC: [['2026-01-01T00:00Z', 0]],
  'America/Los_Angeles': [
    ['2026-01-01T00:00Z', -8],
    ['2026-03-08T10:00Z', -7],
    ['2026-11-01T09:00Z', -8],
  ],
  'Europe/Berlin': [
    ['2026-01-01T00:00Z', 1],
    ['2026-03-29T01:00Z', 2],
    ['2026-10-25T01:00Z', 1],
  ],
  'Australia/Lord_Howe': [
    ['2026-01-01T00:00Z', 11],
    ['2026-04-04T15:00Z', 10.5],
    ['2026-10-03T15:30Z', 11],
  ],
  'Asia/Kathmandu': [['2026-01-01T00:00Z', 5.75]],
};
const SUNDAY_FIRST: readonly Weekday[] = [
  'sunday',
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
];

function isOpenByTable(windows: readonly TimeWindow[], nowMs: number): boolean {
  return windows.some(({ days, hours, timeZone }) => {
    const offset = OFFSETS[timeZone].findLast(([from]) => at(from) <= nowMs)![1];
    const local = new Date(nowMs + offset * HOUR_MS);
    const isDay = days.length === 0 || days.includes(SUNDAY_FIRST[local.getUTCDay()]);
    const hour = local.getUTCHours();
    const isHour = hours.length === 0 || hours.some((span) => span.startHour <= hour && hour < span.endHour);
    return isDay && isHour;
  });
}

const timeWindow: fc.Arbitrary<TimeWindow> = fc.record({
  days: fc.uniqueArray(fc.constantFrom(...SUNDAY_FIRST), { maxLength: 3 }),
  hours: fc.array(
    fc
      .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 1, max: 6 }))
      .map(([startHour, length]) => ({ startHour, endHour: Math.min(24, startHour + length) })),
    { maxLength: 2 },
  ),
  timeZone: fc.constantFrom(...Object.keys(OFFSETS)),
});
const CHANGES = Object.values(OFFSETS).flatMap((rows) => rows.slice(1).map(([from]) => at(from)));
/** In 2026, with room before its end for the next opening; half of them about a change of the clocks. */
const moment = fc.oneof(
  fc.integer({ min: at('2026-01-01T00:00Z'), max: at('2026-12-01T00:00Z') }),
  fc
    .tuple(fc.constantFrom(...CHANGES), fc.integer({ min: -2 * DAY_MS, max: 3 * HOUR_MS }))
    .map(([changeMs, awayMs]) => changeMs + awayMs),
);

test('windows are open when the local clocks say so', () => {
  fc.assert(
    fc.property(fc.array(timeWindow, { minLength: 1, maxLength: 3 }), moment, (windows, nowMs) => {
      expect(isOpen(windows, nowMs)).toBe(isOpenByTable(windows, nowMs));
    }),
    { numRuns: 2000 },
  );
});

test('the next opening is the first moment at which a window is open, to the millisecond', () => {
  fc.assert(
    fc.property(fc.array(timeWindow, { minLength: 1, maxLength: 3 }), moment, (windows, nowMs) => {
      const openMs = nextOpening(windows, nowMs)!;
      expect(isOpenByTable(windows, openMs)).toBe(true);
      if (openMs === nowMs) return;
      expect(openMs).toBeGreaterThan(nowMs);
      expect(isOpenByTable(windows, openMs - 1)).toBe(false);
      const quarterMs = HOUR_MS / 4;
      for (let ms = Math.ceil(nowMs / quarterMs) * quarterMs; ms < openMs; ms += quarterMs) {
        expect(isOpenByTable(windows, ms)).toBe(false);
      }
    }),
    { numRuns: 300 },
  );
});

describe('daylight-saving time', () => {
  const nightly = (startHour: number): TimeWindow[] => [
    { days: [], hours: [{ startHour, endHour: startHour + 1 }], timeZone: 'America/Los_Angeles' },
  ];

  test('an hour that is skipped in spring does not open that day', () => {
    const windows = nightly(2);
    expect(nextOpening(windows, at('2026-03-07T12:00Z'))).toBe(at('2026-03-09T09:00Z'));
    expect(isOpen(windows, at('2026-03-08T10:30Z'))).toBe(false);
  });

  test('an hour that comes twice in autumn opens twice', () => {
    const windows = nightly(1);
    expect(isOpen(windows, at('2026-11-01T07:59:59.999Z'))).toBe(false);
    expect(isOpen(windows, at('2026-11-01T08:00Z'))).toBe(true);
    expect(isOpen(windows, at('2026-11-01T09:59:59.999Z'))).toBe(true);
    expect(isOpen(windows, at('2026-11-01T10:00Z'))).toBe(false);
  });

  test('a window opens again where the clocks are put back within an hour', () => {
    const lateSaturday: TimeWindow[] = [
      { days: ['saturday'], hours: [{ startHour: 23, endHour: 24 }], timeZone: 'America/St_Johns' },
    ];
    // Until 2011 the clocks of St. John's went back at 0:01.
    expect(isOpen(lateSaturday, at('2010-11-07T02:30:30Z'))).toBe(false);
    expect(nextOpening(lateSaturday, at('2010-11-07T02:30:30Z'))).toBe(at('2010-11-07T02:31Z'));
  });

  test('a day that a zone has left out is waited for until the next week', () => {
    const fridays: TimeWindow[] = [{ days: ['friday'], hours: [], timeZone: 'Pacific/Apia' }];
    expect(nextOpening(fridays, at('2011-12-24T12:00Z'))).toBe(at('2012-01-05T10:00Z'));
  });
});

test('without windows it is always open', () => {
  expect(isOpen([], 123)).toBe(true);
  expect(nextOpening([], 123.5)).toBe(123.5);
});

test.each([NaN, Infinity, '5'])('%s is no time, with windows or without', (nowMs) => {
  const windows: TimeWindow[] = [{ days: [], hours: [], timeZone: 'UTC' }];
  for (const some of [windows, []]) {
    expect(() => isOpen(some, nowMs as number)).toThrow('INVALID_JOB_OPTION');
    expect(() => nextOpening(some, nowMs as number)).toThrow('INVALID_JOB_OPTION');
  }
});

test('moments before 1970 and fractions of a millisecond are moments as others', () => {
  const windows: TimeWindow[] = [{ days: [], hours: [{ startHour: 1, endHour: 2 }], timeZone: 'UTC' }];
  expect(isOpen(windows, -DAY_MS + HOUR_MS + 0.5)).toBe(true);
  expect(isOpen(windows, -DAY_MS + HOUR_MS + 1)).toBe(true);
  expect(nextOpening(windows, -DAY_MS + 0.5)).toBe(-DAY_MS + HOUR_MS);
});

test('a window of a zone that the runtime does not know never opens; others beside it do', () => {
  const unknown: TimeWindow = { days: [], hours: [], timeZone: 'Nowhere/Nothing' };
  const known: TimeWindow = { days: [], hours: [{ startHour: 5, endHour: 6 }], timeZone: 'UTC' };
  expect(isOpen([unknown], 0)).toBe(false);
  expect(nextOpening([unknown], 0)).toBeUndefined();
  expect(nextOpening([unknown, known], 0)).toBe(5 * HOUR_MS);
});
