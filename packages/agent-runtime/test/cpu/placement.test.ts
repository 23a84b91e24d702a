import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { greedyPlacement } from '../../src/cpu/greedy-placement.ts';
import {
  admit,
  costOf,
  countsOf,
  type CpuPlacement,
  type CpuWorkload,
  type OwnCpus,
  type PlacementCounts,
  type PlacementRequest,
} from '../../src/cpu/placement.ts';
import { leastCost } from '../../src/cpu/placement-model.ts';
import { cpusOf, syntheticTopology } from '../../src/cpu/topology.ts';
import { exactCost } from './exact-placement.ts';
import { anyRequest, anySteps, anyTopology, tinyTopology } from './placement-cases.ts';

function workload(id: string, cpuMilli: number, mode: 'static' | 'burst' = 'static'): CpuWorkload {
  return { id, mode, cpuMilli };
}

function requireSound(request: PlacementRequest, { own, pool }: CpuPlacement): void {
  const { owners, refused } = admit(request);
  expect([...own.keys()]).toEqual(owners.map(({ id }) => id));
  for (const { id, cpus } of owners) expect(own.get(id)).toHaveLength(cpus);
  for (const id of refused) expect(own.has(id)).toBe(false);
  // Every CPU is owned once or in the pool: no two owners, and no burst workload on an owner's CPU.
  expect([...[...own.values()].flat(), ...pool].sort((a, b) => a - b)).toEqual(cpusOf(request.topology));
  if (cpusOf(request.topology).length >= request.minimumPool)
    expect(pool.length).toBeGreaterThanOrEqual(request.minimumPool);
  for (const cpus of [...own.values(), pool]) expect(cpus).toEqual([...cpus].sort((a, b) => a - b));
}

function violationCost(counts: PlacementCounts): number {
  return costOf({ ...counts, movedCpus: 0, extraCaches: 0 });
}

describe('admission', () => {
  const topology = syntheticTopology(1, 4, 2);
  const admitted = (minimumPool: number, ...workloads: CpuWorkload[]) =>
    admit({ topology, workloads, minimumPool });

  it('gives whole CPUs to static workloads and leaves the minimum to the pool', () => {
    expect(admitted(1, workload('a', 7000))).toEqual({ owners: [{ id: 'a', cpus: 7 }], refused: [] });
    expect(admitted(1, workload('a', 8000)).refused).toEqual(['a']);
    expect(admitted(3, workload('a', 5000), workload('b', 1000)).refused).toEqual(['b']);
  });

  it('keeps what static workloads of other sizes were promised in the pool', () => {
    expect(admitted(1, workload('half', 1500), workload('other', 600), workload('a', 6000)).refused).toEqual([
      'a',
    ]);
    expect(admitted(1, workload('half', 1500), workload('other', 600), workload('a', 5000)).refused).toEqual(
      [],
    );
    expect(admitted(1, workload('a', 6000), workload('b', 2001)).refused).toEqual(['b']);
  });

  it('refuses burst workloads only when the host is smaller', () => {
    expect(admitted(1, workload('a', 7000), workload('b', 8000, 'burst')).refused).toEqual([]);
    expect(admitted(1, workload('b', 8001, 'burst')).refused).toEqual(['b']);
  });

  it('serves earlier workloads as if later ones were not there', () => {
    fc.assert(
      fc.property(anyRequest(anyTopology, 20, 12), fc.nat(12), (request, length) => {
        const some = admit({ ...request, workloads: request.workloads.slice(0, length) });
        const all = admit(request);
        expect(all.owners.slice(0, some.owners.length)).toEqual(some.owners);
        expect(all.refused.slice(0, some.refused.length)).toEqual(some.refused);
      }),
    );
  });
});

describe('counts', () => {
  const topology = syntheticTopology(2, 2, 2, 1);
  const counts = (own: OwnCpus, previous: OwnCpus = new Map()) => countsOf(topology, own, previous);
  const none = { crossPackage: 0, extraPackages: 0, sharedCores: 0, movedCpus: 0, extraCaches: 0 };

  it('finds nothing wrong with whole cores of one package', () => {
    expect(
      counts(
        new Map([
          ['a', [0, 4]],
          ['b', [2, 6]],
        ]),
      ),
    ).toEqual(none);
  });

  it('counts a core shared with the pool or another owner once', () => {
    expect(counts(new Map([['a', [0]]]))).toEqual({ ...none, sharedCores: 1 });
    expect(
      counts(
        new Map([
          ['a', [0]],
          ['b', [4]],
        ]),
      ),
    ).toEqual({ ...none, sharedCores: 1 });
  });

  it('counts packages and caches beyond the first', () => {
    expect(counts(new Map([['a', [0, 1, 2, 4, 5, 6]]]))).toEqual({
      ...none,
      crossPackage: 1,
      extraPackages: 1,
      extraCaches: 2,
    });
  });

  it('counts CPUs that were exchanged, and not those that came or went', () => {
    const previous = new Map([
      ['a', [0, 4]],
      ['gone', [1]],
    ]);
    expect(counts(new Map([['a', [1, 5]]]), previous).movedCpus).toBe(2);
    expect(counts(new Map([['a', [0, 5]]]), previous).movedCpus).toBe(1);
    expect(counts(new Map([['a', [0, 1, 4, 5]]]), previous).movedCpus).toBe(0);
    expect(counts(new Map([['a', [4]]]), previous).movedCpus).toBe(0);
  });
});

