/**
 * Which workload runs on which CPUs, as a pure function of the host, the workloads in order of arrival and what they
 * had before. Static workloads of whole CPUs own theirs; all others share the pool, which is every CPU that nobody
 * owns: it shrinks as static ones come and grows when they go, and never is empty. The penalties follow titus-isolate
 * (Netflix, 2019): a second package costs most, then a core with two owners, then a move, then a second cache.
 */
import type { CpuMode } from '@stowage/protocol';
import { coresOf, cpusOf, type CpuTopology } from './topology.ts';

export interface CpuWorkload {
  readonly id: string;
  readonly mode: CpuMode;
  /** Thousandths of a logical CPU, at least 1. */
  readonly cpuMilli: number;
}

/** CPUs by workload, ascending; those that own some. */
export type OwnCpus = ReadonlyMap<string, readonly number[]>;

export interface CpuPlacement {
  readonly own: OwnCpus;
  /** Ascending, at least one. */
  readonly pool: readonly number[];
}

export interface PlacementRequest {
  readonly topology: CpuTopology;
  /** In order of arrival, which is the order in which they are admitted. */
  readonly workloads: readonly CpuWorkload[];
  /** What workloads own now; others than `workloads` are ignored. */
  readonly previous: OwnCpus;
  /** CPUs that always stay in the pool, at least 1. */
  readonly minimumPool: number;
}

export interface Admission {
  /** Workloads that own CPUs, with how many, in order of arrival. */
  readonly owners: readonly { readonly id: string; readonly cpus: number }[];
  /** Workloads that do not get what they ask for; they run in the pool all the same if they must. */
  readonly refused: readonly string[];
}

/**
 * Who can be served. A static workload of whole CPUs takes them out of the pool. Static workloads of other sizes have a
 * quota and share the pool, so it must hold the sum of theirs. A burst workload has no promise but its shares; it is
 * refused only when the host is smaller than it.
 */
export function admit(request: Omit<PlacementRequest, 'previous'>): Admission {
  const cpus = cpusOf(request.topology).length;
  const owners: { id: string; cpus: number }[] = [];
  const refused: string[] = [];
  let owned = 0;
  let promisedMilli = 0;
  const fits = (moreOwned: number, moreMilli: number): boolean => {
    const pool = Math.max(request.minimumPool, Math.ceil((promisedMilli + moreMilli) / 1000));
    return owned + moreOwned + pool <= cpus;
  };
  for (const { id, mode, cpuMilli } of request.workloads) {
    if (mode === 'burst') {
      if (cpuMilli > cpus * 1000) refused.push(id);
    } else if (cpuMilli % 1000 === 0) {
      const wanted = cpuMilli / 1000;
      if (!fits(wanted, 0)) refused.push(id);
      else {
        owned += wanted;
        owners.push({ id, cpus: wanted });
      }
    } else if (fits(0, cpuMilli)) promisedMilli += cpuMilli;
    else refused.push(id);
  }
  return { owners, refused };
}

/** Completes what is owned with the pool of all other CPUs. */
export function placementOf(topology: CpuTopology, own: OwnCpus): CpuPlacement {
  const taken = new Set([...own.values()].flat());
  return { own, pool: cpusOf(topology).filter((cpu) => !taken.has(cpu)) };
}

/** What a placement costs, each as a number of single cases. */
export interface PlacementCounts {
  /** Workloads with CPUs of more than one package. */
  readonly crossPackage: number;
  /** Over all owners, packages beyond the first. */
  readonly extraPackages: number;
  /** Cores that an owner has to share with another or with the pool. */
  readonly sharedCores: number;
  /** CPUs that a workload owned before and had to exchange for others. */
  readonly movedCpus: number;
  /** Over all owners, last-level caches beyond the first. */
  readonly extraCaches: number;
}

export const PLACEMENT_WEIGHTS = {
  extraPackage: 10_000,
  sharedCore: 250,
  movedCpu: 10,
  extraCache: 5,
} as const;

/** All costs are multiples of it, so two that differ differ by as much. */
export const COST_STEP = 5;

export function countsOf(topology: CpuTopology, own: OwnCpus, previous: OwnCpus): PlacementCounts {
  const cores = coresOf(topology);
  const coreOf = new Map(cores.flatMap((core) => core.cpus.map((cpu) => [cpu, core] as const)));
  const ownersOf = new Map(cores.map(({ index }) => [index, [] as string[]]));
  let crossPackage = 0;
  let extraPackages = 0;
  let extraCaches = 0;
  let movedCpus = 0;
  for (const [id, cpus] of own) {
    const at = cpus.map((cpu) => coreOf.get(cpu)!);
    const packages = new Set(at.map((core) => core.package)).size;
    if (packages > 1) crossPackage++;
    extraPackages += Math.max(0, packages - 1);
    extraCaches += Math.max(0, new Set(at.map((core) => core.cache)).size - 1);
    for (const { index } of at) ownersOf.get(index)!.push(id);
    const before = previous.get(id) ?? [];
    const kept = before.filter((cpu) => cpus.includes(cpu)).length;
    movedCpus += Math.max(0, Math.min(before.length, cpus.length) - kept);
  }
  const sharedCores = cores.filter(({ index, cpus }) => {
    const owners = ownersOf.get(index)!;
    return owners.length > 0 && (owners.length < cpus.length || owners.some((owner) => owner !== owners[0]));
  }).length;
  return { crossPackage, extraPackages, sharedCores, movedCpus, extraCaches };
}

export function costOf(counts: PlacementCounts): number {
  return (
    PLACEMENT_WEIGHTS.extraPackage * counts.extraPackages +
    PLACEMENT_WEIGHTS.sharedCore * counts.sharedCores +
    PLACEMENT_WEIGHTS.movedCpu * counts.movedCpus +
    PLACEMENT_WEIGHTS.extraCache * counts.extraCaches
  );
}
