import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { formatCpuList } from '../../src/cpu/cpu-list.ts';
import {
  coresOf,
  type CpuTopology,
  cpusOf,
  keepCpus,
  readTopology,
  syntheticTopology,
} from '../../src/cpu/topology.ts';

let sysfs: string;

beforeEach(async () => {
  sysfs = await mkdtemp(join(tmpdir(), 'stw-topology-'));
});

afterEach(async () => {
  await rm(sysfs, { recursive: true, force: true });
});

async function put(path: string, text: string): Promise<void> {
  const file = join(sysfs, 'devices/system/cpu', path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `${text}\n`);
}

/** As the kernel shows a host: siblings and sharers are those that are online; core numbers repeat in each package. */
async function putTopology(topology: CpuTopology, siblingsFile = 'core_cpus_list'): Promise<void> {
  await put('online', formatCpuList(cpusOf(topology)));
  const sharers = (cache: number): number[] =>
    coresOf(topology).flatMap((core) => (core.cache === cache ? core.cpus : []));
  for (const { id, cores } of topology.packages) {
    for (const [number, core] of cores.entries()) {
      for (const cpu of core.cpus) {
        await put(`cpu${cpu}/topology/physical_package_id`, `${id}`);
        await put(`cpu${cpu}/topology/core_id`, `${number}`);
        await put(`cpu${cpu}/topology/${siblingsFile}`, formatCpuList(core.cpus));
        await put(`cpu${cpu}/cache/index0/level`, '1');
        await put(`cpu${cpu}/cache/index0/shared_cpu_list`, formatCpuList(core.cpus));
        await put(`cpu${cpu}/cache/index1/level`, '3');
        await put(`cpu${cpu}/cache/index1/shared_cpu_list`, formatCpuList(sharers(core.cache)));
      }
    }
  }
}

/** Whether cores share a cache matters, not how the cache is called; cores in the order of their lowest CPU. */
function normal(topology: CpuTopology): CpuTopology {
  const first = new Map<number, number>();
  const lowest = (cache: number, cpu: number): number => Math.min(cpu, first.get(cache) ?? cpu);
  for (const { cache, cpus } of coresOf(topology)) first.set(cache, lowest(cache, cpus[0]));
  return {
    packages: topology.packages.map(({ id, cores }) => ({
      id,
      cores: cores
        .map(({ cache, cpus }) => ({ id: cpus[0], cache: first.get(cache)!, cpus }))
        .sort((a, b) => a.id - b.id),
    })),
  };
}

describe('topology from sysfs', () => {
  it.each([
    ['one package without threads', syntheticTopology(1, 2, 1)],
    ['1×8×2', syntheticTopology(1, 8, 2)],
    ['2×4×2 with two caches each', syntheticTopology(2, 4, 2, 2)],
    ['four threads a core', syntheticTopology(2, 2, 4)],
    ['2 packages of 64 threads', syntheticTopology(2, 32, 2, 8)],
    ['CPUs offline', keepCpus(syntheticTopology(2, 4, 2), (cpu) => ![1, 9, 4, 15].includes(cpu))],
    ['CPU 0 offline', keepCpus(syntheticTopology(1, 2, 2), (cpu) => cpu !== 0)],
    ['a package offline', keepCpus(syntheticTopology(2, 2, 1), (cpu) => cpu >= 2)],
    ['asymmetric', keepCpus(syntheticTopology(3, 4, 2), (cpu) => cpu % 5 !== 3)],
  ])('reads %s', async (_, topology) => {
    await putTopology(topology);
    expect(normal(await readTopology(sysfs))).toEqual(normal(topology));
  });

  it('reads kernels that know the older name of siblings only', async () => {
    const topology = syntheticTopology(2, 2, 2);
    await putTopology(topology, 'thread_siblings_list');
    expect(normal(await readTopology(sysfs))).toEqual(normal(topology));
  });

  it('takes boards that tell nothing but the CPUs as one package of single cores', async () => {
    await put('online', '0-2');
    await put('cpu0/topology/physical_package_id', '-1');
    const { packages } = await readTopology(sysfs);
    expect(packages).toHaveLength(1);
    expect(packages[0].cores.map(({ cpus }) => cpus)).toEqual([[0], [1], [2]]);
    expect(new Set(packages[0].cores.map(({ cache }) => cache)).size).toBe(1);
  });

  it('fails where the kernel does not tell which CPUs are online', async () => {
    await expect(readTopology(sysfs)).rejects.toThrow(/ENOENT/);
  });
});

describe('synthetic topology', () => {
  it('numbers first threads before second ones', () => {
    expect(syntheticTopology(2, 2, 2, 1)).toEqual({
      packages: [
        {
          id: 0,
          cores: [
            { id: 0, cache: 0, cpus: [0, 4] },
            { id: 1, cache: 1, cpus: [1, 5] },
          ],
        },
        {
          id: 1,
          cores: [
            { id: 2, cache: 2, cpus: [2, 6] },
            { id: 3, cache: 3, cpus: [3, 7] },
          ],
        },
      ],
    });
  });

  it('has as many CPUs as said', () => {
    expect(cpusOf(syntheticTopology(2, 32, 2))).toEqual(Array.from({ length: 128 }, (_, cpu) => cpu));
  });
});
