/**
 * The rules of a manager for job specs: options, checked and made into schemas once, which costs more than a check by
 * them.
 */
import type { LargestContainers } from './container-amounts.ts';
import { type JobLimits, widestLimits } from './job-limits.ts';
import { type JobSchemas, jobSchemas } from './job-schema.ts';
import { checkedOptions, type JobSpecOptions } from './job-spec-options.ts';

/** Checked options; give them in place of options where many specs are checked. @public */
export class JobSpecRules {
  readonly strict: boolean;
  /** Those that are applied: in permissive mode the widest that can be set. */
  readonly limits: JobLimits;
  /** @internal */
  readonly largestContainers: LargestContainers;
  readonly #schemas: JobSchemas;
  readonly #ofApplications: ReadonlyMap<string, JobSchemas>;

  /** O(applications). @throws StowageError INVALID_JOB_OPTION */
  constructor(options: JobSpecOptions = {}) {
    const { limits, applications, largestContainers, ...rules } = checkedOptions(options);
    this.strict = rules.strict;
    this.limits = rules.strict ? limits : widestLimits(limits);
    this.largestContainers = rules.strict ? largestContainers : {};
    this.#schemas = jobSchemas(this.limits, rules);
    this.#ofApplications = new Map(
      rules.strict ? [...applications].map(([name, own]) => [name, jobSchemas(own, rules)]) : [],
    );
  }

  /** The rules themselves, or those made of options. */
  static of(rules: JobSpecRules | JobSpecOptions): JobSpecRules {
    return rules instanceof JobSpecRules ? rules : new JobSpecRules(rules);
  }

  /**
   * Of an application, whose name comes from outside.
   * @internal
   */
  schemasOf(applicationName: unknown): JobSchemas {
    return this.#ofApplications.get(applicationName as string) ?? this.#schemas;
  }
}
