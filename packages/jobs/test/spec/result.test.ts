/** What comes out: defaults, raises, canonical spelling, order of errors, and the two modes. */
import { expect, test } from 'vitest';
import { describeFieldErrors } from '../../src/spec/field-error.ts';
import { JobSpecRules } from '../../src/spec/job-spec-rules.ts';
import type { JobSpec } from '../../src/spec/job-spec.ts';
import {
  sanitizeAttributes,
  sanitizeCapacity,
  sanitizeDisruptionBudget,
  sanitizeJobSpec,
} from '../../src/spec/sanitize-job-spec.ts';
import {
  codesOf,
  errorsOf,
  fullBatch,
  fullService,
  leastBatch,
  leastService,
  limitOf,
  selfManaged,
  specOf,
  withField,
} from './specs.ts';

test('a spec with the fewest fields gets the documented defaults, and nothing counts as raised', () => {
  const result = sanitizeJobSpec(leastService);
  const spec: JobSpec = {
    kind: 'service',
    owner: { teamEmail: 'team@example.com' },
    applicationName: 'app',
    capacityGroup: 'DEFAULT',
    jobGroup: { stack: '', detail: '', sequence: '' },
    attributes: {},
    container: {
      image: { name: 'team/app', tag: '1' },
      resources: { cpuMilli: 1_000, gpu: 0, memoryMiB: 512, diskMiB: 10_000, networkMbps: 128, shmMiB: 64 },
      environment: {},
      attributes: {},
      securityGroups: ['sg-1'],
      iamRole: '',
      hardConstraints: {},
      softConstraints: {},
      graceMs: 10_000,
    },
    capacity: { min: 0, desired: 1, max: 2 },
    enabled: true,
    processes: { disableIncreaseDesired: false, disableDecreaseDesired: false },
    retryPolicy: { kind: 'immediate', retries: 0 },
    disruptionBudget: {
      policy: { kind: 'selfManaged', relocationTimeMs: 60_000 },
      rate: { kind: 'unlimited' },
      timeWindows: [],
      healthProviders: [],
    },
  };
  expect(result).toStrictEqual({ ok: true, spec, adjusted: [] });
});

test.each([
  [60_000, 72_000],
  [10_000, 60_000],
  [50_001, 60_002],
])('a batch job of at most %i ms may be moved after %i ms', (runtimeLimitMs, relocationTimeMs) => {
  const spec = specOf({ ...leastBatch, runtimeLimitMs });
  expect(spec.disruptionBudget.policy).toEqual({ kind: 'selfManaged', relocationTimeMs });
});

test('the default relocation time keeps its limit', () => {
  const limits = { relocationTimeMaxMs: 100_000 };
  const { policy } = specOf({ ...leastBatch, runtimeLimitMs: 100_000 }, { limits }).disruptionBudget;
  expect(policy).toEqual({ kind: 'selfManaged', relocationTimeMs: 100_000 });
});

test.each([fullBatch, fullService])('a complete spec stays as it is (%#)', (spec) => {
  expect(specOf(spec)).toStrictEqual(spec);
});

test('a window without days, hours and zone is the whole week of UTC', () => {
  const disruptionBudget = { ...selfManaged, timeWindows: [{}] };
  const { timeWindows } = specOf({ ...leastService, disruptionBudget }).disruptionBudget;
  expect(timeWindows).toEqual([{ days: [], hours: [], timeZone: 'UTC' }]);
});

test('resources below the least are raised, each with its limit', () => {
  const resources = { cpuMilli: 500, memoryMiB: 0, diskMiB: 9_999, networkMbps: 127, shmMiB: 0 };
  const result = sanitizeJobSpec(withField(leastBatch, 'container.resources', resources));
  const row = (resource: string, from: number, to: number, name: string): object => ({
    path: `container.resources.${resource}`,
    from,
    to,
    limit: limitOf(name, to),
  });
  expect(result.ok && result.adjusted).toEqual([
    row('cpuMilli', 500, 1_000, 'cpuMinMilli'),
    row('memoryMiB', 0, 512, 'memoryMinMiB'),
    row('diskMiB', 9_999, 10_000, 'diskMinMiB'),
    row('networkMbps', 127, 128, 'networkMinMbps'),
    row('shmMiB', 0, 64, 'shmDefaultMiB'),
  ]);
});

test('shared memory that nobody asked for is never more than the memory', () => {
  const spec = specOf(withField(leastBatch, 'container.resources', { memoryMiB: 32 }), {
    limits: { memoryMinMiB: 6 },
  });
  expect(spec.container.resources).toMatchObject({ memoryMiB: 32, shmMiB: 32 });
});

test('constraints have their canonical spelling', () => {
  const spec = specOf(withField(leastBatch, 'container.hardConstraints', { UNIQUEhost: 'true' }));
  expect(spec.container.hardConstraints).toEqual({ uniqueHost: 'true' });
});

