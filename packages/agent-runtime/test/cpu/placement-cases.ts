/** Hosts, workloads and histories for the tests of placement. */
import fc from 'fast-check';
import type { CpuWorkload, PlacementRequest } from '../../src/cpu/placement.ts';
import { placementOf } from '../../src/cpu/placement.ts';
import { type CpuTopology, cpusOf, keepCpus, syntheticTopology } from '../../src/cpu/topology.ts';

export const anyTopology: fc.Arbitrary<CpuTopology> = fc
  .record({
    packages: fc.integer({ min: 1, max: 2 }),
    cores: fc.constantFrom(1, 2, 4, 8, 32),
    threads: fc.constantFrom(1, 2, 4),
    coresPerCache: fc.constantFrom(1, 2, 4, 32),
    offline: fc.array(fc.nat(200), { maxLength: 5 }),
  })
  .map(({ packages, cores, threads, coresPerCache, offline }) =>
    keepCpus(syntheticTopology(packages, cores, threads, coresPerCache), (cpu) => !offline.includes(cpu)),
  )
  .filter((topology) => cpusOf(topology).length > 0);

/** At most eight CPUs, so that all placements can be tried. */
export const tinyTopology: fc.Arbitrary<CpuTopology> = fc
  .record({
    shape: fc.constantFrom([1, 2, 2], [1, 4, 1], [2, 2, 2], [1, 4, 2], [2, 4, 1], [2, 1, 4], [3, 1, 2]),
    coresPerCache: fc.constantFrom(1, 2, 4),
    offline: fc.option(fc.nat(7), { nil: -1, freq: 2 }),
  })
  .map(({ shape: [packages, cores, threads], coresPerCache, offline }) =>
    keepCpus(syntheticTopology(packages, cores, threads, coresPerCache), (cpu) => cpu !== offline),
  );

export function anyWorkload(largest: number): fc.Arbitrary<Omit<CpuWorkload, 'id'>> {
  return fc.record({
    mode: fc.constantFrom('static' as const, 'static' as const, 'burst' as const),
    cpuMilli: fc.oneof(
      { weight: 4, arbitrary: fc.integer({ min: 1, max: largest }).map((cpus) => cpus * 1000) },
      { weight: 1, arbitrary: fc.integer({ min: 1, max: largest * 1000 }) },
    ),
  });
}

/** What comes and goes: a workload, or the position of one that ends. */
export type Step = Omit<CpuWorkload, 'id'> | { readonly ends: number };

export function anySteps(largest: number, maxLength = 25): fc.Arbitrary<Step[]> {
  return fc.array(
    fc.oneof(
      { weight: 2, arbitrary: anyWorkload(largest) },
      { weight: 1, arbitrary: fc.record({ ends: fc.nat(30) }) },
    ),
    { minLength: 1, maxLength },
  );
}

/** Any request, with a previous placement that may be good or bad, of workloads that may still be there or not. */
export function anyRequest(
  topologies: fc.Arbitrary<CpuTopology>,
  largest: number,
  maxWorkloads: number,
): fc.Arbitrary<PlacementRequest> {
  return topologies.chain((topology) =>
    fc
      .record({
        workloads: fc.array(anyWorkload(largest), { maxLength: maxWorkloads }),
        minimumPool: fc.integer({ min: 1, max: 2 }),
        shuffled: fc.shuffledSubarray(cpusOf(topology)),
        known: fc.array(fc.boolean(), { minLength: maxWorkloads, maxLength: maxWorkloads }),
      })
      .map(({ workloads, minimumPool, shuffled, known }) => {
        const previous = new Map<string, readonly number[]>([['gone', shuffled.splice(0, 1)]]);
        workloads.forEach(({ mode, cpuMilli }, w) => {
          const cpus = cpuMilli / 1000;
          if (mode === 'static' && Number.isInteger(cpus) && cpus <= shuffled.length && known[w])
            previous.set(
              `w${w}`,
              shuffled.splice(0, cpus).sort((a, b) => a - b),
            );
        });
        return {
          topology,
          workloads: workloads.map((workload, w) => ({ id: `w${w}`, ...workload })),
          previous: placementOf(topology, previous).own,
          minimumPool,
        };
      }),
  );
}
