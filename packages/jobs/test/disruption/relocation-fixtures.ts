/** Needs, worlds of jobs to plan for, and the order of agents taken literally. */
import fc from 'fast-check';
import { evictionQuota } from '../../src/disruption/eviction-quota.ts';
import type {
  PendingRelocation,
  RelocationContext,
  RelocationNeed,
  RelocationPlan,
} from '../../src/disruption/relocation-need.ts';
import type { FallbackBudget } from '../../src/disruption/self-managed.ts';
import type { JobState } from '../../src/model/job-state.ts';
import { taskAt, tasksIn } from '../../src/model/task-slots.ts';
import type { DisruptionBudget } from '../../src/spec/job-spec.ts';
import { budget, HOUR_MS, jobOf, NO_FLOOR, refOf } from './fixtures.ts';
import { anyBudget, anyJob } from './oracle.ts';

export const NOW_MS = 10 * HOUR_MS;
export const FREE = budget(NO_FLOOR);
const FREE_FALLBACK: FallbackBudget = { ...FREE, policy: NO_FLOOR };
export const ONE_AN_HOUR = budget(NO_FLOOR, { kind: 'perInterval', intervalMs: HOUR_MS, limit: 1 });
export const selfManaged = (relocationTimeMs: number): DisruptionBudget =>
  budget({ kind: 'selfManaged', relocationTimeMs });

export function contextOf(
  states: readonly JobState[],
  rest: Partial<RelocationContext> = {},
): RelocationContext {
  const byId = new Map(states.map((state) => [state.job.id, state]));
  return { nowMs: NOW_MS, job: (id) => byId.get(id), selfManaged: FREE_FALLBACK, ...rest };
}

/** Needs of all tasks of a job, those of each agent in one string: `needsOf(job, 'aab')` are two on a, one on b. */
export function needsOf(
  state: JobState,
  agents: string,
  rest: Partial<RelocationNeed> = {},
): RelocationNeed[] {
  return [...agents].map((agentId, index) => ({
    jobId: state.job.id,
    task: refOf(state, index),
    agentId,
    reason: 'drain',
    ...rest,
  }));
}

export const idsOf = (relocations: readonly PendingRelocation[]): string[] =>
  relocations.map(({ task }) => task.taskId);

/** Jobs `j0`, `j1`, … with any budgets, also self-managed ones whose time is up at once. */
const anyJobs = fc
  .array(
    anyJob(
      fc.oneof(
        anyBudget,
        fc.tuple(anyBudget, fc.constantFrom(0, 1000)).map(([rest, relocationTimeMs]) => ({
          ...rest,
          policy: { kind: 'selfManaged' as const, relocationTimeMs },
        })),
      ),
    ),
    { minLength: 1, maxLength: 4 },
  )
  .map((jobs) =>
    jobs.map((state, at) =>
      jobOf({
        id: `j${at}`,
        kind: state.job.spec.kind,
        budget: state.job.spec.disruptionBudget,
        status: state.job.status.state,
        evictions: state.job.evictions,
        tasks: [...tasksIn(state.slots)].map((task) => ({
          state: task.status.state,
          evictionResubmits: task.evictionResubmits,
        })),
      }),
    ),
  );

/** Needs of their tasks, some stated twice, some of tasks and jobs that are not there. */
const anyNeeds = (jobs: readonly JobState[]): fc.Arbitrary<RelocationNeed[]> =>
  fc.array(
    fc
      .record({
        at: fc.nat(4 * jobs.length),
        any: fc.nat(100),
        agentId: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
        immediately: fc.boolean(),
      })
      .map(({ at, any, agentId, immediately }) => {
        const jobId = at === 0 ? 'none' : `j${at % jobs.length}`;
        const index = any % ((jobs[at % jobs.length]?.slots.length ?? 0) + 1);
        const task = { index, taskId: `${jobId}.${index + 1}` };
        return { jobId, task, agentId, reason: 'drain' as const, immediately };
      }),
    { maxLength: 40, size: 'max' },
  );

export const anyWorld = anyJobs.chain((jobs) =>
  fc.record({ jobs: fc.constant(jobs), needs: anyNeeds(jobs), systemAllowed: fc.nat(12) }),
);

/** The order taken literally: of all agents not served yet, the one with the fewest left, then by id. */
export function evictionsLookingAnew(
  plan: RelocationPlan,
  needs: readonly RelocationNeed[],
  context: RelocationContext,
): string[] {
  let systemLeft = context.systemAllowed!;
  const quotas = new Map<string, number>();
  const quotaOf = (jobId: string): number =>
    quotas.get(jobId) ?? evictionQuota(context.job(jobId)!, context).allowed;
  const isDue = ({ jobId, task, deadlineMs }: PendingRelocation): boolean => {
    const { slots, job } = context.job(jobId)!;
    const record = taskAt(slots, task.index)!;
    const { policy } = job.spec.disruptionBudget;
    const isUrgent = needs.some((need) => need.task.taskId === task.taskId && need.immediately);
    const isLimited = policy.kind === 'relocations' && record.evictionResubmits >= policy.limit;
    const hasTime = policy.kind === 'selfManaged' && !isUrgent && deadlineMs! > context.nowMs;
    return record.status.state === 'started' && !isLimited && !hasTime;
  };
  const agents = [...new Set(plan.memory.pending.map(({ agentId }) => agentId))].sort();
  const order: string[] = [];
  while (agents.length > 0) {
    const options = agents.map((agentId) => {
      const all = plan.memory.pending.filter((each) => each.agentId === agentId);
      const used = new Map<string, number>();
      const going: PendingRelocation[] = [];
      for (const each of all.filter(isDue)) {
        const of = used.get(each.jobId) ?? 0;
        if (going.length >= systemLeft || of >= quotaOf(each.jobId)) continue;
        used.set(each.jobId, of + 1);
        going.push(each);
      }
      return { agentId, going, left: all.length - going.length };
    });
    const best = options.reduce((a, b) => (b.left < a.left ? b : a));
    for (const { jobId, task } of best.going) {
      quotas.set(jobId, quotaOf(jobId) - 1);
      systemLeft--;
      order.push(task.taskId);
    }
    agents.splice(agents.indexOf(best.agentId), 1);
  }
  return order;
}
