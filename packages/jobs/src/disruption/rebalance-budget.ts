/**
 * The budgets of jobs in the form in which the rebalancer of `@stowage/planning` takes them; by structure, so that neither
 * package knows the other. Migrations are meant for now: tasks whose owner must be told first do not take part.
 */
import type { JobState } from '../model/job-state.ts';
import type { TaskRef } from '../model/task-record.ts';
import { evictionQuota, type QuotaContext, taskRefusal } from './eviction-quota.ts';
import { isExempt } from './relocation-exemption.ts';

/** A `DisruptionBudget<Task>` of `@stowage/planning`; the groups are the jobs. @public */
export interface RebalanceBudget<Task> {
  readonly maxMigrations: number;
  readonly movable: (task: Task) => boolean;
  readonly groups: {
    readonly of: (task: Task) => string | undefined;
    readonly maxMigrations: (group: string) => number;
  };
}

/** @public */
export interface RebalanceContext<Task> extends QuotaContext {
  /** Which task of which job it is; undefined: of none, and then it stays where it is. */
  readonly taskOf: (task: Task) => { readonly jobId: string; readonly task: TaskRef } | undefined;
  /** What the system allows now. Default: no limit. */
  readonly systemAllowed?: number;
}

/**
 * The budget for one plan of the rebalancer, while nothing changes. Movable are started tasks of jobs that are not
 * self-managed, not exempt, and have quota. One `evictionQuota` per job.
 * @param jobs - active jobs by id
 * @public
 */
export function rebalanceBudget<Task>(
  jobs: (jobId: string) => JobState | undefined,
  context: RebalanceContext<Task>,
): RebalanceBudget<Task> {
  const { taskOf, systemAllowed = Infinity } = context;
  const quotas = new Map<string, number>();
  const quotaOf = (jobId: string): number => {
    const known = quotas.get(jobId);
    if (known !== undefined) return known;
    const state = jobs(jobId);
    const isIn =
      state !== undefined &&
      !isExempt(state) &&
      state.job.spec.disruptionBudget.policy.kind !== 'selfManaged';
    const quota = isIn ? evictionQuota(state, context).allowed : 0;
    quotas.set(jobId, quota);
    return quota;
  };
  return {
    maxMigrations: systemAllowed,
    movable: (task) => {
      const named = taskOf(task);
      if (named === undefined || quotaOf(named.jobId) === 0) return false;
      return taskRefusal(jobs(named.jobId)!, named.task, context) === undefined;
    },
    groups: { of: (task) => taskOf(task)?.jobId, maxMigrations: quotaOf },
  };
}
