// Runs every check of the repository and counts them: each check is one, each unit test is one.
// A failure does not stop the run, so that one run shows all problems. The last line is the summary.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runVitest } from './run-vitest.mjs';

const root = join(import.meta.dirname, '..');

const checks = [
  { name: 'format', title: 'Format (prettier)', script: 'format:check' },
  { name: 'lint', title: 'Lint (eslint)', script: 'lint' },
  { name: 'typecheck', title: 'Types (tsc)', script: 'typecheck' },
  { name: 'layers', title: 'Layers (dependency-cruiser)', script: 'layers' },
  { name: 'unit', title: 'Unit tests (vitest)', run: runUnitTests },
  { name: 'packages', title: 'Packed packages', script: 'check:packages' },
  { name: 'linux', title: 'Linux tests', run: nameLinuxTests },
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

function runUnitTests() {
  return runVitest(['run']);
}

/** The Linux tests change the host, so that they are started on purpose only. */
function nameLinuxTests() {
  const folder = 'packages/agent-runtime/test-linux';
  const tests = readdirSync(join(root, folder)).filter((name) => name.endsWith('.test.ts'));
  for (const name of tests) {
    console.log(
      `skipped: ${folder}/${name}: needs root and Debian packages; start it with npm run test:linux`,
    );
  }
  return { passed: 0, failed: 0, skipped: tests.length };
}
