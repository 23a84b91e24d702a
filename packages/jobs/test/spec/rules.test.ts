/** One case for each rule: what is refused, where, and with which code; and its nearest neighbours that pass. */
import { describe, expect, test } from 'vitest';
import type { JobSpecOptions } from '../../src/spec/job-spec-options.ts';
import {
  codesOf,
  fullBatch,
  fullService,
  leastBatch,
  leastService,
  selfManaged,
  withField,
} from './specs.ts';

type Case = [rule: string, path: string, value: unknown, code: string, at?: string];

const ofBatch: Case[] = [
  ['a job is a batch job or a service', 'kind', 'cron', 'NOT_ALLOWED'],
  ['a job has a kind', 'kind', undefined, 'REQUIRED'],
  ['a team has an address', 'owner.teamEmail', 'nobody', 'WRONG_FORM'],
  ['an address is one line', 'owner.teamEmail', 'a@b\nc', 'WRONG_FORM'],
  ['an owner is needed', 'owner', undefined, 'REQUIRED'],
  ['an application has a name', 'applicationName', '', 'TOO_SMALL'],
  ['a name is a text', 'applicationName', 7, 'WRONG_TYPE'],
  ['null is no default', 'capacityGroup', null, 'WRONG_TYPE'],
  ['a capacity group that is given has a name', 'capacityGroup', '', 'TOO_SMALL'],
  ['parts of the job group are texts', 'jobGroup.detail', 1, 'WRONG_TYPE'],
  ['attributes are texts', 'attributes', { a: 1 }, 'WRONG_TYPE', 'attributes.a'],
  ['attributes are an object', 'attributes', [], 'WRONG_TYPE'],
  ['names of attributes have no spaces', 'attributes', { 'a b': '' }, 'WRONG_FORM', 'attributes["a b"]'],
  ['names of attributes are not empty', 'attributes', { '': '' }, 'WRONG_FORM', 'attributes[""]'],
  ['a container is needed', 'container', undefined, 'REQUIRED'],
  ['an image is needed', 'container.image', undefined, 'REQUIRED'],
  ['an image has a tag or a digest', 'container.image', { name: 'a' }, 'CONFLICT'],
  ['a name of an image has no tag', 'container.image.name', 'app:1', 'WRONG_FORM'],
  ['a name of an image has no spaces', 'container.image.name', 'my app', 'WRONG_FORM'],
  ['a tag has no slash', 'container.image.tag', 'a/b', 'WRONG_FORM'],
  ['a digest has an algorithm', 'container.image.digest', 'a'.repeat(64), 'WRONG_FORM'],
  ['a digest has 32 digits', 'container.image.digest', `md5:${'0'.repeat(31)}`, 'WRONG_FORM'],
  ['resources are an object, not a list', 'container.resources', [], 'WRONG_TYPE'],
  ['CPU is not negative', 'container.resources.cpuMilli', -1, 'TOO_SMALL'],
  ['CPU is in whole thousandths', 'container.resources.cpuMilli', 1_000.5, 'WRONG_FORM'],
  [
    'less than the least CPU is raised only if it is whole',
    'container.resources.cpuMilli',
    0.5,
    'WRONG_FORM',
  ],
  ['memory is a number', 'container.resources.memoryMiB', NaN, 'WRONG_TYPE'],
  ['disk is finite', 'container.resources.diskMiB', Infinity, 'WRONG_FORM'],
  ['network is no text', 'container.resources.networkMbps', '128', 'WRONG_TYPE'],
  ['GPUs are not negative', 'container.resources.gpu', -1, 'TOO_SMALL'],
  [
    'shared memory fits into the memory',
    'container.resources',
    { shmMiB: 600, memoryMiB: 512 },
    'CONFLICT',
    'container.resources.shmMiB',
  ],
  ['an entrypoint is a list', 'container.entrypoint', '/bin/sh', 'WRONG_TYPE'],
  ['arguments are texts', 'container.command', ['a', 1], 'WRONG_TYPE', 'container.command[1]'],
  ['arguments have no NUL', 'container.command', ['a\0'], 'WRONG_FORM', 'container.command[0]'],
  ['variables are texts', 'container.environment', { A: true }, 'WRONG_TYPE', 'container.environment.A'],
  ['variables have no NUL', 'container.environment', { A: '\0' }, 'WRONG_FORM', 'container.environment.A'],
  [
    'variables are well-formed Unicode',
    'container.environment',
    { A: '\ud800' },
    'WRONG_FORM',
    'container.environment.A',
  ],
  ['variables have a name', 'container.environment', { '': '' }, 'WRONG_FORM', 'container.environment[""]'],
  [
    'variables begin with no digit',
    'container.environment',
    { '1A': '' },
    'WRONG_FORM',
    'container.environment["1A"]',
  ],
  ['security groups are needed', 'container.securityGroups', undefined, 'REQUIRED'],
  ['there is a security group', 'container.securityGroups', [], 'TOO_SMALL'],
  [
    'security groups begin with sg-',
    'container.securityGroups',
    ['web'],
    'WRONG_FORM',
    'container.securityGroups[0]',
  ],
  [
    'security groups come once',
    'container.securityGroups',
    ['sg-1', 'sg-2', 'sg-1'],
    'DUPLICATE',
    'container.securityGroups[2]',
  ],
  ['a role has no spaces', 'container.iamRole', 'my role', 'WRONG_FORM'],
  [
    'constraints are known',
    'container.hardConstraints',
    { sameRack: 'true' },
    'NOT_ALLOWED',
    'container.hardConstraints.sameRack',
  ],
  [
    'constraints come once in any case',
    'container.hardConstraints',
    { uniqueHost: 'true', UNIQUEHOST: 'true' },
    'DUPLICATE',
    'container.hardConstraints.UNIQUEHOST',
  ],
  [
    'arguments of constraints are texts',
    'container.softConstraints',
    { uniqueHost: true },
    'WRONG_TYPE',
    'container.softConstraints.uniqueHost',
  ],
  ['grace is not negative', 'container.graceMs', -1, 'TOO_SMALL'],
  ['a batch job has tasks', 'size', 0, 'TOO_SMALL'],
  ['a size is whole', 'size', 1.5, 'WRONG_FORM'],
  ['a runtime limit is needed', 'runtimeLimitMs', undefined, 'REQUIRED'],
  ['a runtime limit is 5 seconds', 'runtimeLimitMs', 4_999, 'TOO_SMALL'],
  ['a flag is true or false', 'retryOnRuntimeLimit', 'yes', 'WRONG_TYPE'],
  ['a retry policy is needed', 'retryPolicy', undefined, 'REQUIRED'],
  [
    'a retry policy is one of three',
    'retryPolicy',
    { kind: 'never', retries: 0 },
    'NOT_ALLOWED',
    'retryPolicy.kind',
  ],
  ['retries are not negative', 'retryPolicy.retries', -1, 'TOO_SMALL'],
  [
    'delays are not negative',
    'retryPolicy',
    { kind: 'delayed', initialDelayMs: -1, delayMs: 0, retries: 0 },
    'TOO_SMALL',
    'retryPolicy.initialDelayMs',
  ],
  [
    'the first delay is at most the greatest',
    'retryPolicy',
    { kind: 'exponential', initialDelayMs: 2, maxDelayMs: 1, retries: 0 },
    'CONFLICT',
    'retryPolicy.initialDelayMs',
  ],
  ['a batch job has no capacity', 'capacity', { min: 0, desired: 0, max: 0 }, 'UNKNOWN_FIELD'],
];

