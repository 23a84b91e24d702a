import { describe, expect, test } from 'vitest';
import { CELL_SCENARIOS, cellTables, renderCellReport, runCell } from '../../src/index.ts';
import { batch, scenario, service } from '../cell/set-up.ts';
import { readMarkup } from '../report-fixtures.ts';

const META = { command: 'stowage simulate', cpuModel: 'x', cores: 2, nodeVersion: 'v20', date: 'today' };
const FAMILY = { name: 'f', title: 'A < B', description: 'c & d' };

const busy = scenario({
  name: 'busy <run>',
  arrivals: [
    { name: 'web', when: { atMs: 0 }, spec: service(6) },
    { name: 'sum', when: { atMs: 60_000 }, spec: batch(5) },
  ],
  actions: [{ kind: 'lose-agents', atMs: 600_000, label: 'one & all', agents: { pool: 'critical' } }],
  milestones: [
    { name: 'six started', jobs: 'web', state: 'started', count: 6, fromMs: 0 },
    { name: 'never', jobs: 'web', state: 'finished', count: 1_000, fromMs: 0 },
  ],
});
const idle = scenario({ name: 'idle' });
const runs = [runCell(busy), runCell(idle)];

describe('the tables of a cell', () => {
  const tables = cellTables(runs);
  const cellsOf = (row: string) =>
    tables.flatMap(({ rows }) => rows.filter(({ name }) => name === row).map(({ cells }) => cells));

  test('have a column a run, and a dash where a run has nothing to say', () => {
    expect(cellsOf('never')).toEqual([[`6 of 1,000`, '–']]);
    expect(cellsOf('jobs submitted')).toEqual([['2', '0']]);
    expect(cellsOf('agents lost')).toEqual([['6', '0']]);
    expect(cellsOf('ends: lost')).toEqual([['6', '0']]);
    expect(cellsOf('availability of services')[0][1]).toBe('–');
    expect(cellsOf('batch tasks: ended by a failure')).toEqual([['0.000 %', '–']]);
  });

  test('leave out what says nothing in any run', () => {
    expect(cellsOf('evictions')).toEqual([]);
    expect(cellTables([runs[1]]).map(({ title }) => title)).toEqual(['Totals']);
  });
});

describe('the report of a cell', () => {
  const html = renderCellReport(FAMILY, runs, META);

  test('is one page without scripts or anything from elsewhere, with everything escaped', () => {
    expect(html).not.toMatch(/<script|<link|src=|url\(/);
    expect(html).toContain('A &lt; B');
    expect(html).toContain('c &amp; d');
    expect(html).toContain('busy &lt;run&gt;');
    expect(html).not.toContain('busy <run>');
    expect(html).toContain('00:10 one &amp; all');
    expect(html).not.toMatch(/NaN|Infinity|undefined/);
    for (const { trace } of runs) expect(html).toContain(trace.hash);
  });

  test('draws runs in one plot where they have one value, side by side where they have several', () => {
    expect(html.match(/<h3>Launches<\/h3>/g)).toHaveLength(1);
    expect(html).toContain('<h3>Tasks by state: busy &lt;run&gt;</h3>');
    expect(html).toContain('<h3>Tasks by state: idle</h3>');
  });

  test('draws nothing that never was anything but zero', () => {
    expect(html).not.toContain('<h3>Evictions</h3>');
    expect(html).not.toContain('<h3>Crash loops</h3>');
  });

  test('has ids that are unique and the same bytes for the same runs', () => {
    const ids = readMarkup(html).flatMap(({ attributes }) => attributes['id'] ?? []);
    expect(new Set(ids).size).toBe(ids.length);
    expect(renderCellReport(FAMILY, runs, META)).toBe(html);
  });

  test('stays small where a scenario has thousands of actions', () => {
    const family = CELL_SCENARIOS.find(({ name }) => name === 'steady-service-fleet')!;
    const day = runCell(family.runs(0.02)[0]);
    expect(day.marks.length).toBeGreaterThan(200);
    const page = renderCellReport(family, [day], META);
    expect(page).toContain('of kind update-capacity');
    expect(page.match(/stroke-dasharray="5 3"/g)!.length).toBeLessThan(200);
  });
});
