import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ForecastMemory } from '../src/expected-fill/forecast-memory.ts';

const stateArbitrary = fc.record({
  sequences: fc.integer({ min: 0, max: 2 }),
  cpu: fc.integer({ min: 0, max: 3 }),
  free: fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 4 }),
});

test('gives back what was kept for a state, and nothing for others', () => {
  fc.assert(
    fc.property(fc.array(stateArbitrary, { size: 'large' }), (states) => {
      const memory = new ForecastMemory();
      const kept = new Map<string, number>();
      states.forEach((state, value) => {
        const key = JSON.stringify(state);
        const entry = memory.find(
          state.sequences,
          state.cpu,
          Int32Array.from([9, ...state.free]),
          1,
          state.free.length + 1,
        );
        const remembered = memory.valueOf(entry);
        if (remembered >= 0) expect(remembered).toBe(kept.get(key));
        memory.keep(entry, value);
        kept.set(key, value);
      });
    }),
    { numRuns: 20 },
  );
});

test('remembers the last state asked about', () => {
  const memory = new ForecastMemory();
  const free = Int32Array.from([1, 2, 3]);
  expect(memory.valueOf(memory.find(0, 7, free, 0, 3))).toBe(-1);
  memory.keep(memory.find(0, 7, free, 0, 3), 42);
  expect(memory.valueOf(memory.find(0, 7, free, 0, 3))).toBe(42);
  expect(memory.valueOf(memory.find(0, 7, free, 0, 2))).toBe(-1);
  expect(memory.valueOf(memory.find(1, 7, free, 0, 3))).toBe(-1);
});

test('agents with more slots than any before make it forget', () => {
  const memory = new ForecastMemory();
  const free = new Int32Array(32);
  memory.keep(memory.find(0, 7, free, 0, 1), 42);
  expect(memory.valueOf(memory.find(0, 7, free, 0, 32))).toBe(-1);
  expect(memory.valueOf(memory.find(0, 7, free, 0, 1))).toBe(-1);
});