const ofService: Case[] = [
  ['capacity is needed', 'capacity', undefined, 'REQUIRED'],
  ['min is not negative', 'capacity.min', -1, 'TOO_SMALL'],
  ['min is at most desired', 'capacity', { min: 2, desired: 1, max: 2 }, 'CONFLICT', 'capacity.min'],
  ['desired is at most max', 'capacity', { min: 0, desired: 3, max: 2 }, 'CONFLICT', 'capacity.desired'],
  ['enabled is a flag', 'enabled', 1, 'WRONG_TYPE'],
  ['processes are flags', 'processes.disableIncreaseDesired', 'no', 'WRONG_TYPE'],
  ['a service has no size', 'size', 1, 'UNKNOWN_FIELD'],
];

const ofBudget: Case[] = [
  ['a policy is needed', 'policy', undefined, 'REQUIRED'],
  ['a policy is one of four', 'policy', { kind: 'never' }, 'NOT_ALLOWED', 'policy.kind'],
  [
    'a share is at most 100',
    'policy',
    { kind: 'availabilityPercentage', percentageOfHealthy: 100.1 },
    'TOO_LARGE',
    'policy.percentageOfHealthy',
  ],
  [
    'a share is not negative',
    'policy',
    { kind: 'availabilityPercentage', percentageOfHealthy: -0.1 },
    'TOO_SMALL',
    'policy.percentageOfHealthy',
  ],
  ['one task may be unhealthy', 'policy', { kind: 'unhealthyTasks', limit: 0 }, 'TOO_SMALL', 'policy.limit'],
  ['one relocation may happen', 'policy', { kind: 'relocations', limit: 0 }, 'TOO_SMALL', 'policy.limit'],
  ['a rate is needed', 'rate', undefined, 'REQUIRED'],
  [
    'a rate per hour is a share',
    'rate',
    { kind: 'percentagePerHour', percentage: 101 },
    'TOO_LARGE',
    'rate.percentage',
  ],
  [
    'an interval is at most an hour',
    'rate',
    { kind: 'perInterval', intervalMs: 3_600_001, limit: 1 },
    'TOO_LARGE',
    'rate.intervalMs',
  ],
  [
    'a limit is at least 1',
    'rate',
    { kind: 'perInterval', intervalMs: 1, limit: 0 },
    'TOO_SMALL',
    'rate.limit',
  ],
  [
    'an interval is at least 1 ms',
    'rate',
    { kind: 'percentagePerInterval', intervalMs: 0, percentage: 0 },
    'TOO_SMALL',
    'rate.intervalMs',
  ],
  ['days are weekdays', 'timeWindows', [{ days: ['Monday'] }], 'NOT_ALLOWED', 'timeWindows[0].days[0]'],
  ['days come once', 'timeWindows', [{ days: ['friday', 'friday'] }], 'DUPLICATE', 'timeWindows[0].days[1]'],
  [
    'hours end after they start',
    'timeWindows',
    [{ hours: [{ startHour: 5, endHour: 5 }] }],
    'CONFLICT',
    'timeWindows[0].hours[0].endHour',
  ],
  [
    'hours are at most 24',
    'timeWindows',
    [{ hours: [{ startHour: 5, endHour: 25 }] }],
    'TOO_LARGE',
    'timeWindows[0].hours[0].endHour',
  ],
  [
    'hours are whole',
    'timeWindows',
    [{ hours: [{ startHour: 5.5, endHour: 6 }] }],
    'WRONG_FORM',
    'timeWindows[0].hours[0].startHour',
  ],
  [
    'a time zone exists',
    'timeWindows',
    [{ timeZone: 'Europe/Atlantis' }],
    'WRONG_FORM',
    'timeWindows[0].timeZone',
  ],
  [
    'a time zone is no offset',
    'timeWindows',
    [{ timeZone: '+01:00' }],
    'WRONG_FORM',
    'timeWindows[0].timeZone',
  ],
  ['health providers are known', 'healthProviders', ['eureka'], 'NOT_ALLOWED', 'healthProviders[0]'],
  [
    'health providers come once',
    'healthProviders',
    ['alwaysHealthy', 'alwaysHealthy'],
    'DUPLICATE',
    'healthProviders[1]',
  ],
];

