import { describe, expect, test } from 'vitest';
import { shownMarks } from '../../src/report/cell-marks.ts';

const note = (atMs: number, label: string) => ({ atMs, kind: 'note' as const, label });

describe('marks of actions', () => {
  test('come by time, those of one moment as one', () => {
    const { marks, omitted } = shownMarks([note(9, 'c'), note(5, 'a'), note(5, 'b')]);
    expect(marks).toEqual([
      { atMs: 5, label: 'a; b' },
      { atMs: 9, label: 'c' },
    ]);
    expect(omitted).toEqual([]);
  });

  test('are counted where many of a kind happen at one moment', () => {
    const growth = Array.from({ length: 100 }, (_, n) => ({
      atMs: 7,
      kind: 'update-capacity' as const,
      label: `job ${n}`,
    }));
    expect(shownMarks([...growth, note(7, 'now')]).marks).toEqual([
      { atMs: 7, label: '100 × update-capacity; now' },
    ]);
  });

  test('of a kind that happens all the time are left out and told of', () => {
    const often = Array.from({ length: 1_000 }, (_, n) => ({
      atMs: n,
      kind: 'update-capacity' as const,
      label: `job ${n}`,
    }));
    expect(shownMarks([...often, note(3, 'now')])).toEqual({
      marks: [{ atMs: 3, label: 'now' }],
      omitted: ['1,000 actions of kind update-capacity'],
    });
  });

  test('of several runs that are alike are one', () => {
    expect(shownMarks([note(1, 'a'), note(1, 'a')]).marks).toEqual([{ atMs: 1, label: 'a' }]);
  });
});
