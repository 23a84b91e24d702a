import { describe, expect, test } from 'vitest';
import { generatedWorkload, type Pod, SeededRandom } from '../src/index.ts';

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

describe('generatedWorkload', () => {
  test('is the openb cluster', () => {
    const { name, seed, nodes, pods } = generatedWorkload();
    expect([name, seed]).toEqual(['generated', 42]);
    expect(nodes).toHaveLength(1213);
    expect(total(nodes.map(({ gpus }) => gpus))).toBe(6212);
    expect(total(nodes.map(({ cpuMilli }) => cpuMilli))).toBe(107_018_000);
    expect(total(nodes.map(({ memoryMiB }) => memoryMiB))).toBe(503_828_480);
    expect(new Set(nodes.map((node) => node.name)).size).toBe(1213);
    expect(pods).toHaveLength(8152);
  });

  test('has the classes of the recorded pods', () => {
    const { pods } = generatedWorkload();
    const share = (test: (pod: Pod) => boolean): number =>
      Math.round((1000 * pods.filter(test).length) / 8152) / 10;
    expect(share(({ gpus }) => gpus === 0)).toBe(13.3);
    expect(share(({ gpus, gpuMilli }) => gpus === 1 && gpuMilli < 1000)).toBe(37.8);
    expect(share(({ gpus, gpuMilli }) => gpus === 1 && gpuMilli === 1000)).toBe(48);
    expect([2, 4, 8].map((count) => share(({ gpus }) => gpus === count))).toEqual([0.2, 0.2, 0.5]);
    expect(total(pods.map(({ gpus, gpuMilli }) => gpus * gpuMilli)) / 6_212_000).toBeCloseTo(0.98, 2);
    expect(total(pods.map(({ cpuMilli }) => cpuMilli)) / 107_018_000).toBeCloseTo(0.8, 1);
  });

  test.each([0.001, 0.05, 1, 2])('arrivals ask for 130 %% of the GPUs at scale %s', (scale) => {
    const { nodes, arrivals } = generatedWorkload({ scale });
    const capacity = total(nodes.map(({ gpus }) => gpus)) * 1000;
    const asked = total(arrivals.map(({ gpus, gpuMilli }) => gpus * gpuMilli));
    expect(asked).toBeLessThanOrEqual(1.3 * capacity);
    expect(asked).toBeGreaterThan(1.3 * capacity - 8000);
  });

  test('every pod arrives once before any arrives again', () => {
    const { pods, arrivals } = generatedWorkload();
    expect(new Set(arrivals.slice(0, pods.length)).size).toBe(pods.length);
    expect(arrivals.length).toBeGreaterThan(pods.length);
  });

  test('depends on the seed only', () => {
    const options = { seed: 5, scale: 0.02 };
    expect(generatedWorkload(options)).toEqual(generatedWorkload(options));
    expect(generatedWorkload(options).nodes).not.toEqual(generatedWorkload({ ...options, seed: 6 }).nodes);
  });

  test.each([{ seed: -1 }, { seed: 0.5 }, { seed: 2 ** 32 }, { scale: 0 }, { scale: NaN }, { scale: 101 }])(
    'refuses %o',
    (options) => {
      expect(() => generatedWorkload(options)).toThrow(/INVALID_OPTION/);
    },
  );
});

describe('SeededRandom', () => {
  test('gives the published sequence of mulberry32', () => {
    const random = new SeededRandom(0);
    expect([random.next(), random.next(), random.next()]).toEqual([1144304738, 1416247, 958946056]);
  });

  test('stays below the bound and reaches every value', () => {
    const random = new SeededRandom(1);
    const counts = new Array<number>(6).fill(0);
    for (let i = 0; i < 6000; i++) counts[random.below(6)]++;
    expect(counts.every((count) => count > 850 && count < 1150)).toBe(true);
    expect(total(counts)).toBe(6000);
  });

  test('shuffles a copy', () => {
    const items = Array.from({ length: 100 }, (_, i) => i);
    const shuffled = new SeededRandom(1).shuffled(items);
    expect(shuffled).not.toEqual(items);
    expect(shuffled.toSorted((a, b) => a - b)).toEqual(items);
  });
});
