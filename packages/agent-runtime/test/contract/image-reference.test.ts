import fc from 'fast-check';
import { expect, test } from 'vitest';
import { InvalidContainerError } from '../../src/contract/container-backend.ts';
import { parseImageReference } from '../../src/contract/image-reference.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;

test.each([
  ['name', 'docker.io', 'docker.io/library/name', 'latest', undefined],
  ['docker.io/name', 'docker.io', 'docker.io/library/name', 'latest', undefined],
  ['index.docker.io/library/name', 'docker.io', 'docker.io/library/name', 'latest', undefined],
  ['user/name:1.2', 'docker.io', 'docker.io/user/name', '1.2', undefined],
  ['us_er/name', 'docker.io', 'docker.io/us_er/name', 'latest', undefined],
  ['localhost/name', 'localhost', 'localhost/name', 'latest', undefined],
  ['HOST/name', 'HOST', 'HOST/name', 'latest', undefined],
  ['host:5000/a/b', 'host:5000', 'host:5000/a/b', 'latest', undefined],
  ['[::1]:5000/a', '[::1]:5000', '[::1]:5000/a', 'latest', undefined],
  ['host.example/a:t', 'host.example', 'host.example/a', 't', undefined],
  [`host:5000/a:t@${DIGEST}`, 'host:5000', 'host:5000/a', 't', DIGEST],
  [`host:5000/a@${DIGEST}`, 'host:5000', 'host:5000/a', 'latest', DIGEST],
])('%s', (text, registry, repository, tag, digest) => {
  expect(parseImageReference(text)).toEqual({ registry, repository, tag, ...(digest && { digest }) });
});

test('takes apart what it is made of', () => {
  const part = fc.stringMatching(/^[a-z0-9]{1,8}([._-][a-z0-9]{1,4})?$/);
  fc.assert(
    fc.property(
      fc.stringMatching(/^[a-z][a-z0-9]{0,8}(\.[a-z]{2,3})?:[1-9][0-9]{0,3}$/),
      fc.array(part, { minLength: 1, maxLength: 3 }),
      fc.option(fc.stringMatching(/^[A-Za-z0-9_][\w.-]{0,20}$/), { nil: undefined }),
      fc.option(fc.stringMatching(/^sha256:[0-9a-f]{64}$/), { nil: undefined }),
      (registry, path, tag, digest) => {
        const repository = `${registry}/${path.join('/')}`;
        const text =
          repository + (tag === undefined ? '' : `:${tag}`) + (digest === undefined ? '' : `@${digest}`);
        const expected = { registry, repository, tag: tag ?? 'latest', ...(digest && { digest }) };
        expect(parseImageReference(text)).toEqual(expected);
      },
    ),
  );
});

test('any text is refused, or its canonical form means the same and begins with the registry', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'B', '0', ':', '/', '@', '.', '-', ' ', DIGEST) });
  fc.assert(
    fc.property(text, (each) => {
      let reference;
      try {
        reference = parseImageReference(each);
      } catch (error) {
        expect(error).toBeInstanceOf(InvalidContainerError);
        return;
      }
      const { registry, repository, tag, digest } = reference;
      expect(repository.startsWith(`${registry}/`)).toBe(true);
      expect(parseImageReference(`${repository}:${tag}${digest ? `@${digest}` : ''}`)).toEqual(reference);
    }),
  );
});

test.each([
  '',
  ':tag',
  'name:',
  'na me',
  'name:a b',
  'name@',
  'name@sha256:12',
  `a@${DIGEST}@${DIGEST}`,
  '--help/x',
  'h/A',
  'h/a b',
  'h/a:',
  'h//a',
  'h/../a',
  'h/a\n',
  `h/${'a'.repeat(600)}`,
])('%j is refused', (text) => {
  expect(() => parseImageReference(text)).toThrow(InvalidContainerError);
});
