import { describe, expect, test } from 'vitest';
import { type Check, figure, holds, measureTables, renderQualityReport } from '../src/index.ts';

const META = { command: 'stowage quality', cpuModel: 'x', cores: 2, nodeVersion: 'v20', date: 'today' };
const CHECK: Check = { name: 'a', kind: 'target', value: 2, relation: 'below', reference: 3, decimals: 1 };
const EMPTY = { measures: [], checks: [], plots: [], notes: [] };

describe('a check', () => {
  test.each([
    ['below', 2, true],
    ['below', 3, false],
    ['above', 3, false],
    ['above', 4, true],
    ['equal', 3, true],
    ['equal', 3.011, false],
    ['equal', NaN, false],
  ] as const)('%s 3, measured %d', (relation, value, expected) => {
    expect(holds({ ...CHECK, relation, value })).toBe(expected);
  });

  test('equal within a tolerance', () => {
    expect(holds({ ...CHECK, relation: 'equal', value: 3.01, tolerance: 0.011 })).toBe(true);
    expect(holds({ ...CHECK, relation: 'equal', value: 3.02, tolerance: 0.011 })).toBe(false);
  });
});

test('measures become a table for each metric, with cases and policies in order of appearance', () => {
  const measure = { decimals: 1, metric: 'bins' };
  expect(
    measureTables([
      { ...measure, case: 'x', policy: 'b', value: 1234.56 },
      { ...measure, case: 'y', policy: 'a', value: 2 },
      { ...measure, case: 'x', policy: 'b', metric: 'time', value: 3, decimals: 0 },
    ]),
  ).toEqual([
    {
      metric: 'bins',
      policies: ['b', 'a'],
      rows: [
        { case: 'x', cells: ['1,234.6', ''] },
        { case: 'y', cells: ['', '2.0'] },
      ],
    },
    { metric: 'time', policies: ['b'], rows: [{ case: 'x', cells: ['3'] }] },
  ]);
  expect(figure(NaN, 2)).toBe('–');
});

describe('the report', () => {
  test('tells held checks from missed ones and escapes what it was given', () => {
    const html = renderQualityReport(
      [
        {
          suite: { name: 's', summary: 'a < b' },
          result: { ...EMPTY, checks: [CHECK, { ...CHECK, name: '<b>', value: 9 }], notes: ['c & d'] },
        },
      ],
      META,
    );
    expect(html).toContain('1 of 2 checks hold.');
    expect(html).toContain('a &lt; b');
    expect(html).toContain('c &amp; d');
    expect(html).toMatch(
      /&lt;b&gt;<\/th><td>9\.0<\/td><td>below 3\.0<\/td><td>target<\/td><td class="missed">missed/,
    );
  });

  test('draws dots at places and lines over numbers, whatever there is to draw', () => {
    const plot = { title: 't', xLabel: 'x', yLabel: 'y' };
    const html = renderQualityReport(
      [
        {
          suite: { name: 's', summary: '' },
          result: {
            ...EMPTY,
            plots: [
              { ...plot, categories: ['p', 'q'], series: [{ label: 'one', points: [[0, NaN], [1, 5]] }] }, // prettier-ignore
              { ...plot, series: [{ label: 'two', points: [[0, 1], [9, 4]] }] }, // prettier-ignore
              { ...plot, series: [{ label: 'single', points: [[3, 3]] }] },
              { ...plot, categories: [], series: [] },
              { ...plot, series: [{ label: 'none', points: [] }] },
            ],
          },
        },
      ],
      META,
    );
    expect(html.match(/<circle /g)).toHaveLength(1);
    expect(html).toContain('one, q: 5');
    expect(html.match(/class="line /g)?.length).toBeGreaterThanOrEqual(2);
    expect(html).not.toMatch(/NaN|Infinity|undefined/);
  });
});
