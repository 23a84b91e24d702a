import { describe, expect, test } from 'vitest';
import { clockText, clockTicks, spanText } from '../../src/report/cell-times.ts';

test.each([
  [undefined, '–'],
  [Number.NaN, '–'],
  [0, '0 ms'],
  [999.4, '999 ms'],
  [999.6, '1.0 s'],
  [59_940, '59.9 s'],
  [59_960, '1 min 00 s'],
  [307_000, '5 min 07 s'],
  [3_600_000, '1 h 00 min'],
  [3_600_000 * 26 + 60_000 * 5, '26 h 05 min'],
])('a span of %d ms is %s', (spanMs, text) => {
  expect(spanText(spanMs)).toBe(text);
});

test.each([
  [0, '00:00'],
  [59_999, '00:00'],
  [5_400_000, '01:30'],
  [30 * 3_600_000, '30:00'],
])('%d ms after the beginning it is %s', (atMs, text) => {
  expect(clockText(atMs)).toBe(text);
});

describe('the ticks of a time axis', () => {
  test.each([
    [2 * 3_600_000, ['00:00', '00:15', '00:30', '00:45', '01:00', '01:15', '01:30', '01:45', '02:00']],
    [24 * 3_600_000, ['00:00', '03:00', '06:00', '09:00', '12:00', '15:00', '18:00', '21:00', '24:00']],
    [4 * 60_000, ['00:00', '00:01', '00:02', '00:03', '00:04']],
  ])('of %d ms are at round times', (durationMs, ticks) => {
    expect(clockTicks(durationMs, 8).map(clockText)).toEqual(ticks);
  });

  test('are never more than asked for, but for the first, however long it takes', () => {
    for (let hours = 1; hours < 4_000; hours = Math.ceil(hours * 1.7))
      expect(clockTicks(hours * 3_600_000, 8).length).toBeLessThanOrEqual(9);
  });
});
