/** Every test that the page of jobs names for an essential behaviour is there. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const docs = join(import.meta.dirname, '../../docs');
const page = readFileSync(join(docs, 'jobs.md'), 'utf8');
const rows = [...page.matchAll(/^\| (.+?) +\| \[.+?\]\((\S+?)\) +\| (.+?) +\|$/gm)].map(
  ([, behaviour, file, title]) => [behaviour, file, title] as const,
);

test('the page names a test for each essential behaviour', () => {
  expect(rows.length).toBeGreaterThan(30);
});

test.each(rows)('%s: %s', (_, file, title) => {
  expect(readFileSync(join(docs, file), 'utf8')).toContain(title);
});
