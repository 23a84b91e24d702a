/**
 * Another region fails and its traffic comes here: services grow by 7,500 containers at once on a fleet that spreads
 * them. With the switch from spreading to packing, as at Titus, they go to agents that have image and interface already;
 * without, agents pull and re-bind, and calls to set up interfaces wait in line.
 */
import type { CellScenario, PlacementPolicy } from '../scenario.ts';
import { R4_8XLARGE } from './agent-shapes.ts';
import { scaled, type ScenarioFamily } from './scenario-family.ts';
import { serviceArrival, serviceClusters } from './service-clusters.ts';

const MINUTE_MS = 60_000;
const FLEET_SEED = 7;
const FAILOVER_MS = 30 * MINUTE_MS;
/**
 * Assumed: an account whose limit of calls that change interfaces was raised, from the 5 a second that EC2 gives everyone.
 */
const INTERFACE_CALLS_PER_SECOND = 20;

const title = 'A regional failover: 7,500 containers at once';
const description =
  'Two thousand agents run eight thousand containers of 150 services, spread. After half an hour services grow by 7,500 containers in one moment. One run goes on spreading, the other switches to packing at that moment, ' +
  'which prefers agents that have the image and an interface with the security groups.';

export const REGIONAL_FAILOVER: ScenarioFamily = {
  name: 'regional-failover',
  title,
  description,
  runs: (scale) => [
    failover('spreading throughout', 'spreading', scale),
    failover('switch to packing', 'packing', scale),
  ],
};

function failover(name: string, during: PlacementPolicy, scale: number): CellScenario {
  const burst = scaled(7_500, scale);
  const fleet = serviceClusters(
    { services: 150, securityGroups: 60, tasks: scaled(8_000, scale), burst },
    FLEET_SEED,
  );
  const grows = fleet.filter((service) => service.burst > 0);
  return {
    name,
    title,
    description,
    durationMs: FAILOVER_MS + 20 * MINUTE_MS,
    pools: [{ name: 'critical', tier: 'critical', agents: scaled(2_000, scale), shape: R4_8XLARGE }],
    capacityGroups: [{ name: 'services', tier: 'critical' }],
    // One after the other over the first minutes, so that agents have a history.
    arrivals: fleet.map((service, n) =>
      serviceArrival(service, n * 4_000, service.tasks + service.burst + 1),
    ),
    actions: [
      ...(during === 'packing'
        ? [
            {
              kind: 'switch-placement' as const,
              atMs: FAILOVER_MS,
              label: 'switch to packing',
              placement: during,
            },
          ]
        : []),
      { kind: 'note', atMs: FAILOVER_MS, label: 'the failover begins' },
      ...grows.map((service) => ({
        kind: 'update-capacity' as const,
        atMs: FAILOVER_MS,
        label: `${service.name} grows by ${service.burst}`,
        job: service.name,
        capacity: { desired: service.tasks + service.burst },
      })),
    ],
    milestones: [0.5, 0.9, 0.99, 1].map((share) => ({
      name: `${Math.ceil(share * burst).toLocaleString('en-US')} containers of the failover have started`,
      jobs: '*',
      state: 'started' as const,
      count: Math.ceil(share * burst),
      fromMs: FAILOVER_MS,
    })),
    // All of a burst may be on its way at once.
    jobPolicy: { maxNotStarted: 2_000 },
    paces: { sampleMs: 5_000 },
    costs: {
      // Assumed: an image of a few hundred MB, and polling until security groups are in force.
      imagePullMs: 20_000,
      interfaceSetUpMs: 2_000,
      interfaceRebindMs: 8_000,
      // A cell of a tenth of the size shows the same with a tenth of the limit.
      interfaceCallsPerSecond: INTERFACE_CALLS_PER_SECOND * scale,
    },
  };
}
