/**
 * The cheapest placement by trying every way to deal the CPUs of every core out to the owners: an oracle for hosts of a
 * few cores. CPUs of a core differ only by who had them before, so what counts per core is how many each owner gets.
 */
import { admit, PLACEMENT_WEIGHTS, type PlacementRequest } from '../../src/cpu/placement.ts';
import { coresOf } from '../../src/cpu/topology.ts';

/** @returns the lowest `costOf` of all placements */
export function exactCost(request: PlacementRequest): number {
  const { owners } = admit(request);
  const cores = coresOf(request.topology);
  const had = owners.map(({ id, cpus }) => (request.previous.get(id) ?? []).slice(0, Math.max(cpus, 0)));
  const missing = owners.map(({ cpus }) => cpus);
  const packages = owners.map(() => new Map<number, number>());
  const caches = owners.map(() => new Map<number, number>());
  let best = Infinity;

  const count = (uses: Map<number, number>, key: number, by: number): void => {
    uses.set(key, (uses.get(key) ?? 0) + by);
    if (uses.get(key) === 0) uses.delete(key);
  };

  /** Deals core `c` out from owner `w` on, with `left` CPUs undealt and the cost so far without packages and caches. */
  const deal = (c: number, w: number, left: number, dealtTo: number, kept: number, shared: number): void => {
    if (PLACEMENT_WEIGHTS.sharedCore * shared >= best) return;
    if (c === cores.length) {
      if (missing.some((cpus) => cpus > 0)) return;
      const before = owners.reduce((sum, { cpus }, o) => sum + Math.min(cpus, had[o].length), 0);
      const beyond = (uses: Map<number, number>[]): number =>
        uses.reduce((sum, { size }) => sum + size - 1, 0);
      best = Math.min(
        best,
        PLACEMENT_WEIGHTS.extraPackage * beyond(packages) +
          PLACEMENT_WEIGHTS.extraCache * beyond(caches) +
          PLACEMENT_WEIGHTS.sharedCore * shared +
          PLACEMENT_WEIGHTS.movedCpu * (before - kept),
      );
      return;
    }
    const core = cores[c];
    if (w === owners.length) {
      const isShared = dealtTo > 1 || (dealtTo === 1 && left > 0);
      const size = cores[c + 1]?.cpus.length ?? 0;
      deal(c + 1, 0, size, 0, kept, shared + Number(isShared));
      return;
    }
    for (let share = Math.min(left, missing[w]); share >= 0; share--) {
      if (share > 0) {
        missing[w] -= share;
        count(packages[w], core.package, 1);
        count(caches[w], core.cache, 1);
      }
      const keeps = Math.min(share, had[w].filter((cpu) => core.cpus.includes(cpu)).length);
      deal(c, w + 1, left - share, dealtTo + Number(share > 0), kept + keeps, shared);
      if (share > 0) {
        missing[w] += share;
        count(packages[w], core.package, -1);
        count(caches[w], core.cache, -1);
      }
    }
  };
  deal(0, 0, cores[0]?.cpus.length ?? 0, 0, 0, 0);
  return best;
}
