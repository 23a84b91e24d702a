/**
 * A cell of one's own on a virtual clock: a service and a nightly batch job, an agent that is lost, and a restart of the
 * master in the middle of it. The same seed gives the same run, event by event.
 * Run with: node --conditions=@stowage/source --import tsx examples/own-scenario.ts
 */
import { type CellScenario, runCell } from '@stowage/simulator';

const MINUTE_MS = 60_000;
const shape = { cpu: 8, memoryMiB: 32_768, diskMiB: 200_000, networkMbps: 2_000 };

function job(applicationName: string, capacityGroup: string, kind: Record<string, unknown>) {
  return {
    owner: { teamEmail: 'team@example.com' },
    applicationName,
    capacityGroup,
    container: {
      image: { name: applicationName, tag: '1' },
      resources: { cpuMilli: 2_000, memoryMiB: 4_096, diskMiB: 10_000, networkMbps: 100 },
      securityGroups: ['sg-1'],
      iamRole: 'role',
      entrypoint: ['run'],
    },
    retryPolicy: { kind: 'immediate', retries: 2 },
    ...kind,
  };
}

const scenario: CellScenario = {
  name: 'own-scenario',
  title: 'A small cell on a bad day',
  description: 'Six agents; one is lost, and the master restarts while its tasks are replaced.',
  durationMs: 120 * MINUTE_MS,
  pools: [
    { name: 'critical', tier: 'critical', agents: 4, shape },
    { name: 'flexible', tier: 'flexible', agents: 2, shape },
  ],
  capacityGroups: [{ name: 'web', tier: 'critical' }],
  arrivals: [
    {
      name: 'shop',
      when: { atMs: 0 },
      spec: job('shop', 'web', { kind: 'service', capacity: { min: 0, desired: 8, max: 20 } }),
    },
    {
      name: 'report',
      when: { everyMs: 30 * MINUTE_MS },
      spec: job('report', 'batch', {
        kind: 'batch',
        size: 5,
        runtimeLimitMs: 20 * MINUTE_MS,
        retryOnRuntimeLimit: false,
      }),
    },
  ],
  lifeCycles: [
    // The second task of each report fails at its first try.
    {
      selector: { job: 'report-*', indexes: { from: 1, to: 1 }, resubmits: [0] },
      started: { delayMs: 30_000, action: { finish: 'failed', exitCode: 1 } },
    },
    {
      selector: { kind: 'batch' },
      started: { delayMs: { kind: 'uniform', fromMs: 5 * MINUTE_MS, toMs: 9 * MINUTE_MS } },
    },
  ],
  actions: [
    { kind: 'lose-agents', atMs: 45 * MINUTE_MS, agents: { pool: 'critical', count: 1 } },
    { kind: 'restart-master', atMs: 46 * MINUTE_MS, downMs: 20_000 },
  ],
  milestones: [
    { name: 'the service is whole again', jobs: 'shop', state: 'started', count: 2, fromMs: 45 * MINUTE_MS },
  ],
};

const run = runCell(scenario, { seed: 1, check: true });
const { totals, milestones } = run;

console.log(`jobs: ${totals.jobsSubmitted} submitted, ${totals.jobsFinished} finished`);
console.log(`tasks: ${totals.launches} launched, ends ${JSON.stringify(totals.ends)}`);
console.log(`${milestones[0].name} after ${(milestones[0].atMs! - milestones[0].fromMs) / 1_000} s`);
console.log(`restarts of the master: ${totals.masterRestarts}`);
console.log(`same seed, same events: ${runCell(scenario, { seed: 1 }).trace.hash === run.trace.hash}`);
console.log(`other seed, other events: ${runCell(scenario, { seed: 2 }).trace.hash !== run.trace.hash}`);
