/**
 * The checks of specs at the doors of a manager: what is submitted and what updates bring, strictly; what was stored,
 * permissively, since limits may have changed after it was accepted.
 */
import { fail, type Rejection } from '../errors.ts';
import type { JobEvent } from '../machine/job-event.ts';
import { describeFieldErrors, type FieldError } from '../spec/field-error.ts';
import type { JobLimits } from '../spec/job-limits.ts';
import type { JobSpecOptions } from '../spec/job-spec-options.ts';
import { JobSpecRules } from '../spec/job-spec-rules.ts';
import type { DisruptionBudget, JobSpec } from '../spec/job-spec.ts';
import {
  sanitizeAttributes,
  sanitizeCapacity,
  sanitizeDisruptionBudget,
  sanitizeJobSpec,
  type SanitizedJobSpec,
} from '../spec/sanitize-job-spec.ts';

/** @public */
export interface SpecCheckOptions {
  /** Limits that differ from `JOB_LIMITS`. */
  readonly limits?: Partial<JobLimits>;
  /** What else holds for job specs. */
  readonly specs?: Omit<JobSpecOptions, 'mode' | 'limits'>;
}

export class SpecChecks {
  readonly #submitted: JobSpecRules;
  readonly #stored: JobSpecRules;

  /** @throws StowageError INVALID_JOB_OPTION */
  constructor({ limits, specs }: SpecCheckOptions) {
    this.#submitted = JobSpecRules.of({ ...specs, limits, mode: 'strict' });
    this.#stored = JobSpecRules.of({ ...specs, limits, mode: 'permissive' });
  }

  submitted(spec: unknown): SanitizedJobSpec {
    return sanitizeJobSpec(spec, this.#submitted);
  }

  /** @throws StowageError INVALID_JOB_RECORD */
  stored(spec: unknown): JobSpec {
    const result = sanitizeJobSpec(spec, this.#stored);
    return result.ok ? result.spec : fail('INVALID_JOB_RECORD', describeFieldErrors(result.errors));
  }

  /** A budget as data of our own; a step takes it over unseen. */
  budget(budget: unknown): { value: DisruptionBudget } | { rejection: Rejection } {
    const result = sanitizeDisruptionBudget(budget, this.#submitted);
    if (result.ok) return { value: result.value };
    return { rejection: refusal('INVALID_JOB_SPEC', result.errors, 'the disruption budget') };
  }

  /** Why an update is refused for what the spec would be then. */
  refusalOf(kind: JobEvent['kind'], spec: JobSpec): Rejection | undefined {
    if (kind === 'update-capacity' && spec.kind === 'service') {
      const result = sanitizeCapacity(spec.capacity, spec.applicationName, this.#submitted);
      return result.ok ? undefined : refusal('INVALID_CAPACITY', result.errors, 'the capacity');
    }
    if (kind === 'update-attributes') {
      const result = sanitizeAttributes(spec.attributes, this.#submitted);
      return result.ok ? undefined : refusal('INVALID_JOB_SPEC', result.errors, 'the attributes');
    }
    return undefined;
  }
}

function refusal(code: Rejection['code'], errors: readonly FieldError[], what: string): Rejection {
  return { code, message: describeFieldErrors(errors, what) };
}
