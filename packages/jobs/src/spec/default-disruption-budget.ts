/**
 * The budget of a job that names none: the platform may move any task at any rate, after a time in which the owner can
 * do so itself; a batch task is left alone for as long as it may run and a fifth more. After Titus'
 * DisruptionBudgetSanitizer.
 */
import { jobLimits, type JobLimits } from './job-limits.ts';
import type { BatchJobSpec, DisruptionBudget, ServiceJobSpec } from './job-spec.ts';

/**
 * @param job - a service, or a batch job with its runtime limit
 * @param limits - default: those of `JOB_LIMITS`
 * @public
 */
export function defaultDisruptionBudget(
  job: Pick<ServiceJobSpec, 'kind'> | Pick<BatchJobSpec, 'kind' | 'runtimeLimitMs'>,
  limits: JobLimits = jobLimits(),
): DisruptionBudget {
  let relocationTimeMs = limits.relocationTimeDefaultMs;
  if (job.kind === 'batch') {
    const runsMs = Math.ceil((job.runtimeLimitMs * limits.relocationTimeDefaultPercent) / 100);
    relocationTimeMs = Math.min(Math.max(relocationTimeMs, runsMs), limits.relocationTimeMaxMs);
  }
  return {
    policy: { kind: 'selfManaged', relocationTimeMs },
    rate: { kind: 'unlimited' },
    timeWindows: [],
    healthProviders: [],
  };
}
