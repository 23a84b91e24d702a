/** The page of job limits lists every limit with its default, and nothing else. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { JOB_LIMITS } from '@stowage/jobs';
import { expect, test } from 'vitest';

test('docs/job-limits.md has a row for every limit, with its default', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/job-limits.md'), 'utf8');
  const listed = [...page.matchAll(/^\| `(\w+)` \| .* \| ([\d,]+) \| [^|]* \|$/gm)].map(([, name, value]) => [
    name,
    Number(value.replaceAll(',', '')),
  ]);
  expect(listed).toEqual(Object.entries(JOB_LIMITS).map(([name, { value }]) => [name, value]));
});
