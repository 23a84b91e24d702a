/** Specs as users send them: with the fewest fields, and with all. */
import { type FieldError, type FieldLimit } from '../../src/spec/field-error.ts';
import type { JobSpecOptions } from '../../src/spec/job-spec-options.ts';
import type { JobSpec } from '../../src/spec/job-spec.ts';
import { sanitizeJobSpec } from '../../src/spec/sanitize-job-spec.ts';

type Fields = Record<string, unknown>;

export const leastContainer: Fields = { image: { name: 'team/app', tag: '1' }, securityGroups: ['sg-1'] };

const leastJob: Fields = {
  owner: { teamEmail: 'team@example.com' },
  applicationName: 'app',
  container: leastContainer,
  retryPolicy: { kind: 'immediate', retries: 0 },
};

export const leastBatch: Fields = { ...leastJob, kind: 'batch', size: 1, runtimeLimitMs: 60_000 };

export const leastService: Fields = {
  ...leastJob,
  kind: 'service',
  capacity: { min: 0, desired: 1, max: 2 },
};

export const selfManaged: Fields = {
  policy: { kind: 'selfManaged', relocationTimeMs: 1_000 },
  rate: { kind: 'unlimited' },
};

const fullJob: Fields = {
  owner: { teamEmail: 'team@example.com' },
  applicationName: 'app',
  capacityGroup: 'app-group',
  jobGroup: { stack: 'prod', detail: 'eu', sequence: '001' },
  attributes: { 'titus.createdBy': 'someone', constructor: 'none' },
  container: {
    image: { name: 'registry:5000/team/app', tag: '1.2', digest: `sha256:${'a'.repeat(64)}` },
    resources: {
      cpuMilli: 2_000,
      gpu: 1,
      memoryMiB: 4_096,
      diskMiB: 20_000,
      networkMbps: 256,
      shmMiB: 128,
    },
    entrypoint: ['/bin/app', '--greeting', 'häl\nlo'],
    command: [],
    environment: { PATH: '/bin', constructor: '', _x1: '😀' },
    attributes: { 'titusParameter.agent.killWaitSeconds': '10' },
    securityGroups: ['sg-1', 'sg-2'],
    iamRole: 'arn:aws:iam::123456789012:role/app',
    hardConstraints: { uniqueHost: 'true' },
    softConstraints: { zoneBalance: 'true' },
    graceMs: 5_000,
  },
};

export const fullBatch: Fields = {
  kind: 'batch',
  ...fullJob,
  size: 10,
  runtimeLimitMs: 600_000,
  retryOnRuntimeLimit: true,
  retryPolicy: { kind: 'exponential', initialDelayMs: 1_000, maxDelayMs: 60_000, retries: 3 },
  disruptionBudget: {
    policy: { kind: 'availabilityPercentage', percentageOfHealthy: 99.5 },
    rate: { kind: 'percentagePerInterval', intervalMs: 600_000, percentage: 5 },
    timeWindows: [
      {
        days: ['monday', 'sunday'],
        hours: [
          { startHour: 0, endHour: 8 },
          { startHour: 20, endHour: 24 },
        ],
        timeZone: 'America/Los_Angeles',
      },
    ],
    healthProviders: ['alwaysHealthy'],
  },
};

export const fullService: Fields = {
  kind: 'service',
  ...fullJob,
  capacity: { min: 1, desired: 2, max: 3 },
  enabled: false,
  processes: { disableIncreaseDesired: true, disableDecreaseDesired: false },
  retryPolicy: { kind: 'delayed', initialDelayMs: 0, delayMs: 10_000, retries: 1 },
  disruptionBudget: {
    policy: { kind: 'unhealthyTasks', limit: 1 },
    rate: { kind: 'perInterval', intervalMs: 60_000, limit: 2 },
    timeWindows: [],
    healthProviders: [],
  },
};

/** A copy with another value at a path such as `container.image.tag`; undefined removes the field. */
export function withField(spec: Fields, path: string, value: unknown): Fields {
  const [first, ...rest] = path.split('.');
  const inner = rest.length === 0 ? value : withField((spec[first] ?? {}) as Fields, rest.join('.'), value);
  return { ...spec, [first]: inner };
}

/** What a valid spec comes to. @throws Error that says what was wrong with it */
export function specOf(input: unknown, options?: JobSpecOptions): JobSpec {
  const result = sanitizeJobSpec(input, options);
  if (result.ok) return result.spec;
  throw new Error(result.errors.map(({ message }) => message).join('\n'));
}

/** Errors by path; empty for a valid spec. */
export function errorsOf(input: unknown, options?: JobSpecOptions): Record<string, FieldError> {
  const result = sanitizeJobSpec(input, options);
  return result.ok ? {} : Object.fromEntries(result.errors.map((error) => [error.path, error]));
}

/** Code of each error by path. */
export function codesOf(input: unknown, options?: JobSpecOptions): Record<string, string> {
  return Object.fromEntries(Object.entries(errorsOf(input, options)).map(([path, { code }]) => [path, code]));
}

export function limitOf(name: string, value: number): FieldLimit {
  return { name, value };
}
