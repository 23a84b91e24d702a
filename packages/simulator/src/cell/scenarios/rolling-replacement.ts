/**
 * All agents of a pool are exchanged for new ones, batch by batch, under the budgets of the jobs on them: shares that
 * stay healthy, so many an hour, so many a container, own relocation with a deadline.
 */
import type { DisruptionBudget } from '@stowage/jobs';
import { R4_8XLARGE } from './agent-shapes.ts';
import { batchJob, serviceJob } from './job-specs.ts';
import { scaled, type ScenarioFamily } from './scenario-family.ts';

const HOUR_MS = 3_600_000;
const REPLACEMENT_MS = HOUR_MS / 2;

const title = 'Agents replaced batch by batch, under disruption budgets';
const description =
  'One hundred agents are exchanged, 25 at a time. Each service has a budget of another kind; a batch job may be evicted once for each of its tasks. ' +
  'Evictions wait for the budgets, so availability stays where the owners want it, and the most careful owner sets the pace: the first batch of agents waits for the night hours of one service, the others for the hour that two more need.';

const BUDGETS: Readonly<Record<string, Partial<DisruptionBudget> & Pick<DisruptionBudget, 'policy'>>> = {
  'ninety-percent': { policy: { kind: 'availabilityPercentage', percentageOfHealthy: 90 } },
  'twenty-an-hour': {
    policy: { kind: 'unhealthyTasks', limit: 5 },
    rate: { kind: 'perInterval', intervalMs: HOUR_MS, limit: 20 },
  },
  'quarter-an-hour': {
    policy: { kind: 'availabilityPercentage', percentageOfHealthy: 50 },
    rate: { kind: 'percentagePerHour', percentage: 25 },
  },
  'at-night': {
    policy: { kind: 'availabilityPercentage', percentageOfHealthy: 80 },
    timeWindows: [{ days: [], hours: [{ startHour: 2, endHour: 8 }], timeZone: 'UTC' }],
  },
  'moves-itself': { policy: { kind: 'selfManaged', relocationTimeMs: HOUR_MS } },
};

export const ROLLING_REPLACEMENT: ScenarioFamily = {
  name: 'rolling-replacement',
  title,
  description,
  runs: (scale) => {
    const tasks = scaled(100, scale);
    return [
      {
        name: 'rolling-replacement',
        title,
        description,
        durationMs: 16 * HOUR_MS,
        pools: [{ name: 'critical', tier: 'critical', agents: scaled(100, scale), shape: R4_8XLARGE }],
        capacityGroups: [{ name: 'services', tier: 'critical' }],
        arrivals: [
          ...Object.entries(BUDGETS).map(([name, budget]) => ({
            name,
            when: { atMs: 0 },
            spec: serviceJob(tasks, {
              application: name,
              capacityGroup: 'services',
              cpu: 2,
              memoryMiB: 8_192,
              budget,
            }),
          })),
          {
            name: 'long-batch',
            when: { atMs: 0 },
            spec: batchJob(tasks, {
              application: 'long-batch',
              capacityGroup: 'services',
              runtimeLimitMs: 48 * HOUR_MS,
              budget: { policy: { kind: 'relocations', limit: 1 } },
            }),
          },
        ],
        lifeCycles: [
          {
            selector: { kind: 'batch' },
            started: { delayMs: { kind: 'uniform', fromMs: 6 * HOUR_MS, toMs: 12 * HOUR_MS } },
          },
        ],
        actions: [
          {
            kind: 'replace-pool',
            atMs: REPLACEMENT_MS,
            label: 'the replacement begins',
            pool: 'critical',
            batch: scaled(25, scale),
          },
        ],
        milestones: Object.keys(BUDGETS).flatMap((name) =>
          [0.25, 1].map((share) => ({
            name: `${100 * share} % of ${name} moved`,
            jobs: name,
            state: 'finished' as const,
            count: Math.max(1, Math.round(share * tasks)),
            fromMs: REPLACEMENT_MS,
          })),
        ),
        paces: { sampleMs: 120_000 },
      },
    ];
  },
};
