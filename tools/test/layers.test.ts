import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

// A small house with one file per case, cruised once with the real rules.
const cases: [file: string, imports: string, broken: string[]][] = [
  ['packages/constraints/src/to-core.ts', '@stowage/core', []],
  ['packages/simulator/src/to-constraints.ts', '@stowage/constraints', []],
  ['packages/simulator/src/to-node.ts', 'node:fs', []],
  ['packages/core/test/to-testing.test.ts', '@stowage/testing', []],
  ['packages/core/test/to-inner.test.ts', '../src/inner.ts', []],
  ['packages/core/src/up.ts', '@stowage/constraints', ['floor-of-core']],
  ['packages/core/src/to-testing.ts', '@stowage/testing', ['floor-of-core']],
  ['packages/constraints/src/to-testing.ts', '@stowage/testing', ['floor-of-constraints']],
  ['packages/constraints/src/same-floor.ts', '@stowage/fitness', ['floor-of-constraints']],
  ['packages/testing/src/to-constraints.ts', '@stowage/constraints', ['floor-of-testing']],
  ['packages/simulator/src/by-path.ts', '../../core/src/index.ts', ['by-package-name']],
  ['packages/simulator/src/to-inner.ts', '../../core/src/inner.ts', ['by-package-name', 'only-door']],
  ['packages/core/test/by-path.test.ts', '../../testing/src/inner.ts', ['by-package-name', 'only-door']],
  ['packages/core/src/to-node.ts', 'node:fs', ['no-node-built-ins']],
  ['packages/testing/src/to-node.ts', 'fs', ['no-node-built-ins']],
  ['packages/core/src/to-npm.ts', 'dep', ['declared-dependencies', 'no-npm-dependencies']],
  ['packages/simulator/src/to-npm.ts', 'dep', ['declared-dependencies']],
  ['packages/simulator/src/to-nowhere.ts', 'absent', ['resolvable']],
  ['packages/core/src/circle.ts', './circle.ts', ['no-circular']],
  ['packages/core/src/to-test.ts', '../test/helper.ts', ['no-tests-from-sources']],
  ['packages/garage/src/index.ts', '@stowage/core', ['unknown-package']],
];

const root = join(import.meta.dirname, '..', '..');
const brokenByFile = new Map<string, string[]>();
let house: string;

function write(path: string, text: string): void {
  const file = join(house, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

beforeAll(() => {
  house = mkdtempSync(join(tmpdir(), 'stowage-layers-'));
  write('node_modules/dep/package.json', '{ "name": "dep", "main": "index.js" }');
  write('node_modules/dep/index.js', '');
  mkdirSync(join(house, 'node_modules', '@stowage'));
  for (const name of ['core', 'constraints', 'fitness', 'simulator', 'testing']) {
    const manifest = { name: `@stowage/${name}`, exports: { '.': { '@stowage/source': './src/index.ts' } } };
    write(`packages/${name}/package.json`, JSON.stringify(manifest));
    for (const file of ['src/index.ts', 'src/inner.ts', 'test/helper.ts']) {
      write(`packages/${name}/${file}`, 'export const value = 1;\n');
    }
    symlinkSync(join(house, 'packages', name), join(house, 'node_modules', '@stowage', name));
  }
  for (const [file, specifier] of cases) {
    write(file, `import * as other from '${specifier}';\nexport const value = other;\n`);
  }
  const args = ['packages', '--config', join(root, '.dependency-cruiser.cjs'), '--output-type', 'json'];
  const { stdout } = spawnSync(join(root, 'node_modules', '.bin', 'depcruise'), args, {
    cwd: house,
    encoding: 'utf8',
  });
  const report = JSON.parse(stdout) as {
    summary: { violations: { from: string; rule: { name: string } }[] };
  };
  for (const { from, rule } of report.summary.violations) {
    brokenByFile.set(from, [...(brokenByFile.get(from) ?? []), rule.name]);
  }
});

afterAll(() => rmSync(house, { recursive: true }));

test.each(cases)('%s imports %s', (file, _specifier, broken) => {
  expect((brokenByFile.get(file) ?? []).sort()).toEqual(broken);
});