describe('greedy placement', () => {
  it('takes whole cores of the emptiest package', () => {
    const topology = syntheticTopology(2, 4, 2);
    const request = { topology, previous: new Map(), minimumPool: 1 };
    const { own, pool } = greedyPlacement({
      ...request,
      workloads: [workload('a', 4000), workload('b', 2000)],
    });
    expect(own).toEqual(
      new Map([
        ['a', [0, 1, 8, 9]],
        ['b', [4, 12]],
      ]),
    );
    expect(pool).toEqual([2, 3, 5, 6, 7, 10, 11, 13, 14, 15]);
  });

  it('lets two workloads of odd size share one core instead of breaking two', () => {
    const topology = syntheticTopology(1, 4, 2);
    const request = { topology, previous: new Map(), minimumPool: 1 };
    const { own } = greedyPlacement({ ...request, workloads: [workload('a', 3000), workload('b', 1000)] });
    expect(countsOf(topology, own, own).sharedCores).toBe(1);
  });

  it('moves a running workload when that removes a violation, and not otherwise', () => {
    const topology = syntheticTopology(2, 2, 2);
    const split = new Map([['a', [0, 2]]]);
    const workloads = [workload('a', 2000)];
    const moved = greedyPlacement({ topology, workloads, previous: split, minimumPool: 1 });
    expect(moved.own).toEqual(new Map([['a', [0, 4]]]));
    const inSecond = new Map([['a', [3, 7]]]);
    expect(greedyPlacement({ topology, workloads, previous: inSecond, minimumPool: 1 }).own).toEqual(
      inSecond,
    );
  });

  it('gives burst workloads what static ones leave, and takes it back when they go', () => {
    const topology = syntheticTopology(1, 2, 1);
    const burst = workload('b', 2000, 'burst');
    const request = { topology, previous: new Map(), minimumPool: 1 };
    expect(greedyPlacement({ ...request, workloads: [burst] }).pool).toEqual([0, 1]);
    expect(greedyPlacement({ ...request, workloads: [burst, workload('a', 1000)] }).pool).toEqual([1]);
  });

  it('gives every owner exactly its CPUs, is deterministic, and changes nothing the second time', () => {
    fc.assert(
      fc.property(anyRequest(anyTopology, 20, 12), (request) => {
        const placement = greedyPlacement(request);
        requireSound(request, placement);
        expect(greedyPlacement(structuredClone(request))).toEqual(placement);
        expect(greedyPlacement({ ...request, previous: placement.own })).toEqual(placement);
      }),
      { numRuns: 300 },
    );
  });

  it('holds through arrivals and departures, and moves nothing that does not remove a violation', () => {
    fc.assert(
      fc.property(anyTopology, anySteps(12), (topology, steps) => {
        let workloads: CpuWorkload[] = [];
        let previous: OwnCpus = new Map();
        steps.forEach((step, i) => {
          if ('ends' in step) workloads = workloads.filter((_, w) => w !== step.ends % workloads.length);
          else workloads = [...workloads, { id: `w${i}`, ...step }];
          const request = { topology, workloads, previous, minimumPool: 1 };
          const placement = greedyPlacement(request);
          requireSound(request, placement);
          const counts = countsOf(topology, placement.own, previous);
          const stayed = new Map([...previous].filter(([id]) => placement.own.has(id)));
          const nobodyCame = stayed.size === placement.own.size;
          if (counts.movedCpus > 0 && nobodyCame) {
            const before = countsOf(topology, stayed, stayed);
            expect(violationCost(counts)).toBeLessThan(violationCost(before));
          }
          previous = placement.own;
        });
      }),
      { numRuns: 100 },
    );
  });

  it('never costs less than the bound and the exact optimum', () => {
    fc.assert(
      fc.property(anyRequest(tinyTopology, 4, 4), (request) => {
        const cost = costOf(countsOf(request.topology, greedyPlacement(request).own, request.previous));
        const exact = exactCost(request);
        expect(leastCost(request)).toBeLessThanOrEqual(exact);
        expect(cost).toBeGreaterThanOrEqual(exact);
      }),
      { numRuns: 200 },
    );
  });
});
