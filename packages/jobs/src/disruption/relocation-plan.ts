/**
 * Plans which tasks leave their agents now. Needs come from outside, from drains, the rebalancer or agents with problems;
 * the budgets say how many may be served, the order of agents which. Owners of self-managed jobs are told first and have
 * their time. Pure: what has to be remembered is handed from plan to plan. After Titus' relocation service.
 *
 * Nobody starves: what was passed over for `patienceMs` while there was quota goes first, oldest first.
 */
import { grouped } from '../grouped.ts';
import { countOption, timeOption } from '../option-checks.ts';
import type { JobState } from '../model/job-state.ts';
import { taskAt } from '../model/task-slots.ts';
import { byText, type Move, serveEmptiestFirst } from './emptiest-first.ts';
import { taskRefusal } from './eviction-quota.ts';
import { PlanBudget } from './plan-budget.ts';
import type {
  CancelledRelocation,
  PendingRelocation,
  RelocationContext,
  RelocationMemory,
  RelocationNeed,
  RelocationPlan,
} from './relocation-need.ts';
import { isExempt } from './relocation-exemption.ts';

/**
 * One plan. A need is served when its task is started; until then, and where the relocation limit of its job keeps it, it
 * counts as left on its agent. Needs of tasks that are gone, not placed yet, or exempt are passed by.
 * O(needs · log needs), one `evictionQuota` per job, and one more pass for each moment at which overdue needs were first
 * passed over.
 * @param memory - of the plan before; `NO_RELOCATIONS` for the first
 * @param needs - all that hold now, in any order; of several for one task the first counts, immediate if any is
 * @throws StowageError INVALID_JOB_OPTION
 * @public
 */
export function planRelocations(
  memory: RelocationMemory,
  needs: readonly RelocationNeed[],
  context: RelocationContext,
): RelocationPlan {
  const { nowMs, systemAllowed = Infinity, patienceMs = 3_600_000 } = context;
  timeOption(nowMs);
  if (systemAllowed !== Infinity) countOption(systemAllowed, 0, 'systemAllowed of the plan');
  countOption(patienceMs, 0, 'patienceMs of the plan');
  const known = new Map(memory.pending.map((relocation) => [relocation.task.taskId, relocation]));
  const moves = mergedByTask(needs).flatMap(
    (need) => moveOf(need, known.get(need.task.taskId), context) ?? [],
  );
  moves.sort(byAge);

  const budget = new PlanBudget(systemAllowed, context);
  const hadQuota = new Set(moves.filter(({ isDue, state }) => isDue && budget.leftOf(state) > 0));
  const served = new Set<Move>();
  const byAgent = grouped(moves, ({ relocation }) => relocation.agentId);
  for (const turn of [...overdueTurns(moves, nowMs - patienceMs), moves]) {
    const agents = new Set(turn.map(({ relocation }) => relocation.agentId));
    const there = [...agents].flatMap((id) => byAgent.get(id)!.filter((move) => !served.has(move)));
    const inTurn = new Set(turn);
    for (const move of serveEmptiestFirst(there, budget, (each) => inTurn.has(each))) served.add(move);
  }

  const pending = moves.map((move) => {
    const isPassedOver = hadQuota.has(move) && !served.has(move);
    return isPassedOver
      ? { ...move.relocation, passedOverMs: move.relocation.passedOverMs ?? nowMs }
      : move.relocation;
  });
  pending.sort(byTask);
  return {
    memory: { pending },
    announced: pending.filter(
      ({ task, deadlineMs }) => deadlineMs !== undefined && known.get(task.taskId)?.deadlineMs === undefined,
    ),
    evictions: [...served].map(({ relocation }) => relocation),
    cancelled: cancelledOf(memory, pending, context),
  };
}

function mergedByTask(needs: readonly RelocationNeed[]): RelocationNeed[] {
  const byId = new Map<string, RelocationNeed>();
  for (const need of needs) {
    const { taskId } = need.task;
    const first = byId.get(taskId) ?? need;
    byId.set(taskId, need.immediately === true ? { ...first, immediately: true } : first);
  }
  return [...byId.values()];
}

/** Undefined where there is nothing to move. */
function moveOf(
  { jobId, task: ref, agentId, reason, immediately = false }: RelocationNeed,
  known: PendingRelocation | undefined,
  context: RelocationContext,
): Move | undefined {
  const { nowMs } = context;
  const state = context.job(jobId);
  if (state === undefined || isExempt(state) || !isOnAgent(state, ref)) return undefined;
  const { policy } = state.job.spec.disruptionBudget;
  const hasTime = policy.kind === 'selfManaged' && !immediately;
  const deadlineMs = known?.deadlineMs ?? (hasTime ? nowMs + policy.relocationTimeMs : undefined);
  return {
    relocation: {
      jobId,
      task: { index: ref.index, taskId: ref.taskId },
      agentId,
      reason,
      sinceMs: known?.sinceMs ?? nowMs,
      deadlineMs,
      passedOverMs: known?.passedOverMs,
    },
    state,
    isDue: (!hasTime || deadlineMs! <= nowMs) && taskRefusal(state, ref, context) === undefined,
  };
}

/** Has a place, and nobody is taking it away. */
function isOnAgent(state: JobState, { index, taskId }: RelocationNeed['task']): boolean {
  const task = taskAt(state.slots, index);
  if (state.job.status.state !== 'accepted' || task?.id !== taskId) return false;
  const { state: name } = task.status;
  return name === 'launched' || name === 'start-initiated' || name === 'started';
}

/** Needs passed over since this moment or before, those of one moment together. */
function overdueTurns(moves: readonly Move[], sinceMs: number): Move[][] {
  const overdue = moves.filter(({ relocation: { passedOverMs = Infinity } }) => passedOverMs <= sinceMs);
  return [...grouped(overdue, ({ relocation }) => relocation.passedOverMs!)]
    .sort(([a], [b]) => a - b)
    .map(([, turn]) => turn);
}

function cancelledOf(
  memory: RelocationMemory,
  pending: readonly PendingRelocation[],
  context: RelocationContext,
): CancelledRelocation[] {
  const kept = new Set(pending.map(({ task }) => task.taskId));
  return memory.pending
    .filter(({ task, deadlineMs }) => deadlineMs !== undefined && !kept.has(task.taskId))
    .map((relocation): CancelledRelocation => {
      const state = context.job(relocation.jobId);
      const isThere = state !== undefined && isOnAgent(state, relocation.task);
      return { ...relocation, cause: isThere ? 'no-need' : 'task-gone' };
    })
    .sort(byTask);
}

function byTask(a: PendingRelocation, b: PendingRelocation): number {
  return byText(a.task.taskId, b.task.taskId);
}

function byAge({ relocation: a }: Move, { relocation: b }: Move): number {
  return a.sinceMs - b.sinceMs || byTask(a, b);
}
