/**
 * Asks the budget before each eviction, and keeps its own book of all that were let through, outside the machine and over
 * crashes. After each it checks by counting that the budget holds: no rolling window has more than its rate, availability
 * is not below its floor, no chain was relocated more often than it may be, and no window of time was closed.
 */
import { evictionQuota, evictionRefusal } from '../../src/disruption/eviction-quota.ts';
import type { JobState } from '../../src/model/job-state.ts';
import type { TaskRecord, TaskRef } from '../../src/model/task-record.ts';
import { taskAt, tasksIn } from '../../src/model/task-slots.ts';
import type { DisruptionBudget } from '../../src/spec/job-spec.ts';
import { must } from './step-checks.ts';

const HOUR_MS = 3_600_000;
/** Of the tasks of a job whose owner has not moved them, so many stay, in percent. */
const SELF_MANAGED_SHARE = 95;

interface Eviction {
  readonly jobId: string;
  readonly originalId: string;
  /** Never before an earlier one: what happened has happened, whatever the clock says later. */
  readonly atMs: number;
}

export class EvictionGuard {
  readonly #evictions: Eviction[] = [];

  admits(state: JobState, task: TaskRef, nowMs: number): boolean {
    const refusal = evictionRefusal(state, task, { nowMs });
    if (refusal === undefined) must(evictionQuota(state, { nowMs }).allowed > 0, 'admitted without a quota');
    return refusal === undefined;
  }

  /** @param before - the state in which the eviction was admitted */
  note(before: JobState, after: JobState, task: TaskRef, nowMs: number): void {
    const { id, spec } = before.job;
    const { originalId } = taskAt(before.slots, task.index)!;
    const atMs = Math.max(nowMs, ...this.#of(id).map((one) => one.atMs));
    this.#evictions.push({ jobId: id, originalId, atMs });
    const desired = spec.kind === 'service' ? spec.capacity.desired : spec.size - endedForGood(before);
    this.#checkRate(id, spec.disruptionBudget.rate, desired, atMs);
    checkAvailability(spec.disruptionBudget.policy, desired, after);
    this.#checkRelocations(spec.disruptionBudget.policy, originalId);
    checkHours(spec.disruptionBudget, nowMs);
  }

  #of(jobId: string): Eviction[] {
    return this.#evictions.filter((one) => one.jobId === jobId);
  }

  #checkRate(jobId: string, rate: DisruptionBudget['rate'], desired: number, atMs: number): void {
    if (rate.kind === 'unlimited') return;
    const intervalMs = rate.kind === 'percentagePerHour' ? HOUR_MS : rate.intervalMs;
    const most =
      rate.kind === 'perInterval' ? rate.limit : Math.max(1, Math.floor((desired * rate.percentage) / 100));
    const made = this.#of(jobId).filter((one) => one.atMs > atMs - intervalMs).length;
    must(made <= most, `${made} evictions in ${intervalMs} ms, ${most} are allowed`);
  }

  #checkRelocations(policy: DisruptionBudget['policy'], originalId: string): void {
    if (policy.kind !== 'relocations') return;
    const times = this.#evictions.filter((one) => one.originalId === originalId).length;
    must(times <= policy.limit, `${originalId} was relocated ${times} times, ${policy.limit} are allowed`);
  }
}

function endedForGood({ slots }: JobState): number {
  const isOver = ({ status, replaceAtMs }: TaskRecord) =>
    status.state === 'finished' && replaceAtMs === undefined;
  return [...tasksIn(slots)].filter(isOver).length;
}

function checkAvailability(policy: DisruptionBudget['policy'], desired: number, after: JobState): void {
  if (desired < 2) return;
  const share = policy.kind === 'selfManaged' ? SELF_MANAGED_SHARE : undefined;
  const started = [...tasksIn(after.slots)].filter(({ status }) => status.state === 'started').length;
  if (policy.kind === 'unhealthyTasks') {
    must(desired - started <= policy.limit, `${started} of ${desired}, ${policy.limit} may be missing`);
  }
  const percentage = policy.kind === 'availabilityPercentage' ? policy.percentageOfHealthy : share;
  if (percentage === undefined) return;
  // One may always go when all are there, or nothing could ever be moved.
  const enough = started * 100 >= percentage * desired || started >= desired - 1;
  must(enough, `${started} of ${desired}, ${percentage} % must stay`);
}

/** The windows of these tests are hours of the day in UTC. */
function checkHours({ timeWindows }: DisruptionBudget, nowMs: number): void {
  const hour = new Date(nowMs).getUTCHours();
  const isOpen = timeWindows.some(({ hours }) =>
    hours.some(({ startHour, endHour }) => startHour <= hour && hour < endHour),
  );
  must(timeWindows.length === 0 || isOpen, `evicted at ${hour} hours, when the windows are closed`);
}
