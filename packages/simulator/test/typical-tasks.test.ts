import { expect, test } from 'vitest';
import { type Pod, typicalTasks } from '../src/index.ts';

const pods = (count: number, shape: Partial<Pod>): Pod[] =>
  Array.from({ length: count }, () => ({
    name: 'p',
    cpuMilli: 1000,
    memoryMiB: count,
    gpus: 1,
    gpuMilli: 1000,
    models: [],
    ...shape,
  }));

test('the most frequent shapes up to 95 % of the pods, memory not looked at', () => {
  const tasks = typicalTasks([
    ...pods(5, { cpuMilli: 9000 }),
    ...pods(30, { gpuMilli: 500 }),
    ...pods(40, {}),
    ...pods(20, {}),
    ...pods(5, { gpus: 0, gpuMilli: 0 }),
  ]);
  // 60 + 30 are not 95 yet; of the two shapes with 5 the one with more CPU comes first and makes it 95.
  expect(tasks.map(({ cpu, slots, units, models }) => [cpu, slots, units, models])).toEqual([
    [1000, 1, 1000, []],
    [1000, 1, 500, []],
    [9000, 1, 1000, []],
  ]);
  expect(tasks.map(({ frequency }) => frequency * 95)).toEqual(
    [60, 30, 5].map((count) => expect.closeTo(count, 9)),
  );
});

test('ties go to more CPU, then more of a GPU, more GPUs, the later model list', () => {
  const tasks = typicalTasks([
    ...pods(1, { models: ['A'] }),
    ...pods(1, { models: ['B'] }),
    ...pods(1, { gpus: 2 }),
    ...pods(1, { gpuMilli: 999, gpus: 1 }),
    ...pods(1, { cpuMilli: 1001, gpuMilli: 1 }),
  ]);
  expect(tasks.map(({ cpu, slots, units, models }) => [cpu, slots, units, models.join()])).toEqual([
    [1001, 1, 1, ''],
    [1000, 2, 1000, ''],
    [1000, 1, 1000, 'B'],
    [1000, 1, 1000, 'A'],
    [1000, 1, 999, ''],
  ]);
});
