import { describe, expect, it } from 'vitest';
import { count, duration, percent, plural } from '../src/numbers.ts';
import { textTable } from '../src/text-table.ts';

describe('textTable', () => {
  it('aligns columns and leaves no blanks at the end of lines', () => {
    const rows = [
      ['best-fit', '1', 'x'],
      ['fgd', '1,000', ''],
    ];
    expect(textTable(['policy', 'n', 'note'], rows, ['left', 'right', 'left'])).toEqual([
      'policy        n  note',
      'best-fit      1  x',
      'fgd       1,000',
    ]);
  });

  it('prints a header without rows', () => {
    expect(textTable(['a', 'b'], [], ['left', 'right'])).toEqual(['a  b']);
  });
});

describe('numbers', () => {
  it('prints the same on every machine', () => {
    expect([percent(95.395), percent(100), percent(NaN), percent(undefined)]).toEqual([
      '95.39',
      '100.00',
      '-',
      '-',
    ]);
    expect([count(1234567.4), count(12), count(Infinity)]).toEqual(['1,234,567', '12', '-']);
    expect([plural(1, 'seed'), plural(2, 'seed')]).toEqual(['1 seed', '2 seeds']);
    const spans = [400, 8_000, 125_000, 3_780_000].map(duration);
    expect(spans).toEqual(['0s', '8s', '2m05s', '1h03m']);
  });
});
