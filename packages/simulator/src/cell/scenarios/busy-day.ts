/**
 * As many launches and agents as Titus reported of its busiest day in 2018: 750,000 on 7,000, services and batch jobs. How
 * they are spread over the hours, sizes and run times are assumed: more batch work in the small hours, when the flexible
 * pool is nearly full.
 */
import { R4_8XLARGE } from './agent-shapes.ts';
import { batchJob } from './job-specs.ts';
import { scaled, type ScenarioFamily } from './scenario-family.ts';
import { serviceArrival, serviceClusters } from './service-clusters.ts';

const HOUR_MS = 3_600_000;
const FLEET_SEED = 3;
/** Jobs an hour, on average over the day, and their mean size. */
const BATCH_JOBS_PER_HOUR = 1_560;
const MEAN_BATCH_SIZE = 20;
const TEAMS = 40;
/** Cores of a task of each of a team's programs. */
const PROGRAM_CPU = [2, 4, 8, 16];
/** Of the hours of a day; their mean is 1. */
const PROFILE = [
  1.6, 1.8, 1.8, 1.6, 1.4, 1.2, 1, 0.8, 0.8, 0.8, 0.8, 0.8, 0.8, 0.8, 0.8, 0.8, 0.7, 0.6, 0.6, 0.6, 0.6, 0.8,
  0.9, 1.2,
];

const title = 'A day of 750,000 launches on 7,000 agents';
const description =
  'Six thousand tasks of 300 services and about 1,560 batch jobs an hour, of 1 to 39 tasks that run for twenty minutes on average, with more at night; services crash and are replaced, some batch tasks fail and are retried, an agent is lost every hour.';

export const BUSY_DAY: ScenarioFamily = {
  name: 'busy-day',
  title,
  description,
  runs: (scale) => {
    const fleet = serviceClusters(
      { services: 300, securityGroups: 100, tasks: scaled(6_000, scale), burst: 0 },
      FLEET_SEED,
    );
    return [
      {
        name: 'busy-day',
        title,
        description,
        durationMs: 24 * HOUR_MS,
        pools: [
          { name: 'critical', tier: 'critical', agents: scaled(2_000, scale), shape: R4_8XLARGE },
          { name: 'flexible', tier: 'flexible', agents: scaled(5_000, scale), shape: R4_8XLARGE },
        ],
        capacityGroups: [{ name: 'services', tier: 'critical' }],
        arrivals: [
          ...fleet.map((service) => serviceArrival(service, 0)),
          {
            name: 'batch',
            when: { ratePerHour: BATCH_JOBS_PER_HOUR * scale, profile: PROFILE },
            spec: (_, random) => {
              const team = random.below(TEAMS);
              const program = random.below(PROGRAM_CPU.length);
              const cpu = PROGRAM_CPU[program];
              return batchJob(1 + random.below(2 * MEAN_BATCH_SIZE - 1), {
                application: `team-${team}`,
                capacityGroup: `team-${team}`,
                image: `team-${team}-${program}`,
                securityGroup: `sg-team-${team}`,
                cpu,
                memoryMiB: 4_096 * cpu,
              });
            },
          },
        ],
        lifeCycles: [
          {
            selector: { kind: 'service' },
            started: {
              delayMs: { kind: 'exponential', meanMs: 24 * HOUR_MS },
              action: { finish: 'failed', exitCode: 1 },
            },
          },
          {
            selector: { kind: 'batch' },
            started: {
              delayMs: { kind: 'lognormal', medianMs: 720_000, sigma: 1, maxMs: 5 * HOUR_MS },
              action: { finish: 'failed', exitCode: 1 },
              probability: 0.02,
            },
          },
        ],
        actions: Array.from({ length: 23 }, (_, hour) => ({
          kind: 'lose-agents' as const,
          atMs: (hour + 1) * HOUR_MS,
          label: 'an agent is lost',
          agents: { count: 1 },
        })),
        paces: { sampleMs: 300_000 },
      },
    ];
  },
};
