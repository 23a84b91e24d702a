// Runs vitest with its usual output and counts the tests; names each skipped one.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';

const root = join(import.meta.dirname, '..');

/** Runs it with the given arguments in the root of the repository. */
export function runVitest(args) {
  const folder = mkdtempSync(join(tmpdir(), 'stowage-test-'));
  const file = join(folder, 'vitest.json');
  try {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
    const run = spawnSync('npx', ['--no-install', 'vitest', ...args, ...reporters], {
      cwd: root,
      stdio: 'inherit',
    });
    const counts = countTests(JSON.parse(readFileSync(file, 'utf8')));
    // Errors outside of tests make vitest fail while every test passes.
    if (run.status !== 0 && counts.failed === 0) counts.failed = 1;
    return counts;
  } catch (error) {
    console.error(`vitest wrote no summary: ${error.message}`);
    return { passed: 0, failed: 1, skipped: 0 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function countTests(summary) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const file of summary.testResults) {
    const before = counts.failed;
    for (const test of file.assertionResults) {
      if (test.status === 'passed') counts.passed += 1;
      else if (test.status === 'failed') counts.failed += 1;
      else {
        counts.skipped += 1;
        console.log(`skipped: ${relative(root, file.name)}: ${test.fullName}`);
      }
    }
    // A file that cannot be loaded fails without a failed test.
    if (file.status === 'failed' && counts.failed === before) counts.failed += 1;
  }
  return counts;
}
