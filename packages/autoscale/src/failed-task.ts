/**
 * The tasks that found no agent, read once, checked, and put into an order of their own: longest waiting first, then by
 * id. That is the order in which they are given room, whatever the order of the input.
 */
import type { TaskSpec } from '@stowage/core';
import { requireAmount, requireArray, requireFinite, requireObject, requireText } from './checks.ts';
import { fail } from './errors.ts';
import type { FailureKind } from './failure-kinds.ts';
import { byText } from './order.ts';

/** @public */
export interface FailedTask {
  /** The task as it was given to the scheduler. When it is pinned to an agent, it calls for no other. */
  readonly task: TaskSpec;
  /** Why it failed. */
  readonly kind: FailureKind;
  readonly waitingSinceMs: number;
  /** How long it may wait. Default: the auto-scaler's `taskSloMs`. */
  readonly sloMs?: number;
  /** Pools to grow for it, at least one; those without a rule are passed over. Default: any. */
  readonly pools?: readonly string[];
}

const CODE = 'INVALID_AUTOSCALE_INPUT';

/** Checked tasks, longest waiting first, then by id. */
export function readFailedTasks(given: unknown): FailedTask[] {
  const ids = new Set<string>();
  const tasks = requireArray<FailedTask>(CODE, 'failedTasks', given).map((failed) => {
    const { task, kind, waitingSinceMs, sloMs, pools } = requireObject<FailedTask>(
      CODE,
      'a failed task',
      failed,
    );
    const id = requireText(CODE, 'task id', requireObject<TaskSpec>(CODE, 'task of a failed task', task).id);
    const what = `failed task "${id}"`;
    if (ids.has(id)) fail(CODE, `${what} is given twice; give every task once.`);
    ids.add(id);
    requireText(CODE, `kind of ${what}`, kind);
    requireFinite(CODE, `waitingSinceMs of ${what}`, waitingSinceMs);
    if (sloMs !== undefined) requireAmount(CODE, `sloMs of ${what}`, sloMs);
    if (pools !== undefined) {
      if (requireArray(CODE, `pools of ${what}`, pools).length === 0)
        fail(CODE, `pools of ${what} is empty; leave it out when any pool will do.`);
      for (const pool of pools) requireText(CODE, `a pool of ${what}`, pool);
    }
    return failed;
  });
  return tasks.sort((a, b) => a.waitingSinceMs - b.waitingSinceMs || byText(a.task.id, b.task.id));
}

/** Whether a task may grow a pool. */
export function mayGrow({ pools }: FailedTask, pool: string): boolean {
  return pools === undefined || pools.includes(pool);
}
