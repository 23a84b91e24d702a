import fc from 'fast-check';
import { expect, test } from 'vitest';
import { messageOf, show } from '../src/support/show.ts';

const circular: Record<string, unknown> = {};
circular['self'] = circular;
const hostile: unknown[] = [
  circular,
  Object.create(null),
  { big: 1n },
  { toJSON: () => undefined },
  {
    toJSON() {
      throw new Error('no');
    },
  },
  Object.defineProperty(new Error('x'), 'message', {
    get() {
      throw new Error('no');
    },
  }),
  Object.assign(() => 1, { toString: null }),
  Symbol('s'),
  10n,
  -0,
  null,
  undefined,
];

test.each(hostile.map((value, i) => [i, value] as const))('hostile value %i is described', (_, value) => {
  expect(show(value)).toBeTypeOf('string');
  expect(messageOf(value)).toBeTypeOf('string');
});

test('whatever it is, at most 80 characters', () => {
  fc.assert(
    fc.property(
      fc.anything({ withBigInt: true, withNullPrototype: true }),
      (value) => show(value).length <= 80,
    ),
  );
});
