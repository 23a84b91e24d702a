/**
 * How many tasks of a job may be evicted now, and whether a certain one may. Every limit is a number of evictions, and
 * the least one holds; each eviction, once counted by the job, takes one from every limit, so that a planner may count
 * down by itself. Evictions only: what users kill, and what fails, is under no budget, but lowers availability.
 */
import type { Rejection } from '../errors.ts';
import type { JobState } from '../model/job-state.ts';
import type { TaskRecord, TaskRef } from '../model/task-record.ts';
import { taskAt } from '../model/task-slots.ts';
import type { BudgetLimit, LimitSource } from './budget-limit.ts';
import { desiredTasks, hasUsedRelocations, type IsHealthy, policyLimit } from './policy-limit.ts';
import { rateLimit } from './rate-limit.ts';
import { budgetsOf, type FallbackBudget, SELF_MANAGED_FALLBACK } from './self-managed.ts';
import { isOpen } from './time-windows.ts';

const ENDING = 'The job is being killed or has finished; its tasks end without an eviction.';

/** @public */
export interface QuotaContext {
  readonly nowMs: number;
  /**
   * Whether all health providers of the job call a started task healthy; asked only where the budget names some.
   * Default: what is started is healthy.
   */
  readonly isHealthy?: (task: TaskRecord) => boolean;
  /** Holds as well for jobs that are self-managed. Default `SELF_MANAGED_FALLBACK`. */
  readonly selfManaged?: FallbackBudget;
}

/** @public */
export interface EvictionQuota {
  /** Tasks that may be evicted now, at most those that are started. */
  readonly allowed: number;
  /** The tightest limit; `none`: all that are started may go. */
  readonly limitedBy: LimitSource | 'none';
  /** Why no more, for people; when none may go, all that stands in the way. */
  readonly message: string;
}

/**
 * What the budget of a job allows now. O(1) and the evictions of the last hour; with health providers or a relocation limit
 * O(tasks). Closed windows and jobs that end are known at once.
 * @throws StowageError INVALID_JOB_OPTION when `nowMs` is no time, or the fallback is self-managed itself
 * @public
 */
export function evictionQuota(state: JobState, context: QuotaContext): EvictionQuota {
  const limits = limitsOf(state, context);
  const blocking = limits.filter(({ allowed }) => allowed === 0);
  if (blocking.length > 0) {
    const message = blocking.map((limit) => limit.message).join(' ');
    return { allowed: 0, limitedBy: blocking[0].limitedBy, message };
  }
  let quota: EvictionQuota = {
    allowed: state.counts.started,
    limitedBy: 'none',
    message: 'No budget holds any started task of the job.',
  };
  for (const limit of limits) if (limit.allowed < quota.allowed) quota = limit;
  return quota;
}

/**
 * Why a task may not be evicted now; undefined when it may. Costs what `evictionQuota` does.
 * @throws StowageError INVALID_JOB_OPTION when `nowMs` is no time, or the fallback is self-managed itself
 * @public
 */
export function evictionRefusal(state: JobState, ref: TaskRef, context: QuotaContext): Rejection | undefined {
  const refusal = taskRefusal(state, ref, context);
  if (refusal !== undefined) return refusal;
  const { allowed, message } = evictionQuota(state, context);
  return allowed > 0 ? undefined : { code: 'NO_EVICTION_QUOTA', message };
}

/** Why this task may not be evicted, whatever quota its job has. O(1). */
export function taskRefusal(
  { job, slots }: JobState,
  ref: TaskRef,
  { selfManaged = SELF_MANAGED_FALLBACK }: QuotaContext,
): Rejection | undefined {
  if (job.status.state !== 'accepted') return { code: 'JOB_TERMINATING', message: ENDING };
  const task = taskAt(slots, ref.index);
  if (task?.id !== ref.taskId)
    return {
      code: 'TASK_NOT_FOUND',
      message: `job "${job.id}" has no active task "${ref.taskId}" at index ${ref.index}; read its tasks anew.`,
    };
  if (task.status.state !== 'started')
    return {
      code: 'TASK_NOT_STARTED',
      message: `task "${task.id}" is ${task.status.state}; only started tasks are evicted.`,
    };
  if (budgetsOf(job, selfManaged).some(({ policy }) => hasUsedRelocations(task, policy)))
    return {
      code: 'NO_EVICTION_QUOTA',
      message: `task "${task.id}" has been relocated as often as the budget of the job allows; raise its limit, or replace the task by hand.`,
    };
  return undefined;
}

/** Those that are cheap to tell alone where they allow nothing. */
function limitsOf(state: JobState, context: QuotaContext): readonly BudgetLimit[] {
  const { job, counts } = state;
  if (job.status.state !== 'accepted') return [{ allowed: 0, limitedBy: 'job-state', message: ENDING }];
  if (counts.started === 0)
    return [{ allowed: 0, limitedBy: 'job-state', message: 'No task of the job is started.' }];
  const { nowMs, selfManaged = SELF_MANAGED_FALLBACK } = context;
  const budgets = budgetsOf(job, selfManaged);
  if (!budgets.every(({ timeWindows }) => isOpen(timeWindows, nowMs)))
    return [
      {
        allowed: 0,
        limitedBy: 'time-window',
        message: 'The time windows of the budget are closed. Try again when one opens.',
      },
    ];
  const desired = desiredTasks(state);
  const isHealthy: IsHealthy | undefined = budgets.some(({ healthProviders }) => healthProviders.length > 0)
    ? context.isHealthy
    : undefined;
  return budgets
    .flatMap(({ policy, rate }) => [
      policyLimit(state, policy, desired, isHealthy),
      rateLimit(rate, desired, job.evictions, nowMs),
    ])
    .filter((limit) => limit !== undefined);
}