test('a constraint that is hard and soft is refused where it is soft, in any spelling', () => {
  const hard = withField(leastBatch, 'container.hardConstraints', { uniqueHost: 'true' });
  const both = withField(hard, 'container.softConstraints', { UniqueHost: 'true', zoneBalance: 'true' });
  expect(codesOf(both)).toEqual({ 'container.softConstraints.UniqueHost': 'CONFLICT' });
});

test('the same spec with its fields in another order is the same bytes', () => {
  const reversed = Object.fromEntries(Object.entries(fullBatch).reverse());
  expect(JSON.stringify(specOf(reversed))).toBe(JSON.stringify(specOf(fullBatch)));
});

test('every field that is wrong is named, once and in order of paths', () => {
  const spec = {
    ...leastBatch,
    size: 0,
    runtimeLimitMs: '1 h',
    owner: {},
    retryPolicy: { kind: 'exponential', initialDelayMs: 5, maxDelayMs: 4, retries: -1 },
    container: { image: { name: ' ' }, resources: { gpu: 17, shmMiB: 1e6 }, securityGroups: ['x', 'x'] },
    constructor: 1,
  };
  expect(Object.keys(errorsOf(spec))).toEqual([
    'constructor',
    'container.image',
    'container.image.name',
    'container.resources.gpu',
    'container.resources.shmMiB',
    'container.securityGroups[0]',
    'container.securityGroups[1]',
    'owner.teamEmail',
    'retryPolicy.initialDelayMs',
    'retryPolicy.retries',
    'runtimeLimitMs',
    'size',
  ]);
});

test('of a job of no kind the fields that all jobs have are checked', () => {
  const job = { ...leastBatch, capacity: 'x', kind: 'cron', applicationName: '', extra: 1 };
  expect(codesOf(job)).toEqual({ applicationName: 'TOO_SMALL', extra: 'UNKNOWN_FIELD', kind: 'NOT_ALLOWED' });
});

test('an error says the path, the code, the limit, the value and what to do', () => {
  expect(errorsOf({ ...leastBatch, size: 1_001 }).size).toEqual({
    path: 'size',
    code: 'TOO_LARGE',
    limit: { name: 'batchMaxTasks', value: 1_000 },
    value: '1001',
    message: 'size is 1001; give at most 1000 (batchMaxTasks).',
  });
  const { memoryMib } = errorsOf({ ...leastBatch, memoryMib: { secret: 1 } });
  expect(memoryMib).toMatchObject({ code: 'UNKNOWN_FIELD', limit: undefined, value: 'an object' });
});

test.each([
  ['container.entryPoint', 'entrypoint'],
  ['container.resources.memoryMB', 'memoryMiB'],
  ['container.resources.cpu', 'cpuMilli'],
  ['container.env', 'environment'],
  ['sice', 'size'],
])('an unknown field %s has the hint %s', (path, hint) => {
  expect(errorsOf(withField(leastBatch, path, 1))[path].message).toContain(`give the field ${hint},`);
});

test('unknown fields are found in every form, list and object, each of them', () => {
  const disruptionBudget = {
    policy: { kind: 'selfManaged', relocationTimeMs: 1, limit: 1 },
    rate: { kind: 'unlimited', percentage: 1 },
    timeWindows: [{}, { zone: 'UTC', hours: [{ startHour: 0, endHour: 1, minute: 0 }] }],
  };
  const spec = withField({ ...leastBatch, disruptionBudget, toString: 1 }, 'owner.prototype', 2);
  const unknown = [
    'disruptionBudget.policy.limit',
    'disruptionBudget.rate.percentage',
    'disruptionBudget.timeWindows[1].hours[0].minute',
    'disruptionBudget.timeWindows[1].zone',
    'owner.prototype',
    'toString',
  ];
  expect(codesOf(spec)).toEqual(Object.fromEntries(unknown.map((path) => [path, 'UNKNOWN_FIELD'])));
});

test('a field that is like none has no hint', () => {
  expect(errorsOf({ ...leastBatch, zzz: 1 }).zzz.message).toBe(
    'zzz is 1; give no such field, it is not known.',
  );
});

test('values of variables are not shown, their names are', () => {
  const { message, value } = errorsOf(withField(leastBatch, 'container.environment', { TOKEN: 'hunter2\0' }))[
    'container.environment.TOKEN'
  ];
  expect(value).toBe('a text of 8 characters');
  const number = errorsOf(withField(leastBatch, 'container.environment', { PIN: 4711 }))[
    'container.environment.PIN'
  ];
  expect(number.value).toBe('a number');
  expect(message).not.toContain('hunter2');
});

test('long values and names are shortened', () => {
  const long = 'x'.repeat(10_000);
  const spec = { ...withField(leastBatch, 'owner.teamEmail', long), [long]: 1 };
  for (const { path, value, message } of Object.values(errorsOf(spec))) {
    expect(path.length).toBeLessThan(100);
    expect(value.length).toBeLessThan(100);
    expect(message.length).toBeLessThan(300);
  }
});

