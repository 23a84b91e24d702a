/**
 * The event of the Titus talk (Leung, Bozarth: "Disenchantment: Netflix Titus, its feisty team, and daemons", QCon
 * 2018): a region fails, another one takes its load, and 7,500 containers have to start within minutes in a cell that
 * normal operation has spread out. Spreading each of them meets agents that have neither the image nor an interface
 * for the security groups; Netflix switched to packing at that moment.
 */
import { binPacking, titusFitness } from '@stowage/fitness';
import type { FitnessCalculator } from '@stowage/core';
import { SeededRandom } from '../../seeded-random.ts';
import type { Check, Measure, Plot, QualitySuite, SuiteContext, SuiteResult, SuiteStep } from '../suite.ts';
import { BurstCluster, type LaunchCosts } from './burst-cluster.ts';
import { normalOperation } from './normal-operation.ts';
import { serviceFleet } from '../../service-fleet.ts';

const FULL = { agents: 3_000, services: 400, securityGroups: 200, tasks: 15_000, burst: 7_500 };
const SMOKE = { agents: 300, services: 60, securityGroups: 30, tasks: 1_500, burst: 750 };
const SEED = 42;
/** Tasks per scheduling cycle: agents report what they have pulled in between. */
const CYCLE = 100;
/** "7,500 containers in ~5 minutes", all of it: engine, images, interfaces. */
const TALK_SECONDS = 300;

const SPREADING = 'spreading goes on';
const PACKING = 'Titus failover packing';

/** What decides during the burst; normal operation is spread in all. */
const POLICIES: readonly { readonly name: string; readonly fitness: () => FitnessCalculator }[] = [
  { name: SPREADING, fitness: () => titusFitness() },
  { name: PACKING, fitness: () => titusFitness({ criticalServiceSpreading: false }) },
  { name: 'packing by CPU and memory alone', fitness: () => binPacking('cpu', 'memory') },
];

/** What a burst came to. */
interface Burst {
  readonly policy: string;
  readonly costs: LaunchCosts;
  /** Agents that took part. */
  readonly agents: number;
  /** Images pulled so far, after every cycle. */
  readonly pulls: readonly (readonly [launched: number, pulled: number])[];
}

/** @public */
export const failoverBurst: QualitySuite = {
  name: 'failover-burst',
  summary:
    '7,500 containers at once in a cell that normal operation has spread out: what does switching to packing save?',
  needsData: false,
  *run({ smoke }: SuiteContext): Generator<SuiteStep, SuiteResult> {
    const size = smoke ? SMOKE : FULL;
    const bursts: Burst[] = [];
    for (const [index, { name, fitness }] of POLICIES.entries()) {
      const random = new SeededRandom(SEED);
      const fleet = serviceFleet(size, random);
      const cluster = new BurstCluster(size.agents, titusFitness());
      const step = (share: number, next: string): SuiteStep => ({
        share: (index + share) / POLICIES.length,
        next: `${name}, ${next}`,
      });
      const operation = normalOperation(cluster, fleet, random);
      let state = operation.next();
      for (; state.done !== true; state = operation.next()) yield step(0.7 * state.value, 'normal operation');
      cluster.takeCosts();
      cluster.engine.useFitness(fitness());
      const arrivals = random.shuffled(
        state.value.flatMap((entry) => Array<typeof entry>(entry.service.burst).fill(entry)),
      );
      const agents = new Set<number>();
      const pulls: [number, number][] = [];
      for (let begin = 0; begin < arrivals.length; begin += CYCLE) {
        for (const { service, taskClass } of arrivals.slice(begin, begin + CYCLE)) {
          const handle = cluster.launch(service, taskClass);
          if (handle >= 0) agents.add(cluster.engine.agentOf(handle));
        }
        cluster.report();
        pulls.push([cluster.costs.launched, cluster.costs.imagesPulled]);
        yield step(0.7 + (0.3 * begin) / arrivals.length, 'burst');
      }
      bursts.push({ policy: name, costs: cluster.takeCosts(), agents: agents.size, pulls });
    }
    return {
      measures: bursts.flatMap(measuresOf),
      checks: checksOf(bursts, size.burst),
      plots: [pullPlot(bursts)],
      notes: [
        `${size.agents} agents of r4.8xlarge (32 cores, 7 interfaces of 29 addresses) in three zones; ${size.services} services with ${size.tasks} tasks in ${size.securityGroups} security-group sets, deployed twice; seed ${SEED}.`,
        'Time in the engine is the placement alone; pulling and re-binding happen on the agents, each launch of them beside the others.',
      ],
    };
  },
};

function measuresOf({ policy, costs, agents }: Burst): Measure[] {
  const sorted = costs.engineMicros.toSorted((a, b) => a - b);
  const seconds = sorted.reduce((sum, micros) => sum + micros, 0) / 1e6;
  const measure = (name: string, value: number, decimals = 0): Measure => ({
    case: name,
    policy,
    metric: 'failover burst',
    value,
    decimals,
  });
  return [
    measure('containers placed', costs.launched),
    measure('containers refused', costs.refused),
    measure('agents that took part', agents),
    measure('images pulled', costs.imagesPulled),
    measure('interfaces set up for the first time', costs.interfacesSetUp),
    measure('interfaces re-bound', costs.interfacesRebound),
    measure('time in the engine, s', seconds, 3),
    measure('a placement, median, µs', sorted[sorted.length >> 1], 1),
    measure('a placement, 99th percentile, µs', sorted[Math.floor(sorted.length * 0.99)], 1),
  ];
}

function checksOf(bursts: readonly Burst[], burst: number): Check[] {
  const of = (name: string): Burst => bursts.find(({ policy }) => policy === name)!;
  const packing = of(PACKING).costs;
  const spreading = of(SPREADING).costs;
  return [
    {
      name: `${PACKING}: all containers are placed`,
      kind: 'target',
      value: packing.launched,
      relation: 'equal',
      reference: burst,
      decimals: 0,
    },
    {
      name: `${PACKING}: pulls fewer images than spreading`,
      kind: 'target',
      value: packing.imagesPulled,
      relation: 'below',
      reference: spreading.imagesPulled,
      decimals: 0,
    },
    {
      name: `${PACKING}: sets up or re-binds fewer interfaces than spreading`,
      kind: 'target',
      value: packing.interfacesSetUp + packing.interfacesRebound,
      relation: 'below',
      reference: spreading.interfacesSetUp + spreading.interfacesRebound,
      decimals: 0,
    },
    {
      name: `${PACKING}: seconds in the engine, against the five minutes of the talk for everything`,
      kind: 'target',
      value: packing.engineMicros.reduce((sum, micros) => sum + micros, 0) / 1e6,
      relation: 'below',
      reference: TALK_SECONDS,
      decimals: 3,
    },
  ];
}

function pullPlot(bursts: readonly Burst[]): Plot {
  return {
    title: 'Images pulled during the burst',
    xLabel: 'containers placed',
    yLabel: 'images pulled',
    series: bursts.map(({ policy, pulls }) => ({ label: policy, points: pulls })),
  };
}
