/** Jobs and policies for random sequences: small numbers, so that limits, retries and crash loops are met often. */
import fc from 'fast-check';
import type { JobPolicy } from '../../src/machine/job-policy.ts';
import type {
  BatchJobSpec,
  DisruptionBudget,
  JobSpec,
  RetryPolicy,
  ServiceJobSpec,
} from '../../src/spec/job-spec.ts';
import { TYPICAL_JOB } from '../typical-job.ts';

const BASE = { ...TYPICAL_JOB, attributes: { tier: 'one' } };

/** As specs are: plain objects. */
const record = <T extends object>(parts: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> =>
  fc.record<T>(parts, { noNullPrototype: true });
const seldom = fc.nat(3).map((number) => number === 0);
const retries = fc.nat(3);
const retryPolicies: fc.Arbitrary<RetryPolicy> = fc.oneof(
  record({ kind: fc.constant('immediate' as const), retries }),
  record({
    kind: fc.constant('delayed' as const),
    initialDelayMs: fc.constantFrom(0, 500, 7000),
    delayMs: fc.constantFrom(0, 2000, 40_000),
    retries,
  }),
  record({
    kind: fc.constant('exponential' as const),
    initialDelayMs: fc.constantFrom(0, 700, 3000),
    maxDelayMs: fc.constantFrom(2000, 20_000),
    retries,
  }),
);

const limit = fc.integer({ min: 1, max: 3 });
const intervalMs = fc.constantFrom(1000, 60_000, 3_600_000);
const percentage = fc.constantFrom(0, 20, 50, 90, 100);
export const budgets: fc.Arbitrary<DisruptionBudget> = record({
  policy: fc.oneof(
    record({ kind: fc.constant('selfManaged' as const), relocationTimeMs: fc.constant(60_000) }),
    record({ kind: fc.constant('availabilityPercentage' as const), percentageOfHealthy: percentage }),
    record({ kind: fc.constantFrom('unhealthyTasks' as const, 'relocations' as const), limit }),
  ),
  rate: fc.oneof(
    fc.constant({ kind: 'unlimited' as const }),
    record({ kind: fc.constant('percentagePerHour' as const), percentage }),
    record({ kind: fc.constant('perInterval' as const), intervalMs, limit }),
    record({ kind: fc.constant('percentagePerInterval' as const), intervalMs, percentage }),
  ),
  timeWindows: fc.constantFrom(
    ...[[], [], [{ days: [], hours: [{ startHour: 8, endHour: 23 }], timeZone: 'UTC' }]],
  ),
  healthProviders: fc.constant([]),
});

export const batchJobs: fc.Arbitrary<BatchJobSpec> = record({
  ...constants(BASE),
  disruptionBudget: budgets,
  kind: fc.constant('batch' as const),
  size: fc.oneof(
    { weight: 40, arbitrary: fc.integer({ min: 1, max: 4 }) },
    { weight: 1, arbitrary: fc.integer({ min: 30, max: 70 }) },
  ),
  runtimeLimitMs: fc.constantFrom(5000, 60_000, 400_000),
  retryOnRuntimeLimit: fc.boolean(),
  retryPolicy: retryPolicies,
});

/** Now and then more tasks than one chunk of slots holds. */
const more = fc.oneof(
  { weight: 40, arbitrary: fc.nat(3) },
  { weight: 1, arbitrary: fc.integer({ min: 30, max: 70 }) },
);

export const serviceJobs: fc.Arbitrary<ServiceJobSpec> = record({
  ...constants(BASE),
  disruptionBudget: budgets,
  kind: fc.constant('service' as const),
  capacity: fc
    .tuple(fc.nat(2), more, fc.nat(3))
    .map(([min, more, most]) => ({ min, desired: min + more, max: min + more + most })),
  enabled: fc.boolean(),
  processes: record({ disableIncreaseDesired: seldom, disableDecreaseDesired: seldom }),
  retryPolicy: retryPolicies,
});

/** The second job of a sequence; moves go from and to it. A few run other containers or are of another group. */
export const partnerJobs: fc.Arbitrary<JobSpec> = fc.tuple(serviceJobs, fc.nat(9)).map(([spec, which]) => {
  if (which === 0) return { ...spec, capacityGroup: 'other' };
  return which === 1
    ? { ...spec, container: { ...spec.container, image: { name: 'db', tag: 'latest' } } }
    : spec;
});

export const policies: fc.Arbitrary<Partial<JobPolicy>> = fc.record(
  {
    launchedTimeoutMs: fc.constantFrom(5000, 300_000),
    batchStartTimeoutMs: fc.constantFrom(5000, 720_000),
    serviceStartTimeoutMs: fc.constantFrom(5000, 300_000),
    killTimeoutMs: fc.constantFrom(5000, 600_000),
    killAttempts: fc.integer({ min: 1, max: 3 }),
    maxNotStarted: fc.oneof(fc.integer({ min: 1, max: 4 }), fc.constant(300)),
    retryResetMs: fc.constantFrom(3000, 300_000),
    minRetryDelayMs: fc.constantFrom(100, 1000),
    systemRetryMinMs: fc.constantFrom(200, 1000),
    systemRetryMaxMs: fc.constantFrom(1500, 30_000),
    crashLoopFailures: fc.integer({ min: 1, max: 3 }),
    crashLoopMaxDelayMs: fc.constantFrom(5000, 300_000),
  },
  { requiredKeys: [] },
);

/** Each property as an arbitrary that always gives it. */
function constants<T extends object>(value: T): { [K in keyof T]: fc.Arbitrary<T[K]> } {
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, fc.constant(one)])) as {
    [K in keyof T]: fc.Arbitrary<T[K]>;
  };
}
