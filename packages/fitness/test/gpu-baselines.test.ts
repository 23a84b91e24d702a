import { StowageError } from '@stowage/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gpuBestFit, gpuClustering, gpuDotProduct, gpuPacking } from '../src/index.ts';
import {
  type AgentState,
  clusterArbitrary,
  demandArbitrary,
  type GpuDemand,
  gpuEngine,
  place,
  scoresOf,
  stateOf,
} from './gpu-cluster.ts';

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Compares a policy with a formula for one agent on random clusters. */
function agreesWith(
  policy: ReturnType<typeof gpuBestFit>,
  formula: (agent: AgentState, demand: GpuDemand) => number,
): void {
  fc.assert(
    fc.property(clusterArbitrary, demandArbitrary, (engine, demand) => {
      for (const [row, score] of scoresOf(engine, policy, demand)) {
        expect(score).toBe(formula(stateOf(engine, row), demand));
      }
    }),
  );
}

describe('gpuBestFit', () => {
  test('example', () => {
    const engine = gpuEngine([
      [96_000, 8, 'G2'],
      [8_000, 1, 'T4'],
    ]);
    // Left after the task: 64 of 128 cores and 6 of 8 GPUs: 100 · (1 − ½ (½ + ¾)) = 37.5.
    // The other agent has no room.
    expect([...scoresOf(engine, gpuBestFit(), [32_000, 2, 1000])]).toEqual([[0, 37]]);
    // 95 of 128 cores, 7.5 of 8 GPUs: 16.0…; 7 of 128 cores, 0.5 of 8 GPUs: 94.1….
    expect([...scoresOf(engine, gpuBestFit(), [1_000, 1, 500]).values()]).toEqual([16, 94]);
  });

  test('is the published formula', () => {
    agreesWith(gpuBestFit(), ({ cpu, left }, [c, n, g]) =>
      Math.floor((1 - (((cpu - c) / 128000) * 0.5 + ((sum(left) - n * g) / 8000) * 0.5)) * 100),
    );
  });

  test('is relative to the scale given; greater agents score 0', () => {
    const engine = gpuEngine([
      [96_000, 8, 'G2'],
      [8_000, 1, 'T4'],
    ]);
    expect([
      ...scoresOf(engine, gpuBestFit({ maxCpu: 8_000, maxGpu: 1_000 }), [4_000, 0, 0]).values(),
    ]).toEqual([0, 25]);
  });

  test.each([{ maxCpu: 0 }, { maxGpu: -1 }, { maxCpu: NaN }])('refuses %o', (options) => {
    expect(() => gpuBestFit(options)).toThrow(StowageError);
    expect(() => gpuDotProduct(options)).toThrow(/INVALID_PLUGIN.*give a number above 0/);
  });
});

describe('gpuDotProduct', () => {
  test('example: the agent with the smaller product wins', () => {
    const engine = gpuEngine([
      [128_000, 8, 'G3'],
      [64_000, 2, 'P100'],
    ]);
    // 1 − ½ (1 · ½ + 1 · ¼) = 0.625; 1 − ½ (½ · ½ + ¼ · ¼) = 0.84375.
    expect([...scoresOf(engine, gpuDotProduct(), [64_000, 2, 1000]).values()]).toEqual([62, 84]);
  });

  test('is the published formula', () => {
    agreesWith(gpuDotProduct(), ({ cpu, left }, [c, n, g]) => {
      const product = (cpu / 128000) * (c / 128000) + (sum(left) / 8000) * ((n * g) / 8000);
      return Math.floor(100 * (1 - product / 2));
    });
  });
});

describe('gpuPacking', () => {
  test('prefers GPUs in use to idle GPUs in use to idle agents', () => {
    const engine = gpuEngine([
      [64_000, 8, 'G2'],
      [64_000, 2, 'P100'],
      [64_000, 2, 'P100'],
    ]);
    place(engine, [64_000, 1, 700]);
    const row1 = place(engine, [1_000, 1, 400]);
    expect(engine.agentOf(row1)).toBe(1);
    // Row 0 has no CPU left. Row 1: 600 milli free on the GPU in use, 100 − ⌊60 / 10⌋. Row 2: 33 − 2 idle.
    expect([...scoresOf(engine, gpuPacking(), [1_000, 1, 500])]).toEqual([
      [1, 94],
      [2, 31],
    ]);
    // 700 milli do not fit there: one idle GPU must be opened, 50 − 1.
    expect([...scoresOf(engine, gpuPacking(), [1_000, 1, 700])]).toEqual([
      [1, 49],
      [2, 31],
    ]);
    expect([...scoresOf(engine, gpuPacking(), [1_000, 0, 0]).values()]).toEqual([0, 0]);
  });

  test('is the published rule', () => {
    agreesWith(gpuPacking(), ({ left }, [, n, g]) => {
      if (n === 0) return 0;
      const idle = left.filter((milli) => milli === 1000).length;
      if (idle === left.length) return Math.max(33 - idle, idle);
      const taken = left
        .filter((milli) => milli >= g)
        .sort((a, b) => a - b)
        .slice(0, n);
      const opened = taken.filter((milli) => milli === 1000).length;
      if (opened > 0) return Math.max(50 - opened, 33);
      const percent = sum(taken.map((milli) => Math.floor((milli * 100) / 1000)));
      return Math.max(100 - Math.floor(percent / 10), 50);
    });
  });
});

describe('gpuClustering', () => {
  test('prefers agents that run only the same kind', () => {
    const engine = gpuEngine([
      [10_000, 8, 'G2'],
      [9_000, 8, 'G2'],
      [8_000, 8, 'G2'],
      [90_000, 8, 'G2'],
      [7_000, 8, 'G2'],
    ]);
    place(engine, [9_000, 1, 500]);
    place(engine, [9_000, 1, 1000]);
    place(engine, [4_000, 1, 500]);
    place(engine, [4_000, 1, 1000]);
    place(engine, [90_000, 0, 0]);
    const shares = scoresOf(engine, gpuClustering(), [0, 1, 100]);
    // ⌊25 · used / 8000⌋ is 1 for 500 milli, 3 for 1000, 4 for 1500; the task without GPUs counts nowhere.
    expect([...shares.values()]).toEqual([75 + 1, 0 + 3, 50 + 4, 25, 25]);
    expect([...scoresOf(engine, gpuClustering(), [0, 1, 1000]).values()]).toEqual([1, 78, 54, 25, 25]);
    expect([...scoresOf(engine, gpuClustering(), [0, 0, 0]).values()]).toEqual([0, 0, 0, 0, 0]);
  });

  test('follows releases', () => {
    const engine = gpuEngine([[10_000, 8, 'G2']]);
    const share = place(engine, [0, 1, 500]);
    place(engine, [0, 1, 1000]);
    expect(scoresOf(engine, gpuClustering(), [0, 1, 1000]).get(0)).toBe(54);
    engine.release(share);
    expect(scoresOf(engine, gpuClustering(), [0, 1, 1000]).get(0)).toBe(78);
  });
});
