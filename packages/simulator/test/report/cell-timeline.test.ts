import { describe, expect, test } from 'vitest';
import { cellTimeline, highestOf, type Timeline } from '../../src/report/cell-timeline.ts';

const SERIES = { label: 'one', colour: 0, timesMs: [60_000, 120_000, 180_000] };
const TIMELINE: Timeline = {
  id: 'p',
  title: 'A <title>',
  yLabel: 'tasks',
  durationMs: 180_000,
  form: 'lines',
  series: [{ ...SERIES, values: [1, 2, 3] }],
  marks: [],
};

describe('a timeline', () => {
  test('draws a line a series, marks as dashed lines, and escapes what it was given', () => {
    const svg = cellTimeline({
      ...TIMELINE,
      series: [...TIMELINE.series, { ...SERIES, label: '<two>', colour: 1, values: [3, 2, 1] }],
      marks: [{ atMs: 60_000, label: 'lost & found' }],
    });
    expect(svg.match(/class="line /g)).toHaveLength(2);
    expect(svg).toContain('&lt;two&gt;');
    expect(svg).toContain('A &lt;title&gt;');
    expect(svg).toMatch(/stroke-dasharray="5 3"[^>]*><title>00:01 lost &amp; found/);
  });

  test('breaks a line where a value is missing', () => {
    const svg = cellTimeline({ ...TIMELINE, series: [{ ...SERIES, values: [1, undefined, 3] }] });
    const [, path] = /class="line [^>]* d="([^"]*)"/.exec(svg)!;
    expect(path.match(/M/g)).toHaveLength(2);
  });

  test('stacks areas upon each other', () => {
    const series = [
      { ...SERIES, values: [1, 2, 3] },
      { ...SERIES, values: [4, 4, 4] },
    ];
    expect(highestOf({ form: 'stacked', series })).toBe(7);
    expect(highestOf({ form: 'lines', series })).toBe(4);
    expect(cellTimeline({ ...TIMELINE, form: 'stacked', series }).match(/class="bar /g)).toHaveLength(2);
  });

  test.each(['lines', 'stacked'] as const)(
    'of %s without anything to draw has axes and no nonsense',
    (form) => {
      for (const series of [
        [],
        [{ ...SERIES, timesMs: [], values: [] }],
        [{ ...SERIES, values: [0, 0, 0] }],
      ]) {
        const svg = cellTimeline({ ...TIMELINE, form, series });
        expect(svg).toContain('class="axis"');
        expect(svg).not.toMatch(/NaN|Infinity|undefined/);
      }
    },
  );
});
