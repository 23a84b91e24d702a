/** Every row of the table of limits is enforced: what is at the limit passes, what is beyond is refused by its name. */
import type { StowageError } from '@stowage/core';
import { describe, expect, test } from 'vitest';
import { JOB_LIMITS, type JobLimitName, type JobLimits, jobLimits } from '../../src/spec/job-limits.ts';
import type { JobSpecOptions } from '../../src/spec/job-spec-options.ts';
import { JobSpecRules } from '../../src/spec/job-spec-rules.ts';
import { sanitizeJobSpec } from '../../src/spec/sanitize-job-spec.ts';
import { errorsOf, leastBatch, leastService, selfManaged, type specOf, withField } from './specs.ts';

interface Probe {
  /** A spec in which the limited quantity is exactly that. */
  readonly of: (amount: number) => unknown;
  /** Where the error or the raise is told. */
  readonly path: string;
  /** What is below the limit is raised, not refused. */
  readonly isRaised?: true;
  readonly options?: JobSpecOptions;
  /** Of a `default`: the value in a spec that says nothing. */
  readonly default?: (spec: ReturnType<typeof specOf>) => unknown;
}

const text = (length: number): string => 'a'.repeat(length);
const names = (count: number, prefix = 'a'): string[] =>
  Array.from({ length: count }, (_, at) => prefix + at);
const map = (keys: readonly string[], value = ''): object =>
  Object.fromEntries(keys.map((key) => [key, value]));

function batch(path: string, of: (amount: number) => unknown = (amount) => amount, at = path): Probe {
  return { of: (amount) => withField(leastBatch, path, of(amount)), path: at };
}

function budget(path: string, of: (amount: number) => unknown, at = path): Probe {
  return {
    of: (amount) => ({ ...leastService, disruptionBudget: withField(selfManaged, path, of(amount)) }),
    path: `disruptionBudget.${at}`,
  };
}

const raised = (path: string): Probe => ({ ...batch(`container.resources.${path}`), isRaised: true });

function filled(default_: NonNullable<Probe['default']>): Probe {
  return { of: () => ({ ...leastBatch, runtimeLimitMs: 1_000_000 }), path: '', default: default_ };
}

/** Attributes of so many bytes of UTF-8 in all, the value of each within its own limit. */
function attributesOf(bytes: number): object {
  const attributes: Record<string, string> = {};
  for (let left = bytes, at = 100; left > 0; at++) {
    const value = Math.min(4_000, left - 3);
    attributes[String(at)] = 'é'.repeat(value / 2) + text(value % 2);
    left -= 3 + value;
  }
  return attributes;
}

