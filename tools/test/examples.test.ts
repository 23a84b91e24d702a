/** Every example runs and prints what it is there to show. */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const folder = join(import.meta.dirname, '../../examples');

const OUTPUTS: Readonly<Record<string, RegExp>> = {
  'first-placement.ts':
    /web-1 -> host-2\nweb-2 -> host-1\nweb-3: none of 2 agents is feasible: 2 fail unique host per job/,
  'own-policy.ts': /task-7 -> large\ntask-8: none of 2 agents is feasible/,
  'shared-gpus.ts': /notebook-2 uses gpu 0\ntraining uses gpu 1 and 2\nworker-1: GANG_NOT_PLACED/,
};

test('every example has its expected output here', () => {
  expect(readdirSync(folder).sort()).toEqual(Object.keys(OUTPUTS));
});

test.each(Object.entries(OUTPUTS))('%s', (file, output) => {
  const run = spawnSync('node', ['--conditions=@stowage/source', '--import', 'tsx', join(folder, file)], {
    encoding: 'utf8',
  });
  expect(run.stderr).toBe('');
  expect(run.stdout).toMatch(output);
});
