/**
 * What an operator sets for the check of job specs. Options are read and checked once, so that a slip in them is found
 * when the manager starts and not with the first job that meets it.
 */
import { show } from '@stowage/core';
import { fail } from '../errors.ts';
import { type LargestContainers, RESOURCES } from './container-amounts.ts';
import { type JobLimits, jobLimits } from './job-limits.ts';
import { isRecord } from './plain-data.ts';

/** Limits that can differ for an application. @public */
export type ApplicationLimits = Partial<Pick<JobLimits, 'batchMaxTasks' | 'serviceMaxTasks'>>;

/** @public */
export interface JobSpecOptions {
  /**
   * `strict`, the default, is for what users send. `permissive` is for what was stored: fields that are not known are
   * left out silently, and whatever an operator can set (limits, known names, exceptions) does not count, for it may
   * have been changed since; types and forms are checked as ever.
   */
  readonly mode?: 'strict' | 'permissive';
  readonly limits?: Partial<JobLimits>;
  /** By name of the application, in place of `limits`. */
  readonly applications?: Readonly<Record<string, ApplicationLimits>>;
  /** By capacity group, beyond what `limits` say. Default: none. */
  readonly largestContainers?: LargestContainers;
  /** Constraints in their canonical spelling. Default `JOB_CONSTRAINTS`. */
  readonly constraints?: readonly string[];
  /** Default `alwaysHealthy` only. */
  readonly healthProviders?: readonly string[];
  /** Variables have names of capital letters, digits and `_`. Default false: small letters as well. */
  readonly strictEnvironmentNames?: boolean;
  /** Refuses an entrypoint without command whose first item has spaces: who writes it expects a shell. Default false. */
  readonly splitEntrypoint?: boolean;
}

/** Names of constraints that a job may use unless others are configured; Titus' without those of Kubernetes. @public */
export const JOB_CONSTRAINTS: readonly string[] = [
  'activeHost',
  'availabilityZone',
  'exclusiveHost',
  'machineId',
  'machineType',
  'uniqueHost',
  'zoneBalance',
];

/** Options with their defaults; nothing in them is the caller's. */
export interface CheckedOptions {
  readonly strict: boolean;
  readonly limits: JobLimits;
  readonly applications: ReadonlyMap<string, JobLimits>;
  readonly largestContainers: LargestContainers;
  readonly constraints: readonly string[];
  readonly healthProviders: readonly string[];
  readonly strictEnvironmentNames: boolean;
  readonly splitEntrypoint: boolean;
}

/** @throws StowageError INVALID_JOB_OPTION */
export function checkedOptions(options: JobSpecOptions): CheckedOptions {
  const {
    mode = 'strict',
    limits: overrides,
    applications = {},
    largestContainers = {},
    constraints = JOB_CONSTRAINTS,
    healthProviders = ['alwaysHealthy'],
    strictEnvironmentNames = false,
    splitEntrypoint = false,
    ...others
  } = record<JobSpecOptions>('the options of job specs', options);
  const [unknown] = Object.keys(others);
  if (unknown !== undefined)
    refuse('the options of job specs', show(unknown), 'names of JobSpecOptions only');
  if (mode !== 'strict' && mode !== 'permissive') refuse('mode', show(mode), 'strict or permissive');
  const limits = jobLimits(overrides);
  return {
    strict: mode === 'strict',
    limits,
    applications: new Map(
      Object.entries(record<typeof applications>('applications', applications)).map(([name, own]) => [
        name,
        applicationLimits(name, own, limits),
      ]),
    ),
    largestContainers: Object.fromEntries(
      Object.entries(record<LargestContainers>('largestContainers', largestContainers)).map(
        ([group, largest]) => [group, largestContainer(`largestContainers.${group}`, largest)],
      ),
    ),
    constraints: names('constraints', constraints),
    healthProviders: names('healthProviders', healthProviders),
    strictEnvironmentNames: flag('strictEnvironmentNames', strictEnvironmentNames),
    splitEntrypoint: flag('splitEntrypoint', splitEntrypoint),
  };
}

function applicationLimits(name: string, own: ApplicationLimits, limits: JobLimits): JobLimits {
  const what = `applications.${name}`;
  const {
    batchMaxTasks = limits.batchMaxTasks,
    serviceMaxTasks = limits.serviceMaxTasks,
    ...others
  } = record<ApplicationLimits>(what, own);
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) refuse(what, show(unknown), 'batchMaxTasks and serviceMaxTasks only');
  return jobLimits({ ...limits, batchMaxTasks, serviceMaxTasks });
}

function largestContainer(what: string, largest: LargestContainers[string]): LargestContainers[string] {
  for (const [name, amount] of Object.entries(record<typeof largest>(what, largest))) {
    if (!(RESOURCES as readonly string[]).includes(name)) {
      refuse(what, show(name), `only ${RESOURCES.join(', ')}`);
    }
    if (amount !== undefined && !(Number.isSafeInteger(amount) && amount >= 0)) {
      refuse(`${what}.${name}`, show(amount), 'an integer of at least 0');
    }
  }
  return { ...largest };
}

function names(what: string, value: readonly string[]): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value)
    ? value
    : refuse(what, show(value), 'a list of names');
  const lower = list.map((name) =>
    typeof name === 'string' && name !== ''
      ? name.toLowerCase()
      : refuse(what, show(value), 'a list of names'),
  );
  if (new Set(lower).size < lower.length) refuse(what, show(value), 'each name once, whatever its case');
  return [...value];
}

function flag(what: string, value: boolean): boolean {
  return typeof value === 'boolean' ? value : refuse(what, show(value), 'true or false');
}

function record<T extends object>(what: string, value: T): T {
  return isRecord(value) ? value : refuse(what, show(value), 'an object');
}

function refuse(what: string, value: string, advice: string): never {
  return fail('INVALID_JOB_OPTION', `${what} is ${value}; give ${advice}.`);
}
