/**
 * Crash loops: a chain of tasks each of which fails by itself soon after its start, or before. From `crashLoopFailures`
 * in a row on people hear of it and replacements are slowed, also where the retry policy would not wait. A task that
 * keeps running ends the loop.
 */
import type { TaskRecord } from '../model/task-record.ts';
import type { JobSpec } from '../spec/job-spec.ts';
import { endCause } from './end-cause.ts';
import { kindOf } from './job-kinds.ts';
import type { JobPolicy } from './job-policy.ts';
import { startedForMs } from './task-life.ts';

/** How much longer than the least delay the first delay of a loop is, as a power of two. */
const FIRST_SLOWDOWN = 3;

/** Beyond any delay; without an end the power would become infinite, and no number times a least delay of 0. */
const MOST_DOUBLINGS = 64;

/** Whether this finished task kept running for so long that its chain begins anew. */
export function isSteady(task: TaskRecord, policy: JobPolicy): boolean {
  return (startedForMs(task) ?? -1) >= policy.retryResetMs;
}

/** Quick failures of the chain with this finished task. */
export function quickFailuresAfter(task: TaskRecord, spec: JobSpec, policy: JobPolicy): number {
  const own = task.killReason === undefined && kindOf(spec).ownFailures.includes(endCause(task));
  return own && !isSteady(task, policy) ? task.quickFailures + 1 : 0;
}

export function isLoop(quickFailures: number, policy: JobPolicy): boolean {
  return quickFailures >= policy.crashLoopFailures;
}

/** Least delay after so many quick failures. */
export function crashLoopDelayMs(quickFailures: number, policy: JobPolicy): number {
  if (!isLoop(quickFailures, policy)) return 0;
  const doublings = quickFailures - policy.crashLoopFailures + FIRST_SLOWDOWN;
  return Math.min(
    policy.crashLoopMaxDelayMs,
    policy.minRetryDelayMs * 2 ** Math.min(doublings, MOST_DOUBLINGS),
  );
}

/** When a started task of a loop has shown that it keeps running; undefined where there is no loop. */
export function steadyAtMs({ status, quickFailures }: TaskRecord, policy: JobPolicy): number | undefined {
  return isLoop(quickFailures, policy) ? status.atMs + policy.retryResetMs : undefined;
}
