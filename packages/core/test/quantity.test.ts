import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MAX_UNITS } from '../src/index.ts';
import { toUnits } from '../src/resources/quantity.ts';

const scale = fc.constantFrom(1, 2, 10, 100, 1000, 1024, 1_000_000);

test('every whole number of units survives the way through its decimal', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: MAX_UNITS }), scale, (units, unitsPerWhole) => {
      expect(toUnits(units / unitsPerWhole, unitsPerWhole, 'x')).toBe(units);
    }),
    { numRuns: 2000 },
  );
});

test('a decimal literal denotes units exactly or is refused', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 2_000_000 }),
      fc.integer({ min: 0, max: 9 }),
      (thousandths, tenths) => {
        const literal = Number(
          `${Math.floor(thousandths / 1000)}.${String(thousandths % 1000).padStart(3, '0')}${tenths}`,
        );
        if (tenths === 0) expect(toUnits(literal, 1000, 'x')).toBe(thousandths);
        else expect(() => toUnits(literal, 1000, 'x')).toThrow('FRACTIONAL_QUANTITY');
      },
    ),
    { numRuns: 2000 },
  );
});

test('messages name the quantity and the remedy', () => {
  expect(() => toUnits(0.0005, 1000, 'task cpu (cores)')).toThrow(
    'FRACTIONAL_QUANTITY: task cpu (cores) is 0.0005; round it to a multiple of 1/1000.',
  );
  expect(() => toUnits(-1, 1, 'agent memory (MiB)')).toThrow('INVALID_QUANTITY: agent memory (MiB) is -1;');
});
