/**
 * A day of a fleet of services: sizes follow the hours, containers crash now and then, an agent is lost every few hours.
 * What should be dull: availability near 1, short starts but for those that wait for new agents. Since services are spread,
 * few agents fall idle when the evening is over.
 */
import type { CellAction } from '../scenario.ts';
import { R4_8XLARGE } from './agent-shapes.ts';
import { scaled, type ScenarioFamily } from './scenario-family.ts';
import { serviceArrival, serviceClusters } from './service-clusters.ts';

const HOUR_MS = 3_600_000;
const FLEET_SEED = 1;
/** Desired tasks at each hour, of those at midnight. */
const DAY = [
  1, 0.9, 0.85, 0.8, 0.8, 0.85, 1, 1.1, 1.2, 1.25, 1.3, 1.3, 1.3, 1.3, 1.35, 1.4, 1.5, 1.6, 1.7, 1.75, 1.7,
  1.5, 1.3, 1.1,
];

const title = 'A fleet of services over a day';
const description =
  'One hundred services of very different sizes, scaled up and down with the hours of a day. Containers crash once a week on average, an agent with all its tasks is lost every four hours, ' +
  'and the critical pool orders agents when tasks find none and gives back what is idle. Availability should stay near 1; tasks that wait for an agent to boot start late.';

export const STEADY_SERVICE_FLEET: ScenarioFamily = {
  name: 'steady-service-fleet',
  title,
  description,
  runs: (scale) => {
    const fleet = serviceClusters(
      { services: 100, securityGroups: 40, tasks: scaled(2_000, scale), burst: 0 },
      FLEET_SEED,
    );
    const agents = scaled(320, scale);
    return [
      {
        name: 'steady-service-fleet',
        title,
        description,
        durationMs: 24 * HOUR_MS,
        pools: [
          {
            name: 'critical',
            tier: 'critical',
            agents,
            shape: R4_8XLARGE,
            autoscale: {
              // A reserve would be used up at once: tasks are spread over whatever is idle.
              minIdle: 0,
              maxIdle: scaled(8, scale),
              minSize: Math.ceil(agents / 2),
              maxSize: 3 * agents,
              coolDownMs: 600_000,
              idleGraceMs: 900_000,
            },
          },
        ],
        capacityGroups: [{ name: 'services', tier: 'critical' }],
        // Within the first hour, before sizes begin to change.
        arrivals: fleet.map((service, n) => serviceArrival(service, n * 30_000, 2 * service.tasks + 1)),
        lifeCycles: [
          {
            started: {
              delayMs: { kind: 'exponential', meanMs: 7 * 24 * HOUR_MS },
              action: { finish: 'failed', exitCode: 1 },
            },
          },
        ],
        actions: [...hourly(fleet), ...losses()],
      },
    ];
  },
};

/** New sizes at every full hour. */
function hourly(fleet: readonly { readonly name: string; readonly tasks: number }[]): CellAction[] {
  return DAY.flatMap((factor, hour) =>
    hour === 0
      ? []
      : fleet.map(({ name, tasks }, n) => ({
          kind: 'update-capacity' as const,
          // Not all in one moment: scaling policies of different jobs do not agree on one.
          atMs: hour * HOUR_MS + n * 10_000,
          label: `${name} to ${Math.ceil(factor * tasks)} tasks`,
          job: name,
          capacity: { desired: Math.ceil(factor * tasks) },
        })),
  );
}

function losses(): CellAction[] {
  return [2, 6, 10, 14, 18, 22].map((hour) => ({
    kind: 'lose-agents',
    atMs: hour * HOUR_MS + 1_800_000,
    label: 'an agent is lost',
    agents: { count: 1 },
  }));
}
