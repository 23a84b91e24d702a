/**
 * All numbers that bound a job spec, in one table: whatever validates takes its numbers from here. Each row has the
 * value that holds when an operator sets none and the range in which it can be set; where both ends of the range are
 * one number, the limit is a rule that other code relies on. Values are those of Titus of 2022 where it has one; those
 * of texts, arguments and variables are such that no agent refuses what has passed here.
 */
import { show } from '@stowage/core';
import { fail } from '../errors.ts';

/**
 * Limits by name; the unit is part of it. `side` says what a limit is: the `least` or the `most` that a field may
 * have, or the `default` of one that is left out.
 * @public
 */
export const JOB_LIMITS = {
  cpuMinMilli: { side: 'least', value: 1_000, from: 1, to: 1_024_000, meaning: 'CPU; less is raised to it' },
  cpuMaxMilli: { side: 'most', value: 96_000, from: 1, to: 1_024_000, meaning: 'CPU' },
  gpuMaxCount: { side: 'most', value: 16, from: 0, to: 64, meaning: 'GPUs' },
  memoryMinMiB: {
    side: 'least',
    value: 512,
    from: 6,
    to: 67_108_864,
    meaning: 'memory; less is raised to it',
  },
  memoryMaxMiB: { side: 'most', value: 1_152_000, from: 6, to: 67_108_864, meaning: 'memory' },
  diskMinMiB: {
    side: 'least',
    value: 10_000,
    from: 1,
    to: 67_108_864,
    meaning: 'disk; less is raised to it',
  },
  diskMaxMiB: { side: 'most', value: 1_550_000, from: 1, to: 67_108_864, meaning: 'disk' },
  networkMinMbps: {
    side: 'least',
    value: 128,
    from: 1,
    to: 1_000_000,
    meaning: 'network; less is raised to it',
  },
  networkMaxMbps: { side: 'most', value: 400_000, from: 1, to: 1_000_000, meaning: 'network' },
  shmDefaultMiB: {
    side: 'default',
    value: 64,
    from: 1,
    to: 67_108_864,
    meaning: 'shared memory where none or 0 is given, but not more than the memory',
  },

  batchMinTasks: { side: 'least', value: 1, from: 1, to: 1, meaning: 'tasks of a batch job' },
  batchMaxTasks: { side: 'most', value: 1_000, from: 1, to: 10_000, meaning: 'tasks of a batch job' },
  serviceMaxTasks: { side: 'most', value: 2_500, from: 1, to: 10_000, meaning: 'tasks of a service' },
  amountMin: { side: 'least', value: 0, from: 0, to: 0, meaning: 'counts, delays and shares' },

  runtimeLimitMinMs: { side: 'least', value: 5_000, from: 1, to: 31_536_000_000, meaning: 'runtime limit' },
  runtimeLimitMaxMs: {
    side: 'most',
    value: 864_000_000,
    from: 1,
    to: 31_536_000_000,
    meaning: 'runtime limit',
  },
  retriesMax: { side: 'most', value: 1_000_000, from: 0, to: 2_147_483_647, meaning: 'retries' },
  retryDelayMaxMs: {
    side: 'most',
    value: 86_400_000,
    from: 0,
    to: 31_536_000_000,
    meaning: 'each delay of a retry',
  },
  graceDefaultMs: {
    side: 'default',
    value: 10_000,
    from: 0,
    to: 3_600_000,
    meaning: 'grace where none is given',
  },
  graceMaxMs: { side: 'most', value: 600_000, from: 0, to: 3_600_000, meaning: 'grace' },

  nameMinCharacters: { side: 'least', value: 1, from: 1, to: 1, meaning: 'names that must not be empty' },
  nameMaxCharacters: {
    side: 'most',
    value: 255,
    from: 1,
    to: 1_024,
    meaning: 'names, and arguments of constraints',
  },
  imageNameMaxCharacters: { side: 'most', value: 255, from: 1, to: 1_024, meaning: 'name of an image' },
  imageTagMaxCharacters: { side: 'most', value: 128, from: 1, to: 128, meaning: 'tag of an image' },
  imageDigestMaxCharacters: { side: 'most', value: 200, from: 71, to: 1_024, meaning: 'digest of an image' },
  iamRoleMaxCharacters: { side: 'most', value: 2_048, from: 0, to: 2_048, meaning: 'name of a role' },
  securityGroupsMinCount: { side: 'least', value: 1, from: 0, to: 16, meaning: 'security groups' },
  securityGroupsMaxCount: { side: 'most', value: 6, from: 1, to: 16, meaning: 'security groups' },
  entrypointMaxCount: {
    side: 'most',
    value: 1_000,
    from: 1,
    to: 1_000,
    meaning: 'parts of entrypoint, of command',
  },
  entrypointMaxBytes: {
    side: 'most',
    value: 16_384,
    from: 1,
    to: 32_000,
    meaning: 'all parts of entrypoint, of command, in UTF-8',
  },
  environmentMaxCount: { side: 'most', value: 2_000, from: 0, to: 2_000, meaning: 'environment variables' },
  environmentValueMaxCharacters: {
    side: 'most',
    value: 32_000,
    from: 0,
    to: 32_000,
    meaning: 'value of an environment variable',
  },
  environmentMaxBytes: {
    side: 'most',
    value: 32_768,
    from: 0,
    to: 262_144,
    meaning: 'all environment variables in UTF-8, and 2 more for each',
  },
  attributesMaxCount: { side: 'most', value: 200, from: 0, to: 200, meaning: 'attributes' },
  attributeNameMaxCharacters: { side: 'most', value: 200, from: 1, to: 200, meaning: 'name of an attribute' },
  attributeValueMaxCharacters: {
    side: 'most',
    value: 4_096,
    from: 0,
    to: 4_096,
    meaning: 'value of an attribute',
  },
  attributesMaxBytes: {
    side: 'most',
    value: 65_536,
    from: 0,
    to: 1_048_576,
    meaning: 'names and values of all attributes in UTF-8',
  },

  relocationTimeMinMs: { side: 'least', value: 1, from: 1, to: 31_536_000_000, meaning: 'relocation time' },
  relocationTimeMaxMs: {
    side: 'most',
    value: 2_592_000_000,
    from: 1,
    to: 31_536_000_000,
    meaning: 'relocation time',
  },
  relocationTimeDefaultMs: {
    side: 'default',
    value: 60_000,
    from: 1,
    to: 31_536_000_000,
    meaning: 'relocation time of the default budget, for batch jobs at least',
  },
  relocationTimeDefaultPercent: {
    side: 'default',
    value: 120,
    from: 1,
    to: 1_000,
    meaning: 'relocation time of the default budget of a batch job, of its runtime limit',
  },
  percentageMax: { side: 'most', value: 100, from: 100, to: 100, meaning: 'shares of a budget' },
  budgetLimitMin: { side: 'least', value: 1, from: 1, to: 1, meaning: 'limits of a budget' },
  budgetLimitMax: {
    side: 'most',
    value: 1_000_000,
    from: 1,
    to: 2_147_483_647,
    meaning: 'limits of a budget',
  },
  intervalMinMs: { side: 'least', value: 1, from: 1, to: 3_600_000, meaning: 'interval of a rate' },
  intervalMaxMs: { side: 'most', value: 3_600_000, from: 1, to: 3_600_000, meaning: 'interval of a rate' },
  timeWindowsMaxCount: { side: 'most', value: 20, from: 0, to: 100, meaning: 'time windows of a budget' },
  daysMaxCount: { side: 'most', value: 7, from: 7, to: 7, meaning: 'days of a time window' },
  hoursMaxCount: { side: 'most', value: 24, from: 1, to: 24, meaning: 'spans of hours of a time window' },
  hourMax: { side: 'most', value: 24, from: 24, to: 24, meaning: 'hours' },
  healthProvidersMaxCount: {
    side: 'most',
    value: 10,
    from: 0,
    to: 100,
    meaning: 'health providers of a budget',
  },

  specMaxValues: {
    side: 'most',
    value: 10_000,
    from: 1_000,
    to: 100_000,
    meaning: 'fields and items of a whole spec',
  },
  specMaxCharacters: {
    side: 'most',
    value: 262_144,
    from: 1_024,
    to: 4_194_304,
    meaning: 'names and texts of a whole spec',
  },
  specMaxDepth: { side: 'most', value: 16, from: 8, to: 64, meaning: 'nesting of a spec' },
} as const;

