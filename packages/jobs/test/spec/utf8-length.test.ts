/** Sizes of arguments and variables are those of the bytes that a process gets. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { utf8Length } from '../../src/spec/schema-parts.ts';

test.each(['', '\x7f', '\x80', '\u07ff', '\u0800', '\ud7ff', '\ue000', '\uffff', '\u{10000}', '\u{10ffff}'])(
  'the length of %j',
  (text) => {
    expect(utf8Length(text)).toBe(Buffer.byteLength(text));
  },
);

test('the length of any well-formed text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(utf8Length(text)).toBe(Buffer.byteLength(text));
    }),
  );
});
