// Runs the random sequences of the job state machines in a number of one's own, with progress on standard error.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const root = join(import.meta.dirname, '../../../..');
const folder = 'packages/jobs/test/model';
const help = `Usage: npm run test:jobs-model -- [--sequences <count>] [--seed <integer>] [--kind batch|service] [--help]

  --sequences <count>   how many in all, half for each kind; default 100000
  --seed <integer>      of the first 500; what a run prints repeats it; default: from the clock
  --kind batch|service  only this kind, with its half of the sequences
  --help                show this text
`;

process.exitCode = main();

function main() {
  const string = { type: 'string' };
  let values;
  try {
    ({ values } = parseArgs({
      options: { sequences: string, seed: string, kind: string, help: { type: 'boolean' } },
    }));
  } catch (error) {
    return misused(error.message);
  }
  const { sequences = '100000', seed, kind } = values;
  if (values.help) {
    console.log(help);
    return 0;
  }
  if (!/^[1-9]\d*$/.test(sequences)) return misused(`--sequences is ${sequences}; give a number from 1 on.`);
  if (seed !== undefined && !/^\d+$/.test(seed)) return misused(`--seed is ${seed}; give an integer.`);
  if (kind !== undefined && !['batch', 'service'].includes(kind)) return misused(`There is no kind ${kind}.`);
  const env = { ...process.env, STOWAGE_JOB_SEQUENCES: sequences };
  if (seed !== undefined) env.STOWAGE_JOB_SEED = seed;
  const files = (kind === undefined ? ['batch', 'service'] : [kind]).map(
    (name) => `${folder}/${name}-jobs.model.test.ts`,
  );
  const run = spawnSync('npx', ['--no-install', 'vitest', 'run', ...files], {
    cwd: root,
    env,
    stdio: 'inherit',
  });
  return run.status ?? 1;
}

function misused(message) {
  console.error(`${message}\n\n${help}`);
  return 2;
}
