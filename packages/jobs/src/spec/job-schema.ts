/**
 * Schemas of whole jobs and of the parts that are changed later. The order of the entries is that of the fields of the
 * result, so that a spec is the same bytes whatever order its fields came in.
 */
import * as v from 'valibot';
import { budgetSchema } from './budget-schema.ts';
import { type ContainerRules, containerSchema } from './container-schema.ts';
import { defaultDisruptionBudget } from './default-disruption-budget.ts';
import type { JobLimits } from './job-limits.ts';
import type {
  BatchJobSpec,
  Capacity,
  DisruptionBudget,
  JobSpec,
  RetryPolicy,
  ServiceJobSpec,
} from './job-spec.ts';
import { attributesSchema } from './map-schemas.ts';
import { form, name, oneForm, text, whole, word } from './schema-parts.ts';

/** Besides limits. */
export interface SchemaRules extends ContainerRules {
  readonly healthProviders: readonly string[];
}

export interface JobSchemas {
  readonly batch: v.GenericSchema<unknown, BatchJobSpec>;
  readonly service: v.GenericSchema<unknown, ServiceJobSpec>;
  /** For data of neither kind: finds what is wrong with the fields that all jobs have; nothing passes. */
  readonly neither: v.GenericSchema<unknown, JobSpec>;
  readonly budget: v.GenericSchema<unknown, DisruptionBudget>;
  readonly attributes: v.GenericSchema<unknown, Readonly<Record<string, string>>>;
  readonly capacity: v.GenericSchema<unknown, Capacity>;
}

export function jobSchemas(limits: JobLimits, rules: SchemaRules): JobSchemas {
  const part = text(limits, 'nameMaxCharacters');
  const flag = v.boolean('true or false');
  const attributes = attributesSchema(limits);
  const budget = budgetSchema(limits, rules.strict ? rules.healthProviders : undefined);
  const capacity = capacitySchema(limits);
  const retryPolicy = retryPolicySchema(limits);
  const common = {
    owner: form({
      teamEmail: word(limits, 'nameMaxCharacters', /^.*@.*$/, 'an address such as team@example.com'),
    }),
    applicationName: name(limits),
    capacityGroup: v.optional(name(limits), 'DEFAULT'),
    jobGroup: v.optional(
      form({ stack: v.optional(part, ''), detail: v.optional(part, ''), sequence: v.optional(part, '') }),
      () => ({ stack: '', detail: '', sequence: '' }),
    ),
    attributes: v.optional(attributes, () => ({})),
    container: containerSchema(limits, rules),
  };
  const batch = {
    size: whole(limits, 'batchMinTasks', 'batchMaxTasks'),
    runtimeLimitMs: whole(limits, 'runtimeLimitMinMs', 'runtimeLimitMaxMs'),
    retryOnRuntimeLimit: v.optional(flag, false),
    retryPolicy,
  };
  const service = {
    capacity,
    enabled: v.optional(flag, true),
    processes: v.optional(
      form({
        disableIncreaseDesired: v.optional(flag, false),
        disableDecreaseDesired: v.optional(flag, false),
      }),
      () => ({ disableIncreaseDesired: false, disableDecreaseDesired: false }),
    ),
    retryPolicy,
  };
  const disruptionBudget = v.optional(budget);
  const whichever = Object.fromEntries(
    [...Object.keys(batch), ...Object.keys(service)].map((field) => [field, v.optional(v.unknown())]),
  );
  return {
    batch: v.pipe(
      form({ kind: v.literal('batch'), ...common, ...batch, disruptionBudget }),
      v.transform((job) => withBudget(job, job.disruptionBudget ?? defaultDisruptionBudget(job, limits))),
    ),
    service: v.pipe(
      form({ kind: v.literal('service'), ...common, ...service, disruptionBudget }),
      v.transform((job) => withBudget(job, job.disruptionBudget ?? defaultDisruptionBudget(job, limits))),
    ),
    neither: v.pipe(
      form({ kind: v.picklist(['batch', 'service']), ...common, ...whichever, disruptionBudget }),
      v.custom<JobSpec>(() => false, 'a batch job or a service'),
    ),
    budget,
    attributes,
    capacity,
  };
}

function withBudget<J extends object>(
  job: J,
  disruptionBudget: DisruptionBudget,
): J & { readonly disruptionBudget: DisruptionBudget } {
  return { ...job, disruptionBudget };
}

function capacitySchema(limits: JobLimits): v.GenericSchema<unknown, Capacity> {
  const tasks = whole(limits, 'amountMin', 'serviceMaxTasks');
  return v.pipe(
    form({ min: tasks, desired: tasks, max: tasks }),
    v.forward(
      v.partialCheck([['min'], ['desired']], ({ min, desired }) => min <= desired, 'at most desired'),
      ['min'],
    ),
    v.forward(
      v.partialCheck([['desired'], ['max']], ({ desired, max }) => desired <= max, 'at most max'),
      ['desired'],
    ),
  );
}

function retryPolicySchema(limits: JobLimits): v.GenericSchema<unknown, RetryPolicy> {
  const retries = whole(limits, 'amountMin', 'retriesMax');
  const delayMs = whole(limits, 'amountMin', 'retryDelayMaxMs');
  return oneForm([
    v.object({ kind: v.literal('immediate'), retries }),
    v.object({ kind: v.literal('delayed'), initialDelayMs: delayMs, delayMs, retries }),
    v.pipe(
      v.object({ kind: v.literal('exponential'), initialDelayMs: delayMs, maxDelayMs: delayMs, retries }),
      v.forward(
        v.partialCheck(
          [['initialDelayMs'], ['maxDelayMs']],
          ({ initialDelayMs, maxDelayMs }) => initialDelayMs <= maxDelayMs,
          'at most maxDelayMs',
        ),
        ['initialDelayMs'],
      ),
    ),
  ]);
}
