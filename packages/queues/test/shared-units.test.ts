/**
 * Shared amounts are equal to those given, and the same for equal ones as long as they are remembered.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SharedUnits } from '../src/shared-units.ts';

const amounts = fc.array(fc.oneof(fc.nat(3), fc.nat(0x7fffffff)), { minLength: 3, maxLength: 3 });

test('what is shared equals what is given', () => {
  fc.assert(
    fc.property(fc.array(amounts, { maxLength: 50 }), (lists) => {
      const shared = new SharedUnits();
      for (const list of lists) {
        const first = shared.share(Float64Array.from(list));
        expect([...first]).toEqual(list);
        expect(shared.share(Float64Array.from(list))).toBe(first);
      }
    }),
  );
});

test('many different amounts take the places of others', () => {
  const shared = new SharedUnits();
  const first = shared.share(Float64Array.of(1));
  for (let units = 2; units < 20_000; units++) expect(shared.share(Float64Array.of(units))[0]).toBe(units);
  const again = shared.share(Float64Array.of(1));
  expect(again).toEqual(first);
  expect(again).not.toBe(first);
});
