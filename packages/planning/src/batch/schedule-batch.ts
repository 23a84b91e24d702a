/**
 * Places a whole queue at once. A plan made for all tasks together proposes agents, the engine checks and books them;
 * what it refuses is placed the ordinary way. The ordinary way for all is tried first and undone, so that the plan is
 * kept only where it is no worse, and so that bad input is refused as `schedule` refuses it.
 */
import type { Scheduler, ScheduleOptions, ScheduleResult, TaskSpec } from '@stowage/core';
import { planBatch } from './batch-plan.ts';
import { requireObject } from '../guarded.ts';
import type { PackingOptions } from './work-budget.ts';

/** @public */
export interface BatchOptions extends ScheduleOptions, PackingOptions {}

/**
 * Places tasks like `Scheduler.schedule`, but knowing all of them: as many as possible, on as few agents that run
 * nothing yet as possible. Constraints, resource sets, taints and agents that tasks are pinned to hold as always; the
 * default fitness decides only about tasks for which the plan has no agent. Never places fewer tasks than `schedule`
 * would, nor as many on more agents.
 *
 * The plan looks at scalar resources only: where constraints leave most tasks few agents, it gains little. O(tasks ·
 * agents), then as long as the budget lasts.
 *
 * @returns placements and failures, each in the order of the tasks
 * @throws StowageError as `Scheduler.schedule`, INVALID_PLANNING_OPTION, PLANNING_CALLBACK_FAILED; then nothing has
 * changed
 * @public
 */
export function scheduleBatch(
  scheduler: Scheduler,
  tasks: readonly TaskSpec[],
  options: BatchOptions = {},
): ScheduleResult {
  requireObject('the options of scheduleBatch', options);
  const { reserve, allOrNothing, ...packing } = options;
  const plain = attempt(
    scheduler,
    () => scheduler.schedule(tasks, { reserve }),
    () => false,
  );
  const idle = new Set(
    scheduler.agentStatuses().flatMap(({ id, taskCount }) => (taskCount === 0 ? [id] : [])),
  );
  const planned = attempt(
    scheduler,
    () => placePlanned(scheduler, tasks, { reserve }, packing),
    (result) =>
      (allOrNothing !== true || result.failures.length === 0) && !isWorse(result, plain.result, idle),
  );
  return planned.kept ? inOrder(tasks, planned.result) : scheduler.schedule(tasks, { reserve, allOrNothing });
}

/** Acts in a transaction and keeps what happened if the result is wanted. */
function attempt(
  scheduler: Scheduler,
  act: () => ScheduleResult,
  isWanted: (result: ScheduleResult) => boolean,
): { readonly result: ScheduleResult; readonly kept: boolean } {
  const { engine } = scheduler;
  const depth = engine.transactionDepth;
  scheduler.begin();
  try {
    const result = act();
    const kept = isWanted(result);
    if (kept) scheduler.commit();
    return { result, kept };
  } finally {
    while (engine.transactionDepth > depth) scheduler.rollback();
  }
}

/** Pinned tasks first, since they have no choice. @returns placements in the order of booking */
function placePlanned(
  scheduler: Scheduler,
  tasks: readonly TaskSpec[],
  options: ScheduleOptions,
  packing: PackingOptions,
): ScheduleResult {
  const pinned = tasks.filter(({ agent }) => agent !== undefined);
  const free = tasks.filter(({ agent }) => agent === undefined);
  const ofPinned = scheduler.schedule(pinned, options);
  const agentOf = planBatch(scheduler, free, packing);
  const proposed = free.flatMap((task) => {
    const agent = agentOf.get(task.id);
    return agent === undefined ? [] : [{ ...task, agent }];
  });
  const ofPlan = scheduler.schedule(proposed, options);
  const placed = new Set(ofPlan.placements.map(({ task }) => task));
  const rest = free.filter(({ id }) => !placed.has(id));
  const ofRest = scheduler.schedule(rest, options);
  return {
    placements: [...ofPinned.placements, ...ofPlan.placements, ...ofRest.placements],
    failures: [...ofPinned.failures, ...ofRest.failures],
  };
}

function isWorse(result: ScheduleResult, other: ScheduleResult, idle: ReadonlySet<string>): boolean {
  const opened = ({ placements }: ScheduleResult): number =>
    new Set(placements.flatMap(({ agent }) => (idle.has(agent) ? [agent] : []))).size;
  const fewer = other.placements.length - result.placements.length;
  return fewer > 0 || (fewer === 0 && opened(result) > opened(other));
}

function inOrder(tasks: readonly TaskSpec[], { placements, failures }: ScheduleResult): ScheduleResult {
  const order = new Map(tasks.map(({ id }, i) => [id, i]));
  const compare = (a: { task: string }, b: { task: string }): number =>
    order.get(a.task)! - order.get(b.task)!;
  return { placements: placements.toSorted(compare), failures: failures.toSorted(compare) };
}