test('a message lists the first fields and counts the others', () => {
  const environment = Object.fromEntries(Array.from({ length: 26 }, (_, index) => [`${index} x`, '']));
  const result = sanitizeJobSpec(withField(leastBatch, 'container.environment', environment));
  const text = describeFieldErrors(result.ok ? [] : result.errors);
  expect(text).toMatch(
    /^the job spec has 26 fields to correct: container\.environment\["0 x"\] is "0 x"; give /,
  );
  expect(text).toMatch(/ And 6 more\.$/);
  const one = sanitizeDisruptionBudget(5);
  expect(describeFieldErrors(one.ok ? [] : one.errors, 'the budget')).toBe(
    'the budget has 1 field to correct: the whole is 5; give an object.',
  );
});

test('permissive: what an operator can change does not count, what is stored stays as it is', () => {
  const options = {
    healthProviders: ['eureka'],
    constraints: ['sameRack'],
    applications: { app: { batchMaxTasks: 9_000 } },
  };
  const stored = specOf(
    {
      ...withField(
        withField(leastBatch, 'container.hardConstraints', { sameRack: '1' }),
        'container.environment',
        { path: '' },
      ),
      size: 9_000,
      disruptionBudget: { ...selfManaged, healthProviders: ['eureka'] },
    },
    options,
  );
  const lowered = {
    limits: {
      batchMaxTasks: 1,
      memoryMinMiB: 1_024,
      memoryMaxMiB: 2_048,
      graceMaxMs: 10_000,
      cpuMaxMilli: 1_000,
      cpuMinMilli: 1_000,
    },
    strictEnvironmentNames: true,
    largestContainers: { DEFAULT: { diskMiB: 1 } },
  };
  const now = sanitizeJobSpec(stored, { ...lowered, mode: 'permissive' });
  expect(now).toStrictEqual({ ok: true, spec: stored, adjusted: [] });
  expect(Object.keys(codesOf(stored, lowered))).toEqual([
    'container.environment.path',
    'container.hardConstraints.sameRack',
    'container.resources.diskMiB',
    'disruptionBudget.healthProviders[0]',
    'size',
  ]);
});

test('permissive: unknown fields are left out, wrong forms are refused', () => {
  const mode = 'permissive';
  const newer = withField({ ...fullBatch, color: 'red' }, 'container.resources.numa', 1);
  expect(specOf(newer, { mode })).toStrictEqual(fullBatch);
  expect(codesOf({ ...newer, size: '1' }, { mode })).toEqual({ size: 'WRONG_TYPE' });
  expect(codesOf({ ...leastService, capacity: { min: 0, desired: 1, max: 10_001 } }, { mode })).toEqual({
    'capacity.max': 'TOO_LARGE',
  });
});

test('rules that are made once give what options give', () => {
  const rules = new JobSpecRules({ limits: { batchMaxTasks: 5 } });
  expect(sanitizeJobSpec({ ...leastBatch, size: 6 }, rules)).toEqual(
    sanitizeJobSpec({ ...leastBatch, size: 6 }, { limits: { batchMaxTasks: 5 } }),
  );
  expect(sanitizeJobSpec({ ...leastBatch, size: 5 }, rules).ok).toBe(true);
});

test('a budget alone is checked like that of a job', () => {
  const { disruptionBudget } = fullBatch;
  expect(sanitizeDisruptionBudget(disruptionBudget)).toStrictEqual({ ok: true, value: disruptionBudget });
  const wrong = sanitizeDisruptionBudget({ policy: { kind: 'unhealthyTasks', limit: 0 }, rate: 1, other: 2 });
  expect(!wrong.ok && wrong.errors.map(({ path, code }) => [path, code])).toEqual([
    ['other', 'UNKNOWN_FIELD'],
    ['policy.limit', 'TOO_SMALL'],
    ['rate', 'WRONG_TYPE'],
  ]);
});

test('attributes alone are checked like those of a job', () => {
  expect(sanitizeAttributes({ a: 'b' })).toStrictEqual({ ok: true, value: { a: 'b' } });
  const wrong = sanitizeAttributes({ a: 1, b: 'x'.repeat(5_000) });
  expect(!wrong.ok && wrong.errors.map(({ path, code }) => [path, code])).toEqual([
    ['a', 'WRONG_TYPE'],
    ['b', 'TOO_LARGE'],
  ]);
});

test('a capacity alone is checked against the limit of its application', () => {
  const options = { applications: { large: { serviceMaxTasks: 5_000 } } };
  const capacity = { min: 0, desired: 1, max: 4_000 };
  expect(sanitizeCapacity(capacity, 'large', options)).toStrictEqual({ ok: true, value: capacity });
  const wrong = sanitizeCapacity(capacity, 'app', options);
  expect(!wrong.ok && wrong.errors.map(({ path, limit }) => [path, limit])).toEqual([
    ['max', limitOf('serviceMaxTasks', 2_500)],
  ]);
});
