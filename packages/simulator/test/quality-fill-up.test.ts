import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { generatedWorkload, replay } from '../src/index.ts';
import { fillUp } from '../src/quality/fill-up/fill-up.ts';
import { checksOf } from '../src/quality/fill-up/fill-up-checks.ts';
import { type FillUpRun, measuresOf, pairedDifferences } from '../src/quality/fill-up/fill-up-measures.ts';
import { freshWorkload } from '../src/quality/fill-up/fresh-workload.ts';
import { holds } from '../src/quality/suite.ts';
import type { Pod } from '../src/openb/workload.ts';
import { finished } from './finished.ts';

const data = join(import.meta.dirname, '../../../../shared/traces');
const isThere = existsSync(join(data, 'openb'));
if (!isThere)
  console.info(`the fill-up suite on recorded workloads is skipped: there is no trace in ${data}`);

const run = (
  workload: string,
  seed: number,
  policy: string,
  allocated: number,
  rest: Partial<FillUpRun> = {},
): FillUpRun => ({
  workload,
  seed,
  policy,
  isFresh: false,
  allocation: Array<number>(131).fill(allocated),
  microsPerPlacement: 10,
  agrees: policy === 'fgd',
  ...rest,
});

describe('figures', () => {
  const runs = [
    run('a', 1, 'fgd', 90),
    run('a', 1, 'expected-fill', 91),
    run('a', 2, 'fgd', 92),
    run('a', 2, 'expected-fill', 95),
    run('b', 1, 'fgd', 80),
    run('b', 1, 'expected-fill', 79.5),
  ];

  test('differences are paired by seed', () => {
    expect(pairedDifferences(runs, 130)).toEqual([
      { workload: 'a', mean: 2, standardDeviation: Math.SQRT2 },
      { workload: 'b', mean: -0.5, standardDeviation: 0 },
    ]);
  });

  test('means are over seeds, then over workloads', () => {
    const means = measuresOf(runs).filter(
      ({ metric, policy }) => metric === 'GPU allocation % at 130 % arrival' && policy === 'expected-fill',
    );
    expect(means.map((measure) => [measure.case, measure.value])).toEqual([
      ['a', 93],
      ['b', 79.5],
      ['mean', 86.25],
    ]);
  });

  test('a workload on which ours is far behind fails, and a run that is not the published one', () => {
    const failed = (given: readonly FillUpRun[]): string[] =>
      checksOf(given, true)
        .filter((check) => !holds(check))
        .map(({ name }) => name);
    expect(failed(runs)).toEqual([
      'expected-fill: points above fgd on the same recorded sequences, workload with the least',
    ]);
    const [first, ...others] = runs.slice(0, 4);
    expect(failed([{ ...first, agrees: false }, ...others])).toEqual([
      'fgd: runs of which all cells are within 0.011 of the published ones',
    ]);
  });
});

describe('fresh sequences', () => {
  const { nodes, pods, ...rest } = generatedWorkload({ scale: 0.02 });
  const demand = (arrivals: readonly Pod[]): number =>
    arrivals.reduce((sum, { gpus, gpuMilli }) => sum + gpus * gpuMilli, 0);
  const capacity = nodes.reduce((sum, { gpus }) => sum + gpus, 0) * 1000;

  test.each([
    { change: 'are removed', every: 1 },
    { change: 'repeat', every: 150 },
  ])('end at 130 %% of the capacity: pods $change', ({ every }) => {
    const given = pods.filter((_, i) => i % every === 0);
    const workload = freshWorkload({ ...rest, nodes, pods: given }, 7);
    expect(demand(workload.arrivals) / capacity).toBeGreaterThan(1.2);
    expect(demand(workload.arrivals) / capacity).toBeLessThanOrEqual(1.3 + 8000 / capacity);
    expect(workload.arrivals.every((pod) => given.includes(pod))).toBe(true);
    expect(new Set(workload.nodes)).toEqual(new Set(nodes));
    expect(freshWorkload({ ...rest, nodes, pods: given }, 7)).toEqual(workload);
    expect(freshWorkload({ ...rest, nodes, pods: given }, 8).arrivals).not.toEqual(workload.arrivals);
  });

  test('pods without GPUs never reach it', () => {
    const without = pods.filter(({ gpus }) => gpus === 0);
    expect(freshWorkload({ ...rest, nodes, pods: without }, 7).arrivals).toHaveLength(without.length);
  });
});

test('expected-fill allocates more than FGD on a generated workload', () => {
  const differences = [1, 2].map((seed) => {
    const workload = generatedWorkload({ seed, scale: 0.25 });
    return replay(workload, 'expected-fill').allocation[130] - replay(workload, 'fgd').allocation[130];
  });
  expect(Math.min(...differences)).toBeGreaterThan(0);
});

test.skipIf(!isThere)('the suite, in small', () => {
  const { checks, measures, plots } = finished(fillUp.run({ data, smoke: true }));
  expect(checks.filter((check) => !holds(check))).toEqual([]);
  expect(checks.filter(({ kind }) => kind === 'golden')).toHaveLength(2);
  expect(new Set(measures.map(({ policy }) => policy))).toContain('expected-fill');
  expect(plots.every(({ series }) => series.every(({ points }) => points.length > 1))).toBe(true);
});
