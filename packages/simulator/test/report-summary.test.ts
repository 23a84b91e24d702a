import { describe, expect, it } from 'vitest';
import { summarizeRuns } from '@stowage/simulator';
import { makeRun } from './report-fixtures.ts';

describe('summarizeRuns', () => {
  it('takes means and spreads over the seeds of a policy', () => {
    const [summary, ...others] = summarizeRuns([
      makeRun({ seed: 1, level: 80, placed: 90, failed: 10, seconds: 1 }),
      makeRun({ seed: 2, level: 84, placed: 110, failed: 20, seconds: 3 }),
    ]);
    expect(others).toEqual([]);
    const at130 = (['mean', 'low', 'high', 'deviation'] as const).map((key) => summary.allocation[key][130]);
    expect(at130).toEqual([82, 80, 84, Math.sqrt(8)]);
    expect(summary).toMatchObject({ placed: 100, failed: 15, placementsPerSecond: 50 });
  });

  it('keeps workloads and policies apart, in order of appearance', () => {
    const runs = [
      makeRun({ workload: 'b', policy: 'x' }),
      makeRun({ workload: 'a', policy: 'x' }),
      makeRun({ workload: 'b', policy: 'y' }),
      makeRun({ workload: 'b', policy: 'x', seed: 43 }),
    ];
    const keys = summarizeRuns(runs).map((summary) => [
      summary.workload,
      summary.policy,
      summary.runs.length,
    ]);
    expect(keys).toEqual([
      ['b', 'x', 2],
      ['a', 'x', 1],
      ['b', 'y', 1],
    ]);
  });

  it('counts a reason that a run lacks as zero pods', () => {
    const [summary] = summarizeRuns([
      makeRun({ seed: 1, failures: [{ reason: 'cpu', pods: 2 }] }),
      makeRun({
        seed: 2,
        failures: [
          { reason: 'gpu', pods: 6 },
          { reason: 'cpu', pods: 3 },
        ],
      }),
    ]);
    expect(summary.failures).toEqual([
      { reason: 'gpu', pods: 3 },
      { reason: 'cpu', pods: 2.5 },
    ]);
  });

  it('leaves gaps out of the means', () => {
    const [summary] = summarizeRuns([
      makeRun({ seed: 1, allocation: [1, NaN, NaN] }),
      makeRun({ seed: 2, allocation: [3, 4] }),
    ]);
    expect(summary.allocation.mean).toEqual([2, 4, NaN]);
    expect(summary.allocation.deviation).toEqual([Math.SQRT2, 0, 0]);
  });
});
