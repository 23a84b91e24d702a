/**
 * A task on its way through the service: what the queue, the limits, the engine and the auto-scaler must know of it.
 */
import type { TaskSpec } from '@stowage/core';
import type { Amounts, QueuedTask } from '@stowage/queues';
import { show } from '@stowage/core';
import { fail } from './errors.ts';

/** @public */
export interface ServiceTask extends TaskSpec {
  /** Tier of the queue, 0 first. */
  readonly tier: number;
  /** Capacity group. */
  readonly bucket: string;
  /** Group of `limits`. Default: the bucket. */
  readonly group?: string;
  /** Not placed before this time. Default: at once. */
  readonly readyAtMs?: number;
  /** Agent pools that may grow for it. Default: any. */
  readonly pools?: readonly string[];
  /** How long it may wait before it counts as late for the auto-scaler. */
  readonly sloMs?: number;
}

/** A service task as the queue holds it. @public */
export interface QueuedServiceTask extends QueuedTask {
  /** A copy of what was submitted. */
  readonly task: ServiceTask;
  /** The group of limits that it counts for. */
  readonly group: string;
}

/**
 * The queue's part of a task: its amounts of scalar resources. What the scheduler reads of it is checked there.
 * @throws StowageError INVALID_SERVICE_TASK
 */
export function toQueued(task: ServiceTask): QueuedServiceTask {
  const given: unknown = task;
  if (typeof given !== 'object' || given === null || typeof task.resources !== 'object')
    fail('INVALID_SERVICE_TASK', `the task is ${show(given)}; give { id, tier, bucket, resources }.`);
  const { id, tier, bucket, resources, readyAtMs, group = bucket, pools, sloMs } = task;
  if (typeof group !== 'string' || group === '')
    fail('INVALID_SERVICE_TASK', `the group of the task is ${show(group)}; give a non-empty string.`);
  if (pools !== undefined && !isPoolList(pools))
    fail('INVALID_SERVICE_TASK', `the pools of the task are ${show(pools)}; give names, or leave it out.`);
  if (sloMs !== undefined && !(Number.isFinite(sloMs) && sloMs >= 0))
    fail('INVALID_SERVICE_TASK', `sloMs of the task is ${show(sloMs)}; give milliseconds, at least 0.`);
  const queued = { id, tier, bucket, resources: scalarAmounts(resources ?? {}), group, task: { ...task } };
  return readyAtMs === undefined ? queued : { ...queued, readyAtMs };
}

/** A copy without the demands for slots. */
function scalarAmounts(resources: ServiceTask['resources']): Amounts {
  for (const name of Object.keys(resources)) {
    if (typeof resources[name] !== 'object') continue;
    const amounts = Object.entries(resources).filter(([, amount]) => typeof amount !== 'object');
    return Object.fromEntries(amounts) as Amounts;
  }
  return { ...resources } as Amounts;
}

function isPoolList(pools: unknown): boolean {
  return (
    Array.isArray(pools) && pools.length > 0 && pools.every((pool) => typeof pool === 'string' && pool !== '')
  );
}
