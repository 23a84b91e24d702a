/** The page of error codes lists every code there is, and nothing else. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CORE_ERRORS } from '@stowage/core';
import { SIMULATOR_ERRORS } from '@stowage/simulator';
import { CLI_ERRORS } from 'stowage';
import { expect, test } from 'vitest';

test('docs/errors.md has a row for every code', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/errors.md'), 'utf8');
  const listed = [...page.matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, code]) => code);
  const known = [CORE_ERRORS, SIMULATOR_ERRORS, CLI_ERRORS].flatMap((table) => Object.keys(table));
  expect(listed.sort()).toEqual(known.sort());
});