const probes: Record<Exclude<JobLimitName, `spec${string}`>, Probe> = {
  cpuMinMilli: raised('cpuMilli'),
  cpuMaxMilli: batch('container.resources.cpuMilli'),
  gpuMaxCount: batch('container.resources.gpu'),
  memoryMinMiB: raised('memoryMiB'),
  memoryMaxMiB: batch('container.resources.memoryMiB'),
  diskMinMiB: raised('diskMiB'),
  diskMaxMiB: batch('container.resources.diskMiB'),
  networkMinMbps: raised('networkMbps'),
  networkMaxMbps: batch('container.resources.networkMbps'),
  shmDefaultMiB: filled(({ container }) => container.resources.shmMiB),
  batchMinTasks: batch('size'),
  batchMaxTasks: batch('size'),
  serviceMaxTasks: {
    of: (max) => withField(leastService, 'capacity', { min: 0, desired: 0, max }),
    path: 'capacity.max',
  },
  amountMin: batch('container.graceMs'),
  runtimeLimitMinMs: batch('runtimeLimitMs'),
  runtimeLimitMaxMs: batch('runtimeLimitMs'),
  retriesMax: batch('retryPolicy.retries'),
  retryDelayMaxMs: batch(
    'retryPolicy',
    (delayMs) => ({ kind: 'delayed', initialDelayMs: 0, delayMs, retries: 0 }),
    'retryPolicy.delayMs',
  ),
  graceDefaultMs: filled(({ container }) => container.graceMs),
  graceMaxMs: batch('container.graceMs'),
  nameMinCharacters: batch('applicationName', text),
  nameMaxCharacters: batch('jobGroup.sequence', text),
  imageNameMaxCharacters: batch('container.image.name', text),
  imageTagMaxCharacters: batch('container.image.tag', text),
  imageDigestMaxCharacters: batch('container.image.digest', (length) => `sha256:${text(length - 7)}`),
  iamRoleMaxCharacters: batch('container.iamRole', text),
  securityGroupsMinCount: batch('container.securityGroups', (count) => names(count, 'sg-')),
  securityGroupsMaxCount: batch('container.securityGroups', (count) => names(count, 'sg-')),
  entrypointMaxCount: batch('container.entrypoint', (count) => names(count).fill('')),
  entrypointMaxBytes: batch('container.command', (bytes) => ['ééé', '', text(bytes - 6)]),
  environmentMaxCount: batch('container.environment', (count) => map(names(count))),
  environmentValueMaxCharacters: batch(
    'container.environment',
    (length) => ({ A: text(length) }),
    'container.environment.A',
  ),
  environmentMaxBytes: batch('container.environment', (bytes) => ({
    A: text(10),
    BB: 'é'.repeat((bytes - 20) / 2) + text(bytes % 2),
    C: '',
  })),
  attributesMaxCount: batch('attributes', (count) => map(names(count))),
  attributeNameMaxCharacters: {
    ...batch('attributes', (length) => map([text(length)])),
    path: `attributes[${JSON.stringify(text(201)).slice(0, 77)}...]`,
  },
  attributeValueMaxCharacters: batch(
    'container.attributes',
    (length) => ({ a: text(length) }),
    'container.attributes.a',
  ),
  attributesMaxBytes: batch('attributes', attributesOf),
  relocationTimeMinMs: budget('policy.relocationTimeMs', (amount) => amount),
  relocationTimeMaxMs: budget('policy.relocationTimeMs', (amount) => amount),
  relocationTimeDefaultMs: {
    ...filled(({ disruptionBudget }) => relocationTimeOf(disruptionBudget)),
    of: () => leastService,
  },
  relocationTimeDefaultPercent: filled(({ disruptionBudget }) => relocationTimeOf(disruptionBudget) / 10_000),
  percentageMax: budget(
    'rate',
    (percentage) => ({ kind: 'percentagePerHour', percentage }),
    'rate.percentage',
  ),
  budgetLimitMin: budget('policy', (limit) => ({ kind: 'relocations', limit }), 'policy.limit'),
  budgetLimitMax: budget('policy', (limit) => ({ kind: 'unhealthyTasks', limit }), 'policy.limit'),
  intervalMinMs: budget(
    'rate',
    (intervalMs) => ({ kind: 'perInterval', intervalMs, limit: 1 }),
    'rate.intervalMs',
  ),
  intervalMaxMs: budget(
    'rate',
    (intervalMs) => ({ kind: 'perInterval', intervalMs, limit: 1 }),
    'rate.intervalMs',
  ),
  timeWindowsMaxCount: budget('timeWindows', (count) => names(count).map(() => ({}))),
  daysMaxCount: budget(
    'timeWindows',
    (count) => [
      {
        days: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday', 'monday'].slice(
          0,
          count,
        ),
      },
    ],
    'timeWindows[0].days',
  ),
  hoursMaxCount: budget(
    'timeWindows',
    (count) => [{ hours: names(count).map(() => ({ startHour: 0, endHour: 1 })) }],
    'timeWindows[0].hours',
  ),
  hourMax: budget(
    'timeWindows',
    (endHour) => [{ hours: [{ startHour: 0, endHour }] }],
    'timeWindows[0].hours[0].endHour',
  ),
  healthProvidersMaxCount: {
    ...budget('healthProviders', (count) => names(count)),
    options: { healthProviders: names(200) },
  },
};

function relocationTimeOf({ policy }: ReturnType<typeof specOf>['disruptionBudget']): number {
  return policy.kind === 'selfManaged' ? policy.relocationTimeMs : NaN;
}

/** A value of a limit that is not its default, where it can have one. */
function another(name: JobLimitName): number {
  const { side, value, from, to } = JOB_LIMITS[name];
  if (side === 'most') return Math.max(from, value - 1);
  return Math.min(to, value + 1);
}

const settings = (Object.keys(probes) as (keyof typeof probes)[]).flatMap((name) => [
  [name, JOB_LIMITS[name].value] as const,
  [name, another(name)] as const,
]);

