import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ExpectedResults, type ReplayRun } from '../src/index.ts';

const PERCENTS = Array.from({ length: 131 }, (_, percent) => percent);

const run: ReplayRun = {
  workload: 'mini',
  policy: 'fgd',
  seed: 7,
  allocation: PERCENTS.map((percent) => Math.min(percent, 95)),
  fragmentation: PERCENTS.map(() => 5.25),
  placed: 0,
  failed: 0,
  seconds: 0,
  failures: [],
  nodes: [],
};

const line = (cells: readonly number[], policy = '06-FGD', workload = 'openb_pod_list_mini'): string =>
  [workload, policy, '1.3', '7', ...cells].join();

function tables(allocation: readonly string[], fragmentation: readonly string[]): ExpectedResults {
  const folder = mkdtempSync(join(tmpdir(), 'stowage-expected-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const header = ['workload', 'sc_policy', 'tune', 'seed', ...PERCENTS].join();
  const write = (name: string, lines: readonly string[]): void =>
    writeFileSync(join(folder, `analysis_${name}_discrete.csv`), [header, ...lines, ''].join('\n'));
  write('allo', allocation);
  write('frag', fragmentation);
  return new ExpectedResults(folder);
}

const off = (cells: readonly number[], by: number): number[] => cells.with(100, cells[100] + by);

describe('ExpectedResults', () => {
  test('a run agrees when no cell is off by more than rounding', () => {
    const same = tables([line(run.allocation)], [line(run.fragmentation)]);
    expect(same.compare(run)).toEqual({ compared: true, cells: 262, largestDifference: 0, agrees: true });
    const rounded = tables([line(off(run.allocation, 0.01))], [line(run.fragmentation)]);
    expect(rounded.compare(run)).toMatchObject({ largestDifference: expect.closeTo(0.01, 9), agrees: true });
  });

  test.each(['allocation', 'fragmentation'] as const)('one cell of the %s is enough to disagree', (table) => {
    const changed = { ...run, [table]: off(run[table], 0.02) };
    const comparison = tables([line(run.allocation)], [line(run.fragmentation)]).compare(changed);
    expect(comparison).toMatchObject({
      compared: true,
      largestDifference: expect.closeTo(0.02, 9),
      agrees: false,
    });
  });

  test('what was not published, or drew random numbers, is not compared; half a publication is refused', () => {
    const expected = tables(
      [line(run.allocation), line(run.allocation, '05-BestFit'), line(run.allocation, '01-Random')],
      [line(run.fragmentation), line(run.fragmentation, '01-Random')],
    );
    const reason = 'not among the published runs';
    expect(expected.compare({ ...run, seed: 8 })).toEqual({ compared: false, reason });
    expect(expected.compare({ ...run, workload: 'generated' })).toEqual({ compared: false, reason });
    expect(() => expected.compare({ ...run, policy: 'best-fit' })).toThrow(
      /only one of the two expected tables/,
    );
    expect(expected.compare({ ...run, policy: 'random' })).toMatchObject({
      reason: expect.stringContaining('random numbers'),
    });
  });

  test.each<[string, string[], RegExp]>([
    ['no known policy', [line(run.allocation, '07-Other')], /no line has a policy that is known/],
    [
      'another kind of workload',
      [line(run.allocation, '06-FGD', 'mini')],
      /line 2: workload is "mini"; it must start with openb_pod_list_/,
    ],
    [
      'a cell that is no number',
      [line(run.allocation).replace(',50,', ',x,')],
      /line 2: 50 is "x"; it must be a number/,
    ],
    ['an empty cell', [line(run.allocation).replace(',50,', ',,')], /line 2: 50 is ""/],
    ['a line twice', [line(run.allocation), line(run.allocation)], /line 3: mini fgd 7 occurs twice/],
    ['too few cells', [line(run.allocation.slice(0, 100))], /line 2/],
  ])('refuses %s', (_, lines, message) => {
    const action = (): unknown => tables(lines, [line(run.fragmentation)]);
    expect(action).toThrow(message);
    expect(action).toThrow(/MALFORMED_TRACE: .*analysis_allo_discrete\.csv/);
  });

  test('refuses a folder without tables', () => {
    expect(() => new ExpectedResults('/nowhere')).toThrow(/TRACE_NOT_FOUND/);
  });
});
