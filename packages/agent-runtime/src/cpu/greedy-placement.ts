/**
 * The greedy allocator of titus-isolate (emptiest package, then emptiest cores), made deterministic and sticky.
 * Running workloads keep their CPUs; new ones take what is free, the largest first. Then workloads with a violation are
 * lifted and placed again as long as that lowers the cost, of which moves are a part: nothing moves without a violation
 * that goes away. Well below a millisecond on usual hosts, so that launching never waits for a solver.
 */
import {
  admit,
  costOf,
  countsOf,
  type CpuPlacement,
  type OwnCpus,
  placementOf,
  type PlacementRequest,
} from './placement.ts';
import { ascending } from './cpu-list.ts';
import { coresOf, type CpuTopology, cpusOf, type PlacedCore } from './topology.ts';

interface Owner {
  readonly id: string;
  readonly cpus: number;
}

export function greedyPlacement(request: PlacementRequest): CpuPlacement {
  const { topology } = request;
  const { owners } = admit(request);
  const previous = usablePrevious(topology, owners, request.previous);
  const cost = (own: OwnCpus): number => costOf(countsOf(topology, own, request.previous));

  let best = fill(topology, owners, previous, previous);
  let bestCost = cost(best);
  for (;;) {
    const suspects = violators(topology, best);
    const lifts = [...suspects.map((id) => new Set([id])), new Set(suspects)];
    let improved: OwnCpus | undefined;
    for (const lifted of lifts) {
      const kept = new Map([...best].filter(([id]) => !lifted.has(id)));
      const candidate = fill(topology, owners, kept, previous);
      const candidateCost = cost(candidate);
      if (candidateCost < bestCost) {
        improved = candidate;
        bestCost = candidateCost;
      }
    }
    if (improved === undefined) return placementOf(topology, best);
    best = improved;
  }
}

/** What owners have that is of use: CPUs that exist, not more than wanted, each of one owner. */
function usablePrevious(topology: CpuTopology, owners: readonly Owner[], previous: OwnCpus): OwnCpus {
  const free = new Set(cpusOf(topology));
  const usable = new Map<string, readonly number[]>();
  for (const { id, cpus: wanted } of owners) {
    const cpus = (previous.get(id) ?? []).filter((cpu) => free.has(cpu)).slice(0, wanted);
    for (const cpu of cpus) free.delete(cpu);
    if (cpus.length > 0) usable.set(id, cpus);
  }
  return usable;
}

function violators(topology: CpuTopology, own: OwnCpus): string[] {
  const cores = coresOf(topology);
  return [...own.keys()].filter((id) => {
    const cpus = new Set(own.get(id));
    const mine = cores.filter((core) => core.cpus.some((cpu) => cpus.has(cpu)));
    const wholeCores = mine.every((core) => core.cpus.every((cpu) => cpus.has(cpu)));
    return !wholeCores || new Set(mine.map((core) => core.package)).size > 1;
  });
}

/** Gives every owner that has less than it wants the rest, the largest first; keeps what is in `kept`. */
function fill(topology: CpuTopology, owners: readonly Owner[], kept: OwnCpus, previous: OwnCpus): OwnCpus {
  const space = new FreeSpace(topology, kept);
  const own = new Map<string, readonly number[]>();
  const waiting = owners.filter(({ id, cpus }) => (kept.get(id)?.length ?? 0) < cpus);
  for (const { id, cpus } of [...waiting].sort((a, b) => b.cpus - a.cpus)) {
    const mine = kept.get(id) ?? [];
    const more = space.take(cpus - mine.length, mine, new Set(previous.get(id)));
    own.set(id, ascending([...mine, ...more]));
  }
  return new Map(owners.map(({ id }) => [id, own.get(id) ?? kept.get(id)!]));
}

class FreeSpace {
  readonly #packages: readonly (readonly PlacedCore[])[];
  /** By index of the core. */
  readonly #free: number[][];

