/**
 * How the CPUs of a host belong together: packages hold cores, cores hold hyper-threads. Only CPUs that are online
 * appear, so packages and cores may differ in size. Cores are told apart by their siblings, not by `core_id`, which
 * repeats between packages and dies. Everything ascends by the lowest CPU, so equal hosts give equal data.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ascending, parseCpuList } from './cpu-list.ts';

export interface CpuCore {
  /** Lowest CPU of the core among all CPUs that were online; unique on the host. */
  readonly id: number;
  /** Cores with the same number share their last-level cache. Unique on the host. */
  readonly cache: number;
  /** Logical CPUs, ascending; at least one. */
  readonly cpus: readonly number[];
}

export interface CpuPackage {
  readonly id: number;
  /** At least one. */
  readonly cores: readonly CpuCore[];
}

export interface CpuTopology {
  readonly packages: readonly CpuPackage[];
}

/** A core and where it stands: `index` counts the cores of the host in the order of the topology. */
export interface PlacedCore extends CpuCore {
  readonly index: number;
  /** Index into `packages`. */
  readonly package: number;
}

export function coresOf(topology: CpuTopology): PlacedCore[] {
  let index = 0;
  return topology.packages.flatMap(({ cores }, p) =>
    cores.map((core) => ({ ...core, index: index++, package: p })),
  );
}

/** All logical CPUs, ascending. */
export function cpusOf(topology: CpuTopology): number[] {
  return ascending(topology.packages.flatMap(({ cores }) => cores.flatMap(({ cpus }) => cpus)));
}

/** The same host with only some of its CPUs; cores and packages that have none left are gone. */
export function keepCpus(topology: CpuTopology, keep: (cpu: number) => boolean): CpuTopology {
  const packages = topology.packages.map(({ id, cores }) => ({
    id,
    cores: cores
      .map((core) => ({ ...core, cpus: core.cpus.filter(keep) }))
      .filter(({ cpus }) => cpus.length > 0),
  }));
  return { packages: packages.filter(({ cores }) => cores.length > 0) };
}

/**
 * A regular host. CPUs are numbered as Linux usually does it: first one thread of every core, package by package, then
 * the second of every core.
 * @param coresPerCache - default: all cores of a package share one last-level cache
 */
export function syntheticTopology(
  packages: number,
  coresPerPackage: number,
  threadsPerCore: number,
  coresPerCache: number = coresPerPackage,
): CpuTopology {
  const cores = packages * coresPerPackage;
  const core = (index: number): CpuCore => {
    const inPackage = index % coresPerPackage;
    return {
      id: index,
      cache: index - (inPackage % coresPerCache),
      cpus: Array.from({ length: threadsPerCore }, (_, thread) => thread * cores + index),
    };
  };
  return {
    packages: Array.from({ length: packages }, (_, id) => ({
      id,
      cores: Array.from({ length: coresPerPackage }, (_, c) => core(id * coresPerPackage + c)),
    })),
  };
}

/**
 * @param sysfs - where the host's sysfs is mounted; default `/sys`
 * @throws Error when the kernel does not tell which CPUs are online
 */
export async function readTopology(sysfs = '/sys'): Promise<CpuTopology> {
  const root = join(sysfs, 'devices/system/cpu');
  const online = parseCpuList(await readFile(join(root, 'online'), 'utf8'));
  const described = await Promise.all(online.map((cpu) => describeCpu(root, cpu, new Set(online))));
  const packages = new Map<number, Map<number, { cache: number; cpus: number[] }>>();
  for (const { cpu, packageId, core, cache } of described) {
    const cores = packages.get(packageId) ?? new Map<number, { cache: number; cpus: number[] }>();
    packages.set(packageId, cores);
    const known = cores.get(core);
    if (known === undefined) cores.set(core, { cache, cpus: [cpu] });
    else known.cpus.push(cpu);
  }
  return {
    packages: [...packages.entries()]
      .sort(([a], [b]) => a - b)
      .map(([id, cores]) => ({ id, cores: [...cores].map(([core, rest]) => ({ id: core, ...rest })) })),
  };
}

interface DescribedCpu {
  readonly cpu: number;
  readonly packageId: number;
  readonly core: number;
  readonly cache: number;
}

async function describeCpu(root: string, cpu: number, online: ReadonlySet<number>): Promise<DescribedCpu> {
  const folder = join(root, `cpu${cpu}`);
  const packageText = await readIfThere(join(folder, 'topology/physical_package_id'));
  const siblings =
    (await readIfThere(join(folder, 'topology/core_cpus_list'))) ??
    (await readIfThere(join(folder, 'topology/thread_siblings_list')));
  const lowest = (list: string | undefined): number | undefined =>
    list === undefined ? undefined : parseCpuList(list).find((sibling) => online.has(sibling));
  // Some boards report package -1, which means that they do not know; so does a missing file.
  const packageId = Math.max(0, Number(packageText ?? 0));
  return {
    cpu,
    packageId,
    core: lowest(siblings) ?? cpu,
    // Without caches in sysfs, a package counts as one; the number only has to differ between packages.
    cache: lowest(await lastLevelSharers(folder)) ?? -1 - packageId,
  };
}

async function lastLevelSharers(folder: string): Promise<string | undefined> {
  let best = { level: 0, sharers: undefined as string | undefined };
  for (let index = 0; ; index++) {
    const cache = join(folder, `cache/index${index}`);
    const level = await readIfThere(join(cache, 'level'));
    if (level === undefined) return best.sharers;
    const sharers = await readIfThere(join(cache, 'shared_cpu_list'));
    if (Number(level) > best.level && sharers !== undefined) best = { level: Number(level), sharers };
  }
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
