/**
 * What disruption policies allow. Availability is kept against the desired size: of the tasks that are started and
 * healthy, those above the floor may go. An unhealthy one counts the same as it goes, so that a wrong provider cannot
 * empty a job. After Titus, whose floors these are.
 */
import type { JobState } from '../model/job-state.ts';
import type { TaskRecord } from '../model/task-record.ts';
import { tasksIn } from '../model/task-slots.ts';
import type { DisruptionPolicy } from '../spec/job-spec.ts';
import type { BudgetLimit } from './budget-limit.ts';

export type IsHealthy = (task: TaskRecord) => boolean;

/**
 * How many tasks a job is meant to have: the desired ones of a service; those of a batch job that have not ended for
 * good. O(1).
 */
export function desiredTasks({ job: { spec }, counts }: JobState): number {
  if (spec.kind === 'service') return spec.capacity.desired;
  return spec.size - (counts.finished - counts.waiting);
}

/**
 * What a policy allows; undefined when it sets no limit. O(1) without `isHealthy`, else O(tasks), with one call per
 * started task; relocation limits O(tasks).
 * @param isHealthy - undefined: what is started is healthy
 */
export function policyLimit(
  state: JobState,
  policy: DisruptionPolicy,
  desired: number,
  isHealthy: IsHealthy | undefined,
): BudgetLimit | undefined {
  switch (policy.kind) {
    case 'selfManaged':
      return undefined;
    case 'relocations':
      return {
        allowed: startedTasks(state, (task) => !hasUsedRelocations(task, policy)),
        limitedBy: 'policy',
        message: `The budget of the job allows ${leastOne(policy.limit)} relocations of a task. Raise its limit, or replace the tasks by hand.`,
      };
    case 'availabilityPercentage':
    case 'unhealthyTasks': {
      if (desired < 2) return undefined;
      const floor = floorOf(policy, desired);
      const healthy = isHealthy === undefined ? state.counts.started : startedTasks(state, isHealthy);
      return {
        allowed: Math.max(0, healthy - floor),
        limitedBy: 'policy',
        message: `Of the job's ${desired} tasks ${Math.max(0, floor)} must stay healthy, and ${healthy} are. Try again when more are started and healthy.`,
      };
    }
  }
}

/** Whether a relocation limit lets this task go no more. */
export function hasUsedRelocations(task: TaskRecord, policy: DisruptionPolicy): boolean {
  return policy.kind === 'relocations' && task.evictionResubmits >= leastOne(policy.limit);
}

type HealthPolicy = Extract<DisruptionPolicy, { kind: 'availabilityPercentage' | 'unhealthyTasks' }>;

function floorOf(policy: HealthPolicy, desired: number): number {
  return policy.kind === 'unhealthyTasks'
    ? desired - leastOne(policy.limit)
    : Math.min(Math.ceil((policy.percentageOfHealthy * desired) / 100), desired - 1);
}

function leastOne(limit: number): number {
  return Math.max(1, limit);
}

function startedTasks({ slots }: JobState, counts: (task: TaskRecord) => boolean): number {
  let count = 0;
  for (const task of tasksIn(slots)) if (task.status.state === 'started' && counts(task)) count++;
  return count;
}
