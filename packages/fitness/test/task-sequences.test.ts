import { describe, expect, test } from 'vitest';
import type { TypicalTask } from '../src/index.ts';
import {
  SEQUENCE_COUNT,
  SEQUENCE_LENGTH,
  taskSequences,
  WORDS,
} from '../src/expected-fill/task-sequences.ts';

const typical = (cpu: number, slots: number, units: number, frequency: number): TypicalTask => ({
  cpu,
  slots,
  units,
  frequency,
  models: [],
});

const TASKS = [
  typical(4, 1, 500, 0.5),
  typical(2, 0, 0, 0.2),
  typical(1, 1, 1000, 0.2),
  typical(8, 8, 1000, 0.1),
];
const DRAWN = TASKS.filter(({ slots }) => slots > 0);

describe('task sequences', () => {
  test('hold each task as often as its share of the capacity asked for', () => {
    const { order } = taskSequences(TASKS);
    const volumes = DRAWN.map(({ frequency, slots, units }) => frequency * slots * units);
    const total = volumes.reduce((sum, volume) => sum + volume, 0);
    volumes.forEach((volume, task) => {
      const count = order.filter((arriving) => arriving === task).length;
      expect(Math.abs(count - (order.length * volume) / total)).toBeLessThan(SEQUENCE_LENGTH / 8);
    });
  });

  test('hold it about as often at every position', () => {
    const { order } = taskSequences(TASKS);
    const share = (0.1 * 8) / (0.5 * 0.5 + 0.2 + 0.1 * 8);
    for (let position = 0; position < SEQUENCE_LENGTH; position++) {
      const large = Array.from(
        { length: SEQUENCE_COUNT },
        (_, sequence) => order[sequence * SEQUENCE_LENGTH + position],
      );
      const count = large.filter((task) => task === 2).length;
      expect(Math.abs(count - SEQUENCE_COUNT * share)).toBeLessThanOrEqual(1);
    }
  });

  test('differ from each other', () => {
    const { order } = taskSequences(TASKS);
    const texts = Array.from({ length: SEQUENCE_COUNT }, (_, sequence) =>
      order.slice(sequence * SEQUENCE_LENGTH, (sequence + 1) * SEQUENCE_LENGTH).join(),
    );
    expect(new Set(texts).size).toBe(SEQUENCE_COUNT);
  });

  test('know where tasks arrive that need as much', () => {
    const { order, positions, cpuAtLeast, roomAtLeast } = taskSequences(TASKS);
    const has = (bits: Int32Array, task: number, i: number): boolean =>
      ((bits[task * SEQUENCE_COUNT * WORDS + (i >>> 5)] >>> (i & 31)) & 1) === 1;
    order.forEach((arriving, i) => {
      DRAWN.forEach((task, number) => {
        const { cpu, slots, units } = DRAWN[arriving];
        expect(has(positions, number, i)).toBe(arriving === number);
        expect(has(cpuAtLeast, number, i)).toBe(cpu >= task.cpu);
        expect(has(roomAtLeast, number, i)).toBe(slots >= task.slots && units >= task.units);
      });
    });
  });

  test('are empty without tasks that ask for slots', () => {
    const { order, positions, leastCpu, leastUnits } = taskSequences([typical(2, 0, 0, 1)]);
    expect([order.length, positions.length, leastCpu, leastUnits]).toEqual([0, 0, Infinity, Infinity]);
  });

  test('amounts that no agent has stay out of reach', () => {
    const { cpu, units } = taskSequences([typical(2 ** 40, 1, 2 ** 33, 1)]);
    expect([cpu[0], units[0]]).toEqual([2 ** 31 - 1, 2 ** 31 - 1]);
  });
});
