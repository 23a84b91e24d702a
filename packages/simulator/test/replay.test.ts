import { describe, expect, test } from 'vitest';
import { generatedWorkload, OpenbTrace, replay, REPLAY_POLICIES, type Workload } from '../src/index.ts';
import { traceFolder } from './trace-folder.ts';

const mini = (): Workload => new OpenbTrace(traceFolder()).workload('mini', 7);

/** Value by the first cell that has it. */
function steps(cells: readonly number[]): Record<number, number> {
  return Object.fromEntries(
    [...cells.entries()].filter(([cell, value]) => cell === 0 || value !== cells[cell - 1]),
  );
}

describe('replay', () => {
  test('a miniature trace, worked out by hand', () => {
    const run = replay(mini(), 'best-fit');
    // Capacity 4000. Arrivals: 500 on n-1 (first of equals), 1000 beside it (less left), CPU only beside them,
    // 2 × 1000 on n-0, 500 on T4 only: refused as n-0 is full, 500 on n-1. Arrived: 12.5 % → 12 (half to even),
    // 37.5 % → 38, 37.5 %, 87.5 % → 88, 100 %, 112.5 % → 112.
    expect(run.allocation).toHaveLength(131);
    expect(steps(run.allocation)).toEqual({ 0: 0, 12: 12.5, 38: 37.5, 88: 87.5, 112: 100 });
    // Five typical pods of equal frequency. n-0 when empty: lost to the CPU pod only, 2000 / 5. n-1 with 500 and
    // 1000 free: 500 lost to the whole-GPU pod, all to the CPU pod, the two-GPU pod and the T4 pod: 5000 / 5;
    // with 500 free: all lost but to the 500 pod, 2000 / 5.
    expect(steps(run.fragmentation)).toEqual({ 0: 0, 12: 35, 38: 20, 88: 10, 112: 0 });
    expect([run.placed, run.failed]).toEqual([5, 1]);
    expect(run.failures).toEqual([{ reason: 'room only on other GPU models', pods: 1 }]);
    expect(run.nodes).toEqual([
      {
        name: 'n-1',
        model: 'P100',
        cpuMilli: 4000,
        cpuMilliUsed: 4000,
        memoryMiB: 1000,
        memoryMiBUsed: 70,
        gpuMilliUsed: [1000, 1000],
      },
      {
        name: 'n-0',
        model: 'T4',
        cpuMilli: 4000,
        cpuMilliUsed: 1000,
        memoryMiB: 1000,
        memoryMiBUsed: 10,
        gpuMilliUsed: [1000, 1000],
      },
    ]);
    expect(run).toMatchObject({ workload: 'mini', policy: 'best-fit', seed: 7 });
    expect(run.seconds).toBeGreaterThan(0);
  });

  test('a cell is the mean of its arrivals; what arrives past 130 % is not reported', () => {
    const { nodes, pods, ...rest } = mini();
    const arrivals = [0, 2, 2, 2, 3, 3, 3].map((index) => pods[index]);
    const run = replay({ ...rest, nodes, pods, arrivals }, 'best-fit');
    // Four arrivals at 12.5 %, then 62.5 % → 62, 112.5 % → 112 refused, 162.5 % → 162 refused.
    expect(steps(run.allocation)).toEqual({ 0: 0, 12: 12.5, 62: 62.5 });
    // 1400 of 4000 while n-1 has CPU for its GPUs, 1900 when its last CPU is gone and all 1500 are lost: the mean
    // is 38.125.
    expect(run.fragmentation[12]).toBe(38.12);
    expect(run.failed).toBe(2);
  });

  test('reasons of failures: what the nodes that come closest lack', () => {
    const { nodes, pods, ...rest } = mini();
    const pod = { name: 'x', cpuMilli: 0, memoryMiB: 0, gpus: 1, gpuMilli: 10, models: [] };
    const arrivals = [
      { ...pod, models: ['A10'] },
      { ...pod, models: ['A10', 'G2'] },
      { ...pod, cpuMilli: 5000 },
      { ...pod, memoryMiB: 5000, gpus: 0, gpuMilli: 0 },
      { ...pod, gpus: 4, gpuMilli: 1000 },
      ...Array.from({ length: 5 }, () => ({ ...pod, gpus: 1, gpuMilli: 1000 })),
    ];
    expect(replay({ ...rest, nodes, pods, arrivals }, 'fgd').failures).toEqual([
      { reason: 'room only on other GPU models', pods: 2 },
      { reason: 'free GPUs only where cpu is short', pods: 1 },
      { reason: 'no idle GPU', pods: 1 },
      { reason: 'no node with 4 idle GPUs', pods: 1 },
      { reason: 'no node with enough memory', pods: 1 },
    ]);
  });

  test.each(REPLAY_POLICIES.map(({ name }) => name))(
    '%s fills a small cluster, twice the same way',
    (policy) => {
      const workload = generatedWorkload({ scale: 0.03 });
      const run = replay(workload, policy);
      expect(run.placed + run.failed).toBe(workload.arrivals.length);
      expect(run.failures.reduce((sum, { pods }) => sum + pods, 0)).toBe(run.failed);
      const used = run.nodes.flatMap(({ gpuMilliUsed }) => gpuMilliUsed);
      expect(used.every((milli) => milli >= 0 && milli <= 1000)).toBe(true);
      const percent = used.reduce((sum, milli) => sum + milli, 0) / used.length / 10;
      expect(percent).toBeGreaterThan(75);
      expect(run.allocation[130]).toBeCloseTo(percent, 0);
      const { seconds: _, ...again } = replay(workload, policy);
      expect(run).toMatchObject(again);
    },
  );

  test('reports progress', () => {
    const calls: [number, number][] = [];
    replay(generatedWorkload({ scale: 0.03 }), 'best-fit', { onProgress: (...call) => calls.push(call) });
    const total = calls.at(-1)![1];
    expect(calls).toEqual([
      [256, total],
      [total, total],
    ]);
  });

  test.each([{ nodes: [] }, { pods: [] }])('refuses a workload with %o', (part) => {
    expect(() => replay({ ...mini(), ...part }, 'fgd')).toThrow(
      /INVALID_OPTION: workload "mini" has no GPUs or no pods/,
    );
  });

  test('an unknown policy lists the known ones', () => {
    expect(() => replay(mini(), 'worst-fit')).toThrow(
      /UNKNOWN_POLICY: .*best-fit, dot-product, gpu-packing, gpu-clustering, fgd, random/,
    );
  });
});