test.each(ofBatch)('batch: %s', (_, path, value, code, at = path) => {
  expect(codesOf(withField(leastBatch, path, value))).toEqual({ [at]: code });
});

test.each(ofService)('service: %s', (_, path, value, code, at = path) => {
  expect(codesOf(withField(leastService, path, value))).toEqual({ [at]: code });
});

test.each(ofBudget)('budget: %s', (_, path, value, code, at = path) => {
  const spec = { ...leastService, disruptionBudget: withField(selfManaged, path, value) };
  expect(codesOf(spec)).toEqual({ [`disruptionBudget.${at}`]: code });
});

test.each<[string, string, unknown, JobSpecOptions?]>([
  ['a digest without tag', 'container.image', { name: 'a', digest: `sha256:${'0'.repeat(64)}` }],
  ['a registry with a port', 'container.image.name', 'localhost:5000/A/b_c.d-e'],
  ['an empty entrypoint', 'container.entrypoint', []],
  ['a variable named like a method', 'container.environment', { constructor: 'x', toString: 'y' }],
  ['a role that is empty', 'container.iamRole', ''],
  ['shared memory of all the memory', 'container.resources', { memoryMiB: 512, shmMiB: 512 }],
  ['an entrypoint that is one command line', 'container.entrypoint', ['/bin/app --verbose']],
  [
    'another provider that is configured',
    'disruptionBudget',
    { ...selfManaged, healthProviders: ['eureka'] },
    { healthProviders: ['eureka'] },
  ],
  [
    'another constraint that is configured',
    'container.hardConstraints',
    { SAMERACK: '1' },
    { constraints: ['sameRack'] },
  ],
  [
    'no security group where none is needed',
    'container.securityGroups',
    [],
    { limits: { securityGroupsMinCount: 0 } },
  ],
])('passes: %s', (_, path, value, options) => {
  expect(codesOf(withField(leastService, path, value), options)).toEqual({});
});

