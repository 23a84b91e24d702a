// Writes what is generated of packages/core/src: the fit and load kernels, unrolled, and its two modules, compiled to WebAssembly.
// All are committed, so that neither building nor using the package needs a compiler or code made at run time.
// `--check` writes nothing and fails when a file is not what this script writes.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { format, resolveConfig } from 'prettier';
import { fittingAmong, fittingRows } from './kernels/fit-kernels.mjs';
import { loadKernels } from './kernels/load-kernels.mjs';
import { wasmBinary } from './kernels/wasm-binary.mjs';

const structures = join(import.meta.dirname, '../packages/core/src/structures');
const sources = {
  'fitting-rows.ts': fittingRows,
  'fitting-among.ts': fittingAmong,
  'load-kernels.ts': loadKernels,
  'rank-binary.ts': await wasmBinary('index.ts', 'RANK_FOREST', 'rank-module.ts'),
  'tree-binary.ts': await wasmBinary('trees.ts', 'CLASS_TREES', 'tournament-memory.ts'),
};

const { check } = parseArgs({ options: { check: { type: 'boolean', default: false } } }).values;
for (const [name, source] of Object.entries(sources)) {
  const file = join(structures, name);
  const generated = await format(source, { ...(await resolveConfig(file)), parser: 'typescript' });
  if (!check) {
    writeFileSync(file, generated);
  } else if (readFileSync(file, 'utf8') !== generated) {
    console.error(`${file} is out of date; run npm run generate:kernels.`);
    process.exitCode = 1;
  }
}