/** @public */
export interface LimitRow {
  readonly side: 'least' | 'most' | 'default';
  readonly value: number;
  /** Least and greatest value that an operator can give the limit. */
  readonly from: number;
  readonly to: number;
  /** What it bounds. */
  readonly meaning: string;
}

/** @public */
export type JobLimitName = keyof typeof JOB_LIMITS;

/** A value for every limit. @public */
export type JobLimits = Readonly<Record<JobLimitName, number>>;

const LIMIT_NAMES: readonly JobLimitName[] = Object.keys(JOB_LIMITS) as JobLimitName[];

/** Pairs of which the first must not exceed the second, or no job at all would pass. */
const ORDERED: readonly (readonly [JobLimitName, JobLimitName])[] = [
  ['cpuMinMilli', 'cpuMaxMilli'],
  ['memoryMinMiB', 'memoryMaxMiB'],
  ['diskMinMiB', 'diskMaxMiB'],
  ['networkMinMbps', 'networkMaxMbps'],
  ['runtimeLimitMinMs', 'runtimeLimitMaxMs'],
  ['graceDefaultMs', 'graceMaxMs'],
  ['securityGroupsMinCount', 'securityGroupsMaxCount'],
  ['relocationTimeMinMs', 'relocationTimeDefaultMs'],
  ['relocationTimeDefaultMs', 'relocationTimeMaxMs'],
  ['intervalMinMs', 'intervalMaxMs'],
];