test.each([leastBatch, leastService, fullBatch, fullService])('passes: typical spec %#', (spec) => {
  expect(codesOf(spec)).toEqual({});
});

describe('options add rules', () => {
  test('capital names of variables', () => {
    const spec = withField(leastBatch, 'container.environment', { A_1: '', path: '' });
    expect(codesOf(spec, { strictEnvironmentNames: true })).toEqual({
      'container.environment.path': 'WRONG_FORM',
    });
  });

  test('an entrypoint that nobody splits, unless a command says that it is meant', () => {
    const spec = withField(leastBatch, 'container.entrypoint', ['/bin/my app']);
    const options = { splitEntrypoint: true };
    expect(codesOf(spec, options)).toEqual({ 'container.entrypoint': 'WRONG_FORM' });
    expect(codesOf(withField(spec, 'container.command', ['-v']), options)).toEqual({});
  });

  test('sizes of an application, below and above those of others', () => {
    const applications = { app: { batchMaxTasks: 10_000, serviceMaxTasks: 1 } };
    const batch = { ...leastBatch, size: 10_000 };
    expect(codesOf(batch, { applications })).toEqual({});
    expect(codesOf({ ...batch, applicationName: 'other' }, { applications })).toEqual({ size: 'TOO_LARGE' });
    expect(codesOf(leastService, { applications })).toEqual({ 'capacity.max': 'TOO_LARGE' });
  });

  test('the largest container of a capacity group', () => {
    const options = { largestContainers: { DEFAULT: { memoryMiB: 1_024, gpu: 0 } } };
    const spec = withField(leastBatch, 'container.resources', { memoryMiB: 1_025, gpu: 1 });
    expect(codesOf(spec, options)).toEqual({
      'container.resources.gpu': 'TOO_LARGE',
      'container.resources.memoryMiB': 'TOO_LARGE',
    });
    expect(codesOf({ ...spec, capacityGroup: 'large' }, options)).toEqual({});
  });
});
