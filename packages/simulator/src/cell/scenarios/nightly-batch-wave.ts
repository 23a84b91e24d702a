/**
 * A night of batch work: three teams with capacity groups submit thousands of tasks at one in the morning, an upstart
 * without a guarantee more than all of them, on a flexible pool that grows on demand. Services run beside them on the
 * critical pool and should notice nothing.
 */
import { M4_4XLARGE, R4_8XLARGE } from './agent-shapes.ts';
import { batchJob, serviceJob } from './job-specs.ts';
import { scaled, type ScenarioFamily } from './scenario-family.ts';

const HOUR_MS = 3_600_000;

const title = 'A nightly wave of batch jobs with capacity groups';
const description =
  'From one in the morning, three teams with guarantees and one without submit batch jobs of 10 to 40 minutes a task, far more than the flexible pool holds at first. ' +
  'Guarantees decide who waits while the pool grows; services on the critical pool are not touched.';

interface Team {
  readonly name: string;
  /** Share of the pool at its largest that is guaranteed. */
  readonly share: number;
  readonly jobs: number;
  readonly size: number;
  readonly cpu: number;
}

const TEAMS: readonly Team[] = [
  { name: 'encoding', share: 0.4, jobs: 20, size: 250, cpu: 2 },
  { name: 'reports', share: 0.2, jobs: 40, size: 50, cpu: 1 },
  { name: 'training', share: 0.2, jobs: 10, size: 100, cpu: 4 },
  { name: 'adhoc', share: 0, jobs: 60, size: 150, cpu: 1 },
];

export const NIGHTLY_BATCH_WAVE: ScenarioFamily = {
  name: 'nightly-batch-wave',
  title,
  description,
  runs: (scale) => {
    const largest = scaled(600, scale);
    return [
      {
        name: 'nightly-batch-wave',
        title,
        description,
        durationMs: 8 * HOUR_MS,
        pools: [
          { name: 'critical', tier: 'critical', agents: scaled(60, scale), shape: R4_8XLARGE },
          {
            name: 'flexible',
            tier: 'flexible',
            agents: scaled(40, scale),
            shape: M4_4XLARGE,
            autoscale: {
              minIdle: scaled(5, scale),
              maxIdle: scaled(10, scale),
              maxSize: largest,
              coolDownMs: 600_000,
              idleGraceMs: 900_000,
            },
          },
        ],
        capacityGroups: [
          { name: 'services', tier: 'critical' },
          ...TEAMS.map(({ name, share }) => ({
            name,
            tier: 'flexible' as const,
            ...(share === 0
              ? {}
              : {
                  guarantee: {
                    cpu: Math.floor(share * largest * M4_4XLARGE.cpu),
                    memory: Math.floor(share * largest * M4_4XLARGE.memoryMiB),
                  },
                }),
          })),
        ],
        arrivals: [
          {
            name: 'web',
            when: { atMs: 0 },
            spec: serviceJob(scaled(400, scale), { application: 'web', capacityGroup: 'services', cpu: 2 }),
          },
          ...TEAMS.map(({ name, jobs, size, cpu }) => ({
            name,
            // Twenty minutes of submissions from one o'clock on.
            when: { everyMs: 1_200_000 / jobs, fromMs: HOUR_MS, toMs: HOUR_MS + 1_200_000 },
            spec: batchJob(scaled(size, scale), {
              application: name,
              capacityGroup: name,
              cpu,
              memoryMiB: 3_072 * cpu,
            }),
          })),
        ],
        lifeCycles: [
          {
            selector: { kind: 'batch' as const },
            started: {
              delayMs: { kind: 'lognormal' as const, medianMs: 1_200_000, sigma: 0.5, maxMs: 2 * HOUR_MS },
            },
          },
        ],
        actions: [{ kind: 'note', atMs: HOUR_MS, label: 'the wave begins' }],
        milestones: TEAMS.map(({ name, jobs, size }) => ({
          name: `all tasks of ${name} have ended`,
          jobs: `${name}-*`,
          state: 'finished' as const,
          count: jobs * scaled(size, scale),
          fromMs: HOUR_MS,
        })),
        // Thousands of tasks wait for an hour; what runs for minutes can wait for seconds.
        paces: { cycleMs: 5_000 },
      },
    ];
  },
};
