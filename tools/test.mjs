// Runs every check of the repository and counts them: each check is one, each unit test is one.
// A failure does not stop the run, so that one run shows all problems. The last line is the summary.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';

const root = join(import.meta.dirname, '..');

const checks = [
  { name: 'format', title: 'Format (prettier)', script: 'format:check' },
  { name: 'lint', title: 'Lint (eslint)', script: 'lint' },
  { name: 'typecheck', title: 'Types (tsc)', script: 'typecheck' },
  { name: 'layers', title: 'Layers (dependency-cruiser)', script: 'layers' },
  { name: 'unit', title: 'Unit tests (vitest)', script: 'test:unit', run: runUnitTests },
  { name: 'packages', title: 'Packed packages', script: 'check:packages' },
];

const help = `Usage: npm test -- [--only <check>]... [--help]

Runs: ${checks.map(({ name }) => name).join(', ')}.
  --only <check>  run this check only; may be repeated
  --help          show this text
`;

const total = { passed: 0, failed: 0, skipped: 0 };
process.exitCode = main();

function main() {
  const selected = selectChecks();
  if (selected === undefined) return 2;
  for (const check of selected) {
    console.log(`\n== ${check.title}`);
    const start = performance.now();
    const counts = (check.run ?? runCheck)(check.script);
    for (const key of Object.keys(total)) total[key] += counts[key];
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    console.log(`-- ${check.name}: ${counts.failed === 0 ? 'passed' : 'FAILED'} in ${seconds} s`);
  }
  const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
  console.log(`\n${total.passed} passed, ${total.failed} failed${skipped}`);
  return total.failed > 0 ? 1 : 0;
}

/** The checks to run, or undefined when there is nothing to run. */
function selectChecks() {
  const options = { only: { type: 'string', multiple: true }, help: { type: 'boolean' } };
  let values;
  try {
    ({ values } = parseArgs({ options }));
  } catch (error) {
    console.error(`${error.message}\n\n${help}`);
    return undefined;
  }
  if (values.help) {
    console.log(help);
    process.exit(0);
  }
  const unknown = (values.only ?? []).filter((name) => checks.every((check) => check.name !== name));
  if (unknown.length > 0) {
    console.error(`There is no check named ${unknown.join(', ')}.\n\n${help}`);
    return undefined;
  }
  return checks.filter(({ name }) => values.only === undefined || values.only.includes(name));
}

/** Runs an npm script of the root; true when it exits with 0. */
function runScript(script, args = []) {
  const run = spawnSync('npm', ['run', '--silent', script, '--', ...args], { cwd: root, stdio: 'inherit' });
  return run.status === 0;
}

function runCheck(script) {
  return runScript(script) ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 };
}

function runUnitTests(script) {
  const folder = mkdtempSync(join(tmpdir(), 'stowage-test-'));
  const file = join(folder, 'vitest.json');
  try {
    const ok = runScript(script, ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`]);
    const counts = countTests(JSON.parse(readFileSync(file, 'utf8')));
    // Errors outside of tests make vitest fail while every test passes.
    if (!ok && counts.failed === 0) counts.failed = 1;
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
