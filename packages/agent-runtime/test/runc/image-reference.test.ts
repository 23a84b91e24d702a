import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { InvalidContainerError } from '../../src/contract/container-backend.ts';
import { parseImageReference } from '../../src/runc/image-reference.ts';

test('takes apart what it is made of', () => {
  const part = fc.stringMatching(/^[a-z0-9]{1,8}([._-][a-z0-9]{1,4})?$/);
  fc.assert(
    fc.property(
      fc.stringMatching(/^[a-z][a-z0-9]{0,8}(\.[a-z]{2,3})?(:[1-9][0-9]{0,3})?$/),
      fc.array(part, { minLength: 1, maxLength: 3 }),
      fc.option(fc.stringMatching(/^[A-Za-z0-9_][\w.-]{0,20}$/), { nil: undefined }),
      fc.option(fc.stringMatching(/^sha256:[0-9a-f]{64}$/), { nil: undefined }),
      (host, path, tag, digest) => {
        const repository = `${host}/${path.join('/')}`;
        const text =
          repository + (tag === undefined ? '' : `:${tag}`) + (digest === undefined ? '' : `@${digest}`);
        expect(parseImageReference(text)).toEqual({ repository, tag, digest });
      },
    ),
  );
});

test.each([
  '',
  'busybox',
  '--help/x',
  'h/A',
  'h/a b',
  'h/a:',
  'h/a@sha256:12',
  'h//a',
  'h/../a',
  'h/a\n',
  `h/${'a'.repeat(600)}`,
])('%j is refused', (text) => {
  expect(() => parseImageReference(text)).toThrow(InvalidContainerError);
});
