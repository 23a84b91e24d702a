/**
 * Which budgets hold for a job. Where the owner moves its tasks itself and has not done so in time, the policy says
 * nothing about how many may go at once; there a budget of the operator holds as well. What the owner said of rates and
 * windows stays in force. Titus puts the operator's budget in the place of the job's.
 */
import { fail } from '../errors.ts';
import type { JobRecord } from '../model/job-record.ts';
import type { DisruptionBudget, DisruptionPolicy } from '../spec/job-spec.ts';

/** A budget that says how many tasks may go at once. @public */
export interface FallbackBudget extends DisruptionBudget {
  readonly policy: Exclude<DisruptionPolicy, { readonly kind: 'selfManaged' }>;
}

/** For self-managed jobs where no other is given: one in twenty tasks, at least one. @public */
export const SELF_MANAGED_FALLBACK: FallbackBudget = {
  policy: { kind: 'availabilityPercentage', percentageOfHealthy: 95 },
  rate: { kind: 'unlimited' },
  timeWindows: [],
  healthProviders: [],
};

/**
 * All of these must allow an eviction.
 * @throws StowageError INVALID_JOB_OPTION when the fallback is itself self-managed
 */
export function budgetsOf({ spec }: JobRecord, fallback: FallbackBudget): readonly DisruptionBudget[] {
  const own = spec.disruptionBudget;
  return own.policy.kind === 'selfManaged' ? [own, requireFallback(fallback)] : [own];
}

/** @throws StowageError INVALID_JOB_OPTION when the budget is self-managed */
export function requireFallback({ policy, ...rest }: DisruptionBudget): FallbackBudget {
  if (policy.kind !== 'selfManaged') return { policy, ...rest };
  return fail(
    'INVALID_JOB_OPTION',
    'the budget for self-managed jobs is self-managed itself; give another policy.',
  );
}
