/**
 * From what Valibot reports to field errors. A message is the name of a limit, or what to give instead; the code follows
 * from the limit's side, from a raw check's `expected`, or from the kind of the issue.
 */
import type { BaseIssue } from 'valibot';
import { FIELD_ERRORS, type FieldError, type FieldErrorCode, fieldError, shown } from './field-error.ts';
import { isLimitName, JOB_LIMITS, type JobLimits } from './job-limits.ts';

export function fieldErrorOf(issue: BaseIssue<unknown>, limits: JobLimits): FieldError {
  const keys = (issue.path ?? []).map(({ key }) => (typeof key === 'number' ? key : String(key)));
  const value = isSecret(keys, issue.input) ? withoutContent(issue.input) : shown(issue.input);
  if (!isLimitName(issue.message)) return fieldError(keys, codeOf(issue), value, adviceOf(issue));
  const limit = { name: issue.message, value: limits[issue.message] };
  const { side, meaning } = JOB_LIMITS[issue.message];
  if (side === 'least') return fieldError(keys, 'TOO_SMALL', value, `at least ${limit.value}`, limit);
  const unit = typeof issue.input === 'number' ? '' : ` (${meaning})`;
  return fieldError(keys, 'TOO_LARGE', value, `at most ${limit.value}${unit}`, limit);
}

function codeOf({ kind, type, input, expected }: BaseIssue<unknown>): FieldErrorCode {
  if (type === 'raw_check' && expected !== null && Object.hasOwn(FIELD_ERRORS, expected)) {
    return expected as FieldErrorCode;
  }
  if (kind !== 'schema') return type === 'partial_check' ? 'CONFLICT' : 'WRONG_FORM';
  if (input === undefined) return 'REQUIRED';
  const isChoice = type === 'picklist' || type === 'literal' || type === 'variant';
  return isChoice && typeof input === 'string' ? 'NOT_ALLOWED' : 'WRONG_TYPE';
}

/** Valibot's own words only where there are none of ours: choices, which it lists, and missing fields. */
function adviceOf({ kind, message, expected, type, input }: BaseIssue<unknown>): string {
  if (kind !== 'schema') return message;
  if (type === 'variant' || type === 'picklist' || type === 'literal') {
    return `one of ${(expected ?? '').replaceAll(/[()]/g, '').replaceAll(' | ', ', ')}`;
  }
  return input === undefined && type === 'object' ? 'it, it has no default' : message;
}

/** Values of environment variables are often passwords, and errors end in logs. */
function isSecret(keys: readonly (string | number)[], input: unknown): boolean {
  const isContent = typeof input === 'string' || typeof input === 'number';
  return isContent && keys[0] === 'container' && keys[1] === 'environment' && input !== keys[2];
}

function withoutContent(input: unknown): string {
  return typeof input === 'string' ? `a text of ${input.length} characters` : `a ${typeof input}`;
}
