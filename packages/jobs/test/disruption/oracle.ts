/** The rules of disruption budgets, taken literally: what one more eviction would breach. */
import fc from 'fast-check';
import type { JobState } from '../../src/model/job-state.ts';
import type { TaskRecord } from '../../src/model/task-record.ts';
import { tasksIn } from '../../src/model/task-slots.ts';
import type {
  DisruptionBudget,
  DisruptionPolicy,
  DisruptionRate,
  TimeWindow,
} from '../../src/spec/job-spec.ts';
import { HOUR_MS, jobOf, type TaskSketch } from './fixtures.ts';

/** Open from 8 to 16 on every day, by UTC. */
export const OFFICE_HOURS: TimeWindow = {
  days: [],
  hours: [{ startHour: 8, endHour: 16 }],
  timeZone: 'UTC',
};

/** Whether a policy would hold with so many healthy tasks. */
export function holds(policy: DisruptionPolicy, desired: number, healthy: number): boolean {
  switch (policy.kind) {
    case 'availabilityPercentage':
      return desired < 2 || healthy * 100 >= policy.percentageOfHealthy * desired || healthy >= desired - 1;
    case 'unhealthyTasks':
      return desired < 2 || desired - healthy <= policy.limit;
    case 'selfManaged':
    case 'relocations':
      return true;
  }
}

/** Most evictions in a window, and its length. */
export function rateOf(rate: DisruptionRate, desired: number): { most: number; intervalMs: number } {
  switch (rate.kind) {
    case 'unlimited':
      return { most: Infinity, intervalMs: 1 };
    case 'perInterval':
      return { most: rate.limit, intervalMs: rate.intervalMs };
    case 'percentagePerHour':
    case 'percentagePerInterval': {
      let most = 1;
      while ((most + 1) * 100 <= rate.percentage * desired) most++;
      return { most, intervalMs: rate.kind === 'percentagePerHour' ? HOUR_MS : rate.intervalMs };
    }
  }
}

/** Tasks that are meant to be there. */
export function desiredOf({ job: { spec }, slots }: JobState): number {
  if (spec.kind === 'service') return spec.capacity.desired;
  const tasks = [...tasksIn(slots)];
  return spec.size - tasks.filter((task) => task.status.state === 'finished' && !task.replaceAtMs).length;
}

export function startedIn(state: JobState): TaskRecord[] {
  return [...tasksIn(state.slots)].filter(({ status }) => status.state === 'started');
}

/** Largest number of evictions, found by counting up, that breaches nothing. */
export function literalQuota(
  state: JobState,
  budget: DisruptionBudget,
  nowMs: number,
  isHealthy: (task: TaskRecord) => boolean,
): number {
  const { policy, rate, timeWindows } = budget;
  const hour = Math.floor(nowMs / HOUR_MS) % 24;
  if (state.job.status.state !== 'accepted') return 0;
  if (timeWindows.length > 0 && (hour < 8 || hour >= 16)) return 0;
  const desired = desiredOf(state);
  const running = startedIn(state);
  const healthy = running.filter((task) => budget.healthProviders.length === 0 || isHealthy(task)).length;
  const movable =
    policy.kind === 'relocations'
      ? running.filter((task) => task.evictionResubmits < policy.limit).length
      : running.length;
  const { most, intervalMs } = rateOf(rate, desired);
  const made = state.job.evictions
    .filter(({ atMs }) => nowMs - intervalMs < atMs)
    .reduce((sum, { count }) => sum + count, 0);
  let quota = 0;
  while (quota < movable && made + quota + 1 <= most && holds(policy, desired, healthy - quota - 1)) quota++;
  return quota;
}

export const anyRate: fc.Arbitrary<DisruptionRate> = fc.oneof(
  fc.constant({ kind: 'unlimited' } as const),
  fc.record({ kind: fc.constant('percentagePerHour' as const), percentage: fc.nat(100) }),
  fc.record({
    kind: fc.constant('perInterval' as const),
    intervalMs: fc.integer({ min: 1, max: HOUR_MS }),
    limit: fc.integer({ min: 1, max: 5 }),
  }),
  fc.record({
    kind: fc.constant('percentagePerInterval' as const),
    intervalMs: fc.integer({ min: 1, max: HOUR_MS }),
    percentage: fc.nat(100),
  }),
);

/** All but self-managed. */
export const anyPolicy: fc.Arbitrary<Exclude<DisruptionPolicy, { kind: 'selfManaged' }>> = fc.oneof(
  fc.record({ kind: fc.constant('availabilityPercentage' as const), percentageOfHealthy: fc.nat(100) }),
  fc.record({ kind: fc.constant('unhealthyTasks' as const), limit: fc.integer({ min: 1, max: 12 }) }),
  fc.record({ kind: fc.constant('relocations' as const), limit: fc.integer({ min: 1, max: 3 }) }),
);

export const anyBudget = fc.record({
  policy: anyPolicy,
  rate: anyRate,
  timeWindows: fc.constantFrom<TimeWindow[]>([], [OFFICE_HOURS]),
  healthProviders: fc.constantFrom<string[]>([], ['checker']),
});

const anyTask: fc.Arbitrary<TaskSketch> = fc.record({
  state: fc.oneof(
    { weight: 5, arbitrary: fc.constant('started' as const) },
    {
      weight: 2,
      arbitrary: fc.constantFrom('accepted', 'launched', 'start-initiated', 'kill-initiated', 'finished'),
    },
  ),
  evictionResubmits: fc.nat(3),
  isWaiting: fc.boolean(),
});

/** A job of up to 20 tasks in any states, with evictions in the past two hours. */
export const anyJob = (budget: fc.Arbitrary<DisruptionBudget>): fc.Arbitrary<JobState> =>
  fc
    .record({
      budget,
      kind: fc.constantFrom('batch' as const, 'service' as const),
      tasks: fc.array(anyTask, { maxLength: 20, size: 'max' }),
      surplus: fc.integer({ min: -3, max: 3 }),
      evictions: fc.array(
        fc.record({
          atMs: fc.integer({ min: 8 * HOUR_MS, max: 10 * HOUR_MS }),
          count: fc.integer({ min: 1, max: 2 }),
        }),
        { maxLength: 4 },
      ),
      status: fc.oneof(
        { weight: 9, arbitrary: fc.constant('accepted' as const) },
        { weight: 1, arbitrary: fc.constant('kill-initiated' as const) },
      ),
    })
    .map(({ kind, surplus, evictions, ...rest }) =>
      jobOf({
        ...rest,
        kind,
        evictions: evictions.sort((a, b) => a.atMs - b.atMs),
        desired: Math.max(0, rest.tasks.length + (kind === 'batch' ? 0 : surplus)),
      }),
    );