/**
 * The limits of the table with other values for some.
 * @throws StowageError INVALID_JOB_OPTION for an unknown name, a value out of the row's range, or a least value above
 *   the greatest of the same field
 * @public
 */
export function jobLimits(overrides: Partial<JobLimits> = {}): JobLimits {
  if (typeof overrides !== 'object' || overrides === null || Array.isArray(overrides)) {
    fail('INVALID_JOB_OPTION', `limits is ${show(overrides)}; give an object of limits by name.`);
  }
  const limits: Record<JobLimitName, number> = valuesOf(({ value }) => value);
  for (const [name, value] of Object.entries(overrides)) {
    if (!isLimitName(name)) {
      fail('INVALID_JOB_OPTION', `${show(name)} is no limit; the names are those of JOB_LIMITS.`);
    }
    const { from, to } = JOB_LIMITS[name];
    if (value === undefined) continue;
    if (!Number.isInteger(value) || value < from || value > to) {
      fail(
        'INVALID_JOB_OPTION',
        `the limit ${name} is ${show(value)}; give ${from === to ? `nothing, it is ${to} always` : `an integer from ${from} to ${to}`}.`,
      );
    }
    limits[name] = value;
  }
  for (const [low, high] of ORDERED) {
    if (limits[low] > limits[high]) {
      fail(
        'INVALID_JOB_OPTION',
        `the limit ${low} is ${limits[low]}, above ${high}, ${limits[high]}; lower it or raise the other.`,
      );
    }
  }
  return limits;
}

/** What holds under every setting: bounds as wide as an operator could ever have set them. */
export function widestLimits(limits: JobLimits): JobLimits {
  return valuesOf(({ side, from, to }, name) =>
    side === 'least' ? from : side === 'most' ? to : limits[name],
  );
}

export function isLimitName(name: string): name is JobLimitName {
  return Object.hasOwn(JOB_LIMITS, name);
}

function valuesOf(value: (row: LimitRow, name: JobLimitName) => number): Record<JobLimitName, number> {
  return Object.fromEntries(LIMIT_NAMES.map((name) => [name, value(JOB_LIMITS[name], name)])) as Record<
    JobLimitName,
    number
  >;
}
