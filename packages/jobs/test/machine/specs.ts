/** Specs in few words; what a test does not name is the same in all. */
import type { BatchJobSpec, JobSpecBase, ServiceJobSpec } from '../../src/spec/job-spec.ts';
import { TYPICAL_JOB } from '../typical-job.ts';

const BASE: JobSpecBase = {
  ...TYPICAL_JOB,
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
