// Runs a program of the suite: node benchmarks/start.mjs run|gates|report|rivals [options].
//
// Everything is bundled first, as the packages are when they are published. Translating file by file at load time
// would be simpler, but the loader keeps function names by a call per closure that is made, and binding a plug-in
// makes closures: what is measured would be twice as slow as what users get. Besides, the many processes of a run
// start faster, and an engine that is being edited meanwhile stays the same for all of them.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { build } from 'rolldown';

/** Modules of each program: its own, and that of the processes that it starts. */
const PROGRAMS = {
  run: ['run', 'child'],
  gates: ['gates', 'child'],
  report: ['report'],
  rivals: ['rivals/run', 'rivals/harness'],
};

process.exitCode = await main();

async function main() {
  const [program, ...options] = process.argv.slice(2);
  if (!Object.hasOwn(PROGRAMS, program)) {
    const names = Object.keys(PROGRAMS).join('|');
    console.error(`Usage: node benchmarks/start.mjs ${names} [options]; --help tells them.`);
    return 2;
  }
  const modules = PROGRAMS[program];
  const outdir = mkdtempSync(join(tmpdir(), 'stowage-benchmarks-'));
  try {
    await build({
      input: Object.fromEntries(
        modules.map((path) => [basename(path), join(import.meta.dirname, `${path}.ts`)]),
      ),
      platform: 'node',
      resolve: { conditionNames: ['@stowage/source', 'node', 'import'] },
      transform: { target: 'es2023' },
      output: {
        dir: outdir,
        format: 'esm',
        entryFileNames: '[name].mjs',
        chunkFileNames: '[name]-[hash].mjs',
      },
      logLevel: 'warn',
    });
    const run = ['--expose-gc', join(outdir, `${basename(modules[0])}.mjs`), ...options];
    // The terminal sends an interrupt to both processes; this one waits, to clear up.
    process.on('SIGINT', () => {});
    return spawnSync(process.execPath, run, { stdio: 'inherit' }).status ?? 1;
  } catch (error) {
    console.error(error.message);
    return 1;
  } finally {
    rmSync(outdir, { recursive: true });
  }
}
