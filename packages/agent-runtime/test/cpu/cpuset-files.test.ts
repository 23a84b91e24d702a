import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cpusetFiles, isGone } from '../../src/cpu/cpuset-files.ts';

let root: string;
const files = cpusetFiles();

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'stw-cpuset-'));
});

afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

async function cgroup(name: string, cpus: string): Promise<string> {
  const path = join(root, name);
  await mkdir(path, { recursive: true });
  await writeFile(join(path, 'cpuset.cpus'), cpus);
  return path;
}

const cpusIn = (path: string): Promise<string> => readFile(join(path, 'cpuset.cpus'), 'utf8');

describe('cpuset files', () => {
  it('reads and writes the lists of the kernel in both versions', async () => {
    for (const version of [1, 2] as const) {
      const path = await cgroup(`v${version}`, '0-5\n');
      expect(await files.read({ path, version })).toEqual([0, 1, 2, 3, 4, 5]);
      await files.write({ path, version }, [0, 1, 5]);
      expect((await cpusIn(path)).split('\n')[0]).toBe('0-1,5');
    }
  });

  it('reads a version 2 cgroup without a set of its own as what it may use', async () => {
    const path = await cgroup('a', '\n');
    await writeFile(join(path, 'cpuset.cpus.effective'), '0-2\n');
    expect(await files.read({ path, version: 2 })).toEqual([0, 1, 2]);
  });

  it('writes cgroups inside too in version 1 only', async () => {
    const path = await cgroup('a', '0-3\n');
    const inner = await cgroup('a/b/c', '0-3\n');
    await cgroup('a/b', '0-3\n');
    await files.write({ path, version: 1 }, [2]);
    expect((await cpusIn(inner)).split('\n')[0]).toBe('2');
    await files.write({ path, version: 2 }, [0]);
    expect((await cpusIn(inner)).split('\n')[0]).toBe('2');
  });

  it('tells that a cgroup is gone', async () => {
    for (const version of [1, 2] as const) {
      const folder = { path: join(root, 'none'), version };
      for (const work of [() => files.read(folder), () => files.write(folder, [0])]) {
        const error: unknown = await work().catch((reason: unknown) => reason);
        expect(isGone(error)).toBe(true);
      }
    }
  });
});
