/**
 * What becomes of measurements, without Java and without time: repetitions, ratios, checks, tables; and the command line.
 */
import { describe, expect, it } from 'vitest';
import { parseArguments, UsageError } from './arguments.ts';
import { RIVAL_CASES } from './cases.ts';
import { figuresOf, type RivalRun } from './figures.ts';
import { FENZO } from './fenzo/fenzo-variants.ts';
import { measure } from './measurement.ts';
import { mismatches } from './mismatches.ts';
import { recordedBeside } from './recorded.ts';
import { agentsUsed, parseRepetition, placed, type Repetition } from './repetition.ts';
import { table } from './report.ts';
import type { Rival } from './rival.ts';
import { ratios, spread, unpairedRatio } from './statistics.ts';

describe('measurement', () => {
  const rival = (rows: () => number[]): Rival => ({ place() {}, rows, release() {} });

  it('goes on until its time is over', () => {
    const { calls, placeNs, totalNs, rows } = measure(
      rival(() => [1, 2]),
      1,
    );
    expect(calls).toBeGreaterThan(1);
    expect(totalNs).toBeGreaterThanOrEqual(1e6);
    expect(placeNs).toBeLessThanOrEqual(totalNs);
    expect(rows).toEqual([1, 2]);
  });

  it('fails when two calls differ', () => {
    let calls = 0;
    expect(() =>
      measure(
        rival(() => [calls++]),
        1,
      ),
    ).toThrow('Two equal calls differ.');
  });
});

describe('repetitions', () => {
  const line = '{"calls":2,"placeNs":1000,"cpuNs":1500,"totalNs":2000,"rows":[3,-1,3,1]}';

  it('are read from a line of a harness', () => {
    const repetition = parseRepetition(line);
    expect(placed(repetition)).toBe(3);
    expect(agentsUsed(repetition)).toBe(2);
  });

  it.each(['{}', '{"calls":0,"placeNs":1,"cpuNs":1,"totalNs":1,"rows":[]}', '[]', 'run'])(
    'are not read from %s',
    (text) => {
      expect(() => parseRepetition(text)).toThrow();
    },
  );
});

describe('statistics', () => {
  it('take the median of odd and even numbers of values', () => {
    expect(spread([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3 });
    expect(spread([4, 1, 2, 3])).toEqual({ median: 2.5, min: 1, max: 4 });
    expect(() => spread([])).toThrow();
  });

  it('pair what ran side by side', () => {
    expect(ratios([10, 20, 60], [1, 4, 6])).toEqual({ median: 10, min: 5, max: 10 });
    expect(() => ratios([1, 2], [1])).toThrow();
  });

  it('allow everything for what did not', () => {
    const ratio = unpairedRatio({ median: 10, min: 8, max: 12 }, { median: 2, min: 1, max: 4 });
    expect(ratio).toEqual({ median: 5, min: 2, max: 12 });
  });
});

describe('checks', () => {
  const repetition = (...rows: number[]): Repetition => ({
    calls: 1,
    placeNs: 1e6,
    cpuNs: 1e6,
    totalNs: 2e6,
    rows,
  });
  const run = (name: string, rule: RivalRun['rule'], ...repetitions: Repetition[]): RivalRun => ({
    name,
    rule,
    repetitions,
  });
  const first = 'soft constraints first';
  const ours = run('ours', first, repetition(1, 2), repetition(1, 2));

  it('accept equal decisions, and other decisions by another rule', () => {
    const other = run('other', 'one sum', repetition(0, 3), repetition(0, 3));
    expect(mismatches([ours, run('plain', first, ...ours.repetitions), other])).toEqual([]);
  });

  it('find what differs', () => {
    const otherAgents = run('plain', first, repetition(1, 3), repetition(1, 3));
    expect(mismatches([ours, otherAgents])).toEqual([
      '"plain" does not choose the agents that "ours" chooses.',
    ]);
    const fewer = run('sum', 'one sum', repetition(1, -1), repetition(1, -1));
    expect(mismatches([ours, fewer])).toEqual(['"sum" places 1 tasks, "ours" 2.']);
    const fickle = run('sum', 'one sum', repetition(1, 2), repetition(2, 1));
    expect(mismatches([ours, fickle])).toEqual([
      '"sum" decides differently from one repetition to the next.',
    ]);
  });

  it('stand in a table with ratios and with what was recorded', () => {
    const slow = { ...repetition(1, 2), placeNs: 4e6 };
    const figures = figuresOf(RIVAL_CASES[0], 1000, [ours, run('plain', first, slow, slow)]);
    expect(figures[1]).toMatchObject({ sameDecisions: 1, ratio: { median: 4 }, totalRatio: { median: 1 } });
    const recorded = recordedBeside(figures[0]);
    expect(recorded).toMatchObject([{ rival: FENZO, source: 'recorded' }]);
    expect(recorded[0].placementsPerSecond.median).toBeCloseTo(1000 / 0.131);
    expect(table([...figures, ...recorded]).split('\n')).toHaveLength(4);
  });
});

describe('command line', () => {
  it('has defaults', () => {
    expect(parseArguments([])).toEqual({
      cases: RIVAL_CASES,
      agents: [1000, 10_000],
      repetitions: undefined,
      json: false,
      skipFenzo: false,
      help: false,
    });
  });

  it('takes options', () => {
    const { cases, agents, repetitions } = parseArguments(
      '--only packing --agents 500 --repetitions 2 --json --skip-fenzo'.split(' '),
    );
    expect([cases.map(({ name }) => name), agents, repetitions]).toEqual([['packing'], [500], 2]);
  });

  it.each([
    '--only nothing',
    '--agents 10',
    '--agents x',
    '--agents 1000,',
    '--repetitions 0',
    '--fast',
    'x',
  ])('refuses %s', (line) => {
    expect(() => parseArguments(line.split(' '))).toThrow(UsageError);
  });
});
