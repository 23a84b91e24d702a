/**
 * Budgets that an operator sets, read with distrust: they are held to the same rules as those in job specs.
 */
import { fail } from '../errors.ts';
import { describeFieldErrors } from '../spec/field-error.ts';
import type { DisruptionBudget, TimeWindow } from '../spec/job-spec.ts';
import { sanitizeDisruptionBudget } from '../spec/sanitize-job-spec.ts';
import { type FallbackBudget, requireFallback, SELF_MANAGED_FALLBACK } from './self-managed.ts';

/**
 * Time windows as data of their own.
 * @throws StowageError INVALID_JOB_OPTION
 */
export function timeWindowsOption(value: unknown, what: string): readonly TimeWindow[] {
  return budgetOption({ ...SELF_MANAGED_FALLBACK, timeWindows: value }, what).timeWindows;
}

/**
 * A budget for self-managed jobs as data of its own, to be used as `QuotaContext.selfManaged`.
 * @throws StowageError INVALID_JOB_OPTION when fields are wrong, or it is self-managed itself
 * @public
 */
export function fallbackBudget(value: unknown): FallbackBudget {
  return requireFallback(budgetOption(value, 'the budget for self-managed jobs'));
}

function budgetOption(value: unknown, what: string): DisruptionBudget {
  const result = sanitizeDisruptionBudget(value);
  return result.ok ? result.value : fail('INVALID_JOB_OPTION', describeFieldErrors(result.errors, what));
}
