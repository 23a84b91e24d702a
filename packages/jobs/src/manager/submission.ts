/**
 * What submitting a job comes to. Beside the id, which makes a repeated submission harmless, a job with a sequence has a
 * name that is unique among active jobs; Titus' clients use that to submit once only.
 */
import type { Rejection } from '../errors.ts';
import type { JobEffect } from '../machine/job-effect.ts';
import type { FieldAdjustment, FieldError } from '../spec/field-error.ts';
import type { JobSpec } from '../spec/job-spec.ts';

/** @public */
export type Submission =
  /** The job exists. Without effects: it did before, by an equal submission. */
  | {
      readonly ok: true;
      readonly jobId: string;
      readonly effects: readonly JobEffect[];
      /** Values of the spec that were raised to the least that the platform gives. */
      readonly adjusted: readonly FieldAdjustment[];
    }
  /** The spec is wrong; every field that is. */
  | {
      readonly ok: false;
      readonly errors: readonly FieldError[];
      readonly rejection?: undefined;
      readonly existingJobId?: undefined;
    }
  | {
      readonly ok: false;
      readonly errors?: undefined;
      readonly rejection: Rejection;
      /** With `DUPLICATE_SEQUENCE` and `DUPLICATE_JOB`. */
      readonly existingJobId?: string;
    };

const JOB_ID = /^[A-Za-z0-9._-]{1,50}$/;

export function isJobId(value: unknown): value is string {
  return typeof value === 'string' && JOB_ID.test(value);
}

/** Undefined for jobs without a sequence. */
export function sequenceName({ applicationName, jobGroup }: JobSpec): string | undefined {
  const { stack, detail, sequence } = jobGroup;
  return sequence === '' ? undefined : `${applicationName}-${stack}-${detail}-${sequence}`;
}