test.each(settings)('%s of %i holds', (name, value) => {
  const { of, path, isRaised, options, default: default_ } = probes[name];
  const rules = new JobSpecRules({ ...options, limits: { [name]: value } });
  const limit = { name, value };
  const atLimit = sanitizeJobSpec(of(value), rules);
  expect(atLimit).toMatchObject({ ok: true, adjusted: [] });
  if (default_ !== undefined) return expect(atLimit.ok && default_(atLimit.spec)).toBe(value);
  const { side } = JOB_LIMITS[name];
  const beyond = sanitizeJobSpec(of(side === 'least' ? value - 1 : value + 1), rules);
  if (isRaised) {
    return expect(beyond.ok && beyond.adjusted).toEqual([{ path, from: value - 1, to: value, limit }]);
  }
  const found = beyond.ok ? undefined : beyond.errors.find((error) => error.path === path);
  expect(found).toMatchObject({ code: side === 'least' ? 'TOO_SMALL' : 'TOO_LARGE', limit });
});

describe('limits of a whole spec', () => {
  /** Fields and items, and characters of names and texts, counted in another way than by the copier. */
  function sizeOf(value: unknown): { values: number; characters: number } {
    const sizes = typeof value === 'object' && value !== null ? Object.values(value).map(sizeOf) : [];
    const keys =
      typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.keys(value) : [];
    const own = typeof value === 'string' ? value.length : keys.join('').length;
    return {
      values: sizes.reduce((sum, { values }) => sum + values, 1),
      characters: sizes.reduce((sum, { characters }) => sum + characters, own),
    };
  }

  const whole = (limits: Partial<JobLimits>, spec: unknown): unknown => errorsOf(spec, { limits })[''];

  test('specMaxValues holds', () => {
    const few = sizeOf(withField(leastBatch, 'container.environment', {})).values;
    const spec = (values: number): unknown =>
      withField(leastBatch, 'container.environment', map(names(values - few)));
    expect(sizeOf(spec(1_000)).values).toBe(1_000);
    expect(whole({ specMaxValues: 1_000 }, spec(1_000))).toBeUndefined();
    expect(whole({ specMaxValues: 1_000 }, spec(1_001))).toMatchObject({
      code: 'TOO_LARGE',
      limit: { name: 'specMaxValues', value: 1_000 },
    });
  });

  test('specMaxCharacters holds', () => {
    const few = sizeOf(withField(leastBatch, 'container.iamRole', '')).characters;
    const spec = (characters: number): unknown =>
      withField(leastBatch, 'container.iamRole', text(characters - few));
    expect(sizeOf(spec(1_024)).characters).toBe(1_024);
    expect(whole({ specMaxCharacters: 1_024 }, spec(1_024))).toBeUndefined();
    expect(whole({ specMaxCharacters: 1_024 }, spec(1_025))).toMatchObject({
      code: 'TOO_LARGE',
      limit: { name: 'specMaxCharacters', value: 1_024 },
    });
  });

  test('specMaxDepth holds', () => {
    const nested = (depth: number): unknown => (depth === 0 ? 1 : { a: nested(depth - 1) });
    // The spec itself is the first level.
    const spec = (depth: number): unknown => ({ ...leastBatch, a: nested(depth - 1) });
    const options = { limits: { specMaxDepth: 8 } };
    expect(Object.keys(errorsOf(spec(8), options))).toEqual(['a']);
    expect(errorsOf(spec(9), options)['a.a.a.a.a.a.a.a']).toMatchObject({
      code: 'TOO_LARGE',
      limit: { name: 'specMaxDepth', value: 8 },
    });
  });
});

describe('the table', () => {
  test.each(Object.entries(JOB_LIMITS))('%s has its value within the range that can be set', (_, row) => {
    expect(row.from).toBeLessThanOrEqual(row.value);
    expect(row.value).toBeLessThanOrEqual(row.to);
  });

  test('gives its values where none are set', () => {
    expect(jobLimits().batchMaxTasks).toBe(1_000);
    expect(jobLimits({ batchMaxTasks: undefined, retriesMax: 7 })).toEqual({ ...jobLimits(), retriesMax: 7 });
  });

  test.each<[string, unknown]>([
    ['no object', 5],
    ['a list', []],
    ['an unknown name', { cpuMax: 1 }],
    ['a name of every object', { constructor: 1 }],
    ['a value below the range', { batchMaxTasks: 0 }],
    ['a value above the range', { serviceMaxTasks: 10_001 }],
    ['a fraction', { graceMaxMs: 0.5 }],
    ['NaN', { graceMaxMs: NaN }],
    ['a text', { graceMaxMs: '1' }],
    ['another value for what is fixed', { hourMax: 23 }],
    ['a least value above the greatest', { cpuMinMilli: 96_001 }],
  ])('refuses %s', (_, overrides) => {
    expect(() => jobLimits(overrides as Partial<JobLimits>)).toThrow(
      expect.objectContaining({ code: 'INVALID_JOB_OPTION' } satisfies Partial<StowageError>),
    );
  });
});
