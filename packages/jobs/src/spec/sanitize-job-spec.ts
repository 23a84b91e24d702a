/**
 * From data of any kind to a job spec, or to the list of all fields that are wrong; nothing is thrown and nothing of
 * the input is kept or changed. After Titus' entity sanitizers, without their expression language.
 */
import * as v from 'valibot';
import { beyondLargest, raiseResources } from './container-amounts.ts';
import { type FieldAdjustment, type FieldError, type FieldResult, inOrder } from './field-error.ts';
import type { JobSchemas } from './job-schema.ts';
import type { JobSpecOptions } from './job-spec-options.ts';
import { JobSpecRules } from './job-spec-rules.ts';
import type { Capacity, DisruptionBudget, JobSpec } from './job-spec.ts';
import { copyPlainData, isRecord } from './plain-data.ts';
import { fieldErrorOf } from './schema-issues.ts';
import { unknownFields } from './unknown-fields.ts';

/** @public */
export type SanitizedJobSpec =
  | {
      readonly ok: true;
      readonly spec: JobSpec;
      /** What was raised, in order of the resources. */
      readonly adjusted: readonly FieldAdjustment[];
    }
  | {
      readonly ok: false;
      /** At least one, each field once, in order of paths. */
      readonly errors: readonly FieldError[];
    };

/** Whatever another user of Valibot has set for all. */
const CONFIG = { abortEarly: false, abortPipeEarly: false } as const;

/**
 * Checks a job spec and completes it: defaults where nothing is said, resources raised to the least amounts, names of
 * constraints in their canonical spelling. The result is fresh plain data that JSON carries unchanged, and comes out of a
 * second call the same.
 * @param rules - what holds; `JobSpecRules` where many specs are checked, for making them costs more than a check
 * @throws StowageError INVALID_JOB_OPTION for wrong options; never for what is in `input`
 * @public
 */
export function sanitizeJobSpec(input: unknown, rules: JobSpecRules | JobSpecOptions = {}): SanitizedJobSpec {
  const held = JobSpecRules.of(rules);
  const { value, errors } = copyPlainData(input, held.limits);
  const adjusted = raiseResources(value, held.limits);
  const job: Readonly<Record<string, unknown>> = isRecord(value) ? value : {};
  const schemas = held.schemasOf(job.applicationName);
  const { kind, capacityGroup } = job;
  const group = typeof capacityGroup === 'string' ? capacityGroup : 'DEFAULT';
  const schema: v.GenericSchema<unknown, JobSpec> =
    kind === 'batch' ? schemas.batch : kind === 'service' ? schemas.service : schemas.neither;
  const largest = beyondLargest(job, group, held.largestContainers);
  const result = check(schema, value, held, [...errors, ...largest]);
  return result.ok ? { ok: true, spec: result.value, adjusted } : result;
}

/**
 * Checks a disruption budget that is to replace that of a job.
 * @throws StowageError INVALID_JOB_OPTION for wrong options
 * @public
 */
export function sanitizeDisruptionBudget(
  input: unknown,
  rules: JobSpecRules | JobSpecOptions = {},
): FieldResult<DisruptionBudget> {
  return sanitizePart(input, JobSpecRules.of(rules), ({ budget }) => budget);
}

/**
 * Checks all attributes of a job; to change some, give those that there would be then.
 * @throws StowageError INVALID_JOB_OPTION for wrong options
 * @public
 */
export function sanitizeAttributes(
  input: unknown,
  rules: JobSpecRules | JobSpecOptions = {},
): FieldResult<Readonly<Record<string, string>>> {
  return sanitizePart(input, JobSpecRules.of(rules), ({ attributes }) => attributes);
}

/**
 * Checks the capacity of a service; to change a part of it, give what it would be then.
 * @param applicationName - of the job, as limits can differ
 * @throws StowageError INVALID_JOB_OPTION for wrong options
 * @public
 */
export function sanitizeCapacity(
  input: unknown,
  applicationName: string,
  rules: JobSpecRules | JobSpecOptions = {},
): FieldResult<Capacity> {
  return sanitizePart(input, JobSpecRules.of(rules), ({ capacity }) => capacity, applicationName);
}

function sanitizePart<T>(
  input: unknown,
  rules: JobSpecRules,
  schemaOf: (schemas: JobSchemas) => v.GenericSchema<unknown, T>,
  applicationName?: string,
): FieldResult<T> {
  const { value, errors } = copyPlainData(input, rules.limits);
  return check(schemaOf(rules.schemasOf(applicationName)), value, rules, errors);
}

/** @param found - errors that are known already */
function check<T>(
  schema: v.GenericSchema<unknown, T>,
  data: unknown,
  { strict, limits }: JobSpecRules,
  found: readonly FieldError[],
): FieldResult<T> {
  const { success, output, issues = [] } = v.safeParse(schema, data, CONFIG);
  const errors = [
    ...found,
    ...issues.map((issue) => fieldErrorOf(issue, limits)),
    ...(strict ? unknownFields(schema, data) : []),
  ];
  return success && errors.length === 0
    ? { ok: true, value: output }
    : { ok: false, errors: inOrder(errors) };
}
