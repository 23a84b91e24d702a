/**
 * Compares ways to place CPUs over random arrivals and departures on hosts that are three quarters to fully used.
 * Every way goes through the same events with its own history. Run: `npx tsx packages/agent-runtime/test/cpu/compare-allocators.ts [events] [seed] [timeLimitMs]`.
 */
import { greedyPlacement } from '../../src/cpu/greedy-placement.ts';
import { PlacementOptimizer } from '../../src/cpu/placement-optimizer.ts';
import {
  type CpuWorkload,
  countsOf,
  costOf,
  type OwnCpus,
  type PlacementRequest,
} from '../../src/cpu/placement.ts';
import { leastCost } from '../../src/cpu/placement-model.ts';
import { cpusOf, type CpuTopology, syntheticTopology } from '../../src/cpu/topology.ts';

const [events = 300, seed = 1, timeLimitMs = 5000] = process.argv.slice(2).map(Number);

/** Park and Miller. */
function randomFrom(start: number): (below: number) => number {
  let state = start;
  return (below) => (state = (state * 48_271) % 2_147_483_647) % below;
}

function history(topology: CpuTopology, random: (below: number) => number): CpuWorkload[][] {
  const capacity = cpusOf(topology).length - 1;
  const sizes = [1, 2, 2, 3, 4, 4, 6, 8, 8, 12, 16].filter((size) => size <= capacity / 2);
  let running: CpuWorkload[] = [];
  const steps: CpuWorkload[][] = [];
  for (let i = 0; i < events; i++) {
    const used = running.reduce((sum, { cpuMilli }) => sum + cpuMilli / 1000, 0);
    const size = sizes[random(sizes.length)];
    const leaves = used + size > capacity || (used > capacity * 0.75 && random(2) === 0);
    if (leaves) running = running.filter((_, w) => w !== random(running.length));
    else running = [...running, { id: `w${i}`, mode: 'static', cpuMilli: size * 1000 }];
    steps.push(running);
  }
  return steps;
}

type Way = (request: PlacementRequest) => Promise<OwnCpus>;

async function measure(name: string, topology: CpuTopology, steps: CpuWorkload[][], way: Way): Promise<void> {
  let previous: OwnCpus = new Map();
  const sum = { cost: 0, least: 0, crossPackage: 0, sharedCores: 0, extraCaches: 0, movedCpus: 0 };
  const times: number[] = [];
  for (const workloads of steps) {
    const request = { topology, workloads, previous, minimumPool: 1 };
    const begin = performance.now();
    const own = await way(request);
    times.push(performance.now() - begin);
    const counts = countsOf(topology, own, previous);
    sum.cost += costOf(counts);
    sum.least += leastCost(request);
    sum.crossPackage += counts.crossPackage;
    sum.sharedCores += counts.sharedCores;
    sum.extraCaches += counts.extraCaches;
    sum.movedCpus += counts.movedCpus;
    previous = own;
  }
  times.sort((a, b) => a - b);
  const time = (part: number): string =>
    times[Math.min(times.length - 1, Math.floor(times.length * part))].toFixed(1);
  const mean = (total: number): string => (total / steps.length).toFixed(2);
  console.log(
    `| ${name} | ${mean(sum.crossPackage)} | ${mean(sum.sharedCores)} | ${mean(sum.extraCaches)} | ${mean(sum.movedCpus)} | ` +
      `${mean(sum.cost)} | ${mean(sum.least)} | ${time(0.5)} | ${time(0.99)} | ${time(1)} |`,
  );
}

async function main(): Promise<void> {
  console.log(
    '| host, way | cross-package | shared cores | extra caches | CPUs moved | cost | bound | ms p50 | p99 | max |',
  );
  console.log('|---|---|---|---|---|---|---|---|---|---|');
  for (const [packages, cores, cache] of [
    [1, 8, 8],
    [2, 16, 8],
    [2, 32, 8],
  ]) {
    const topology = syntheticTopology(packages, cores, 2, cache);
    const steps = history(topology, randomFrom(seed));
    const host = `${packages}×${cores}×2`;
    await measure(
      `${host} anew`,
      topology,
      steps,
      async (request) => greedyPlacement({ ...request, previous: new Map() }).own,
    );
    await measure(`${host} greedy`, topology, steps, async (request) => greedyPlacement(request).own);
    const outcomes = new Map<string, number>();
    const optimizer = new PlacementOptimizer({ timeLimitMs });
    await measure(`${host} optimiser`, topology, steps, async (request) => {
      const { placement, outcome, error } = await optimizer.optimize(request);
      if (error !== undefined) throw error;
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      return placement.own;
    });
    console.log(
      `<!-- optimiser: ${[...outcomes].map(([outcome, count]) => `${outcome} ${count}`).join(', ')} -->`,
    );
    await optimizer.close();
  }
}

void main();
