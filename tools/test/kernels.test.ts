import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

test('the generated kernels are what their script writes', () => {
  const script = join(import.meta.dirname, '../generate-kernels.mjs');
  const { status, stderr } = spawnSync('node', [script, '--check'], { encoding: 'utf8' });
  expect(stderr).toBe('');
  expect(status).toBe(0);
});
