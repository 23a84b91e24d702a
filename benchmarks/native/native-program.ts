/**
 * The C program of this folder, compiled for this machine when it is first asked for. It is kept in the system's
 * folder for temporary files under the hash of its sources, so that the many processes of a run compile it once.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { sourceFolder } from '../source-folder.ts';

const COMPILER = 'gcc';
/** Link-time optimisation lets calls between files be inlined, as V8 does. */
const FLAGS = ['-std=gnu11', '-O3', '-march=native', '-flto', '-Wall', '-Wextra'];

let program: string | null | undefined;

/** Path of the program; null, said on standard error, when it cannot be had. */
export function nativeProgram(): string | null {
  if (program === undefined) program = findProgram();
  return program;
}

function findProgram(): string | null {
  const folder = sourceFolder('native', 'ordered-index.c');
  if (folder === undefined)
    return missing('its sources are not in benchmarks/native of the working directory');
  const sources = readdirSync(folder).filter((name) => /\.[ch]$/.test(name));
  const hash = createHash('sha256').update(JSON.stringify([FLAGS, cpus()[0]?.model, process.getuid?.()]));
  for (const name of sources.sort()) hash.update(name).update(readFileSync(join(folder, name)));
  const cache = join(tmpdir(), `stowage-native-${hash.digest('hex').slice(0, 16)}`);
  const path = join(cache, 'native');
  if (existsSync(path)) return path;
  mkdirSync(cache, { recursive: true, mode: 0o700 });
  // Under a name of its own until it is complete: other processes may be looking for it.
  const unfinished = `${path}-${process.pid}`;
  const files = sources.filter((name) => name.endsWith('.c')).map((name) => join(folder, name));
  const { error, status, stderr } = spawnSync(COMPILER, [...FLAGS, ...files, '-o', unfinished], {
    encoding: 'utf8',
  });
  if (error !== undefined) return missing(`${COMPILER} cannot be run (${error.message})`);
  if (status !== 0) {
    rmSync(unfinished, { force: true });
    return missing(`${COMPILER} failed:\n${stderr}`);
  }
  renameSync(unfinished, path);
  return path;
}

function missing(why: string): null {
  console.error(`Nothing is compared with C: ${why}.`);
  return null;
}
