/** Specs in few words; what a test does not name is the same in all. */
import type { BatchJobSpec, JobSpecBase, ServiceJobSpec } from '../../src/spec/job-spec.ts';

const BASE: JobSpecBase = {
  owner: { teamEmail: 'team@example.com' },
  applicationName: 'app',
  capacityGroup: 'DEFAULT',
  jobGroup: { stack: '', detail: '', sequence: '' },
  attributes: {},
  container: {
    image: { name: 'app', tag: 'latest' },
    resources: { cpuMilli: 1000, gpu: 0, memoryMiB: 512, diskMiB: 10_000, networkMbps: 128, shmMiB: 64 },
    environment: {},
    attributes: {},
    securityGroups: ['sg-1'],
    iamRole: 'role',
    hardConstraints: {},
    softConstraints: {},
    graceMs: 10_000,
  },
  disruptionBudget: {
    policy: { kind: 'selfManaged', relocationTimeMs: 60_000 },
    rate: { kind: 'unlimited' },
    timeWindows: [],
    healthProviders: [],
  },
};

export function batch(size: number, more: Partial<BatchJobSpec> = {}): BatchJobSpec {
  return {
    ...BASE,
    kind: 'batch',
    size,
    runtimeLimitMs: 3_600_000,
    retryOnRuntimeLimit: false,
    retryPolicy: { kind: 'immediate', retries: 0 },
    ...more,
  };
}

/** With room to grow and to shrink. */
export function service(desired: number, more: Partial<ServiceJobSpec> = {}): ServiceJobSpec {
  return {
    ...BASE,
    kind: 'service',
    capacity: { min: 0, desired, max: 1000 },
    enabled: true,
    processes: { disableIncreaseDesired: false, disableDecreaseDesired: false },
    retryPolicy: { kind: 'immediate', retries: 0 },
    ...more,
  };
}