  constructor(topology: CpuTopology, kept: OwnCpus) {
    const taken = new Set([...kept.values()].flat());
    const cores = coresOf(topology);
    this.#packages = topology.packages.map((_, p) => cores.filter((core) => core.package === p));
    this.#free = cores.map(({ cpus }) => cpus.filter((cpu) => !taken.has(cpu)));
  }

  /** @param mine - what the workload has already; its package comes first */
  take(wanted: number, mine: readonly number[], preferred: ReadonlySet<number>): number[] {
    const has = (cores: readonly PlacedCore[]): number =>
      cores.reduce((sum, core) => sum + core.cpus.filter((cpu) => mine.includes(cpu)).length, 0);
    const choices = this.#packages.map((cores, p) => {
      const free = cores.reduce((sum, { index }) => sum + this.#free[index].length, 0);
      const broken = this.#newlyShared(this.#plan(cores, Math.min(wanted, free)));
      return { cores, p, free, has: has(cores), fits: free >= wanted, broken };
    });
    choices.sort(
      (a, b) =>
        b.has - a.has ||
        Number(b.fits) - Number(a.fits) ||
        (a.fits ? a.broken - b.broken : 0) ||
        b.free - a.free ||
        a.p - b.p,
    );
    const taken: number[] = [];
    for (const { cores, free } of choices) {
      for (const [core, count] of this.#plan(cores, Math.min(wanted - taken.length, free))) {
        const cpus = this.#free[core.index].toSorted(
          (a, b) => Number(preferred.has(b)) - Number(preferred.has(a)) || a - b,
        );
        taken.push(...cpus.splice(0, count));
        this.#free[core.index] = cpus;
      }
      if (taken.length === wanted) return taken;
    }
    throw new Error(`${wanted} CPUs were admitted, of which only ${taken.length} are free.`);
  }

  /** Cores and how many CPUs of each: whole cores of the cache with most of them, then the rest from the fullest. */
  #plan(cores: readonly PlacedCore[], wanted: number): [PlacedCore, number][] {
    const free = (core: PlacedCore): number => this.#free[core.index].length;
    const whole = (core: PlacedCore): boolean => free(core) === core.cpus.length;
    const wholeOfCache = new Map<number, number>();
    for (const core of cores.filter(whole))
      wholeOfCache.set(core.cache, (wholeOfCache.get(core.cache) ?? 0) + free(core));
    const plan: [PlacedCore, number][] = [];
    let rest = wanted;
    const used = new Set<PlacedCore>();
    const use = (core: PlacedCore, count: number): void => {
      plan.push([core, count]);
      used.add(core);
      rest -= count;
    };
    // The fullest cache that has enough; when none has, the emptiest, so that few are needed.
    const rank = ({ cache }: PlacedCore): number => {
      const there = wholeOfCache.get(cache)!;
      return there >= wanted ? there : Number.MAX_SAFE_INTEGER - there;
    };
    const emptiest = cores
      .filter(whole)
      .sort(
        (a, b) =>
          b.cpus.length - a.cpus.length || rank(a) - rank(b) || a.cache - b.cache || a.index - b.index,
      );
    for (const core of emptiest) if (free(core) <= rest) use(core, free(core));
    // The rest is smaller than every whole core left: a core that is shared already is the smallest harm.
    const broken = cores.filter((core) => !used.has(core) && free(core) > 0 && !whole(core));
    const enough = broken
      .filter((core) => free(core) >= rest)
      .sort((a, b) => free(a) - free(b) || a.index - b.index)[0];
    if (rest > 0 && enough !== undefined) use(enough, rest);
    const unbroken = cores.filter((core) => !used.has(core) && whole(core));
    const others = [
      ...unbroken,
      ...broken.filter((core) => !used.has(core)).sort((a, b) => free(b) - free(a)),
    ];
    for (const core of others) if (rest > 0) use(core, Math.min(rest, free(core)));
    return plan;
  }

  #newlyShared(plan: readonly [PlacedCore, number][]): number {
    return plan.filter(
      ([core, count]) => count < core.cpus.length && this.#free[core.index].length === core.cpus.length,
    ).length;
  }
}
