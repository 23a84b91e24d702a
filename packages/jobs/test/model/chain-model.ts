/**
 * What follows the end of a task: whether there is another try, when, and what the next one takes over. Written from the
 * contract of the job managers, one rule after the other.
 */
import type { JobPolicy } from '../../src/machine/job-policy.ts';
import { RETRY_VERDICTS } from '../../src/model/task-reasons.ts';
import type { JobSpec, RetryPolicy } from '../../src/spec/job-spec.ts';
import { endReasonOf, type Lineage, type ModelTask, sinceMs } from './model-task.ts';

export interface Succession {
  readonly delayMs: number;
  readonly lineage: Lineage;
}

/** Of services everything but what was scaled down; of batch jobs as the verdicts and the retries say. */
export function isTriedAgain(task: ModelTask, spec: JobSpec): boolean {
  if (spec.kind === 'service') return task.killReason !== 'scaled-down';
  const reason = endReasonOf(task);
  const verdict =
    reason === 'runtime-limit-exceeded' && spec.retryOnRuntimeLimit ? 'counted' : RETRY_VERDICTS[reason];
  const counted = task.resubmits - task.systemResubmits - task.evictionResubmits;
  return verdict === 'uncounted' || (verdict === 'counted' && counted < spec.retryPolicy.retries);
}

/** How long it was started before anything else happened to it; undefined when it never was. */
function startedForMs(task: ModelTask): number | undefined {
  const at = task.transitions.findIndex(({ state }) => state === 'started');
  return at < 0 ? undefined : task.transitions[at + 1].atMs - task.transitions[at].atMs;
}

export function ranLongEnough(task: ModelTask, policy: JobPolicy): boolean {
  return (startedForMs(task) ?? -1) >= policy.retryResetMs;
}

const OWN_FAULTS = ['failed', 'out-of-memory', 'crashed'];

function isQuickFailure(task: ModelTask, spec: JobSpec, policy: JobPolicy): boolean {
  if (task.killReason !== undefined || ranLongEnough(task, policy)) return false;
  const reason = endReasonOf(task);
  if (OWN_FAULTS.includes(reason)) return true;
  return spec.kind === 'service' && (reason === 'invalid-request' || reason === 'normal');
}

/** Delay now, and the one that the chain goes on with. */
type Delays = readonly [number, number | undefined];

/** From what the chain has come to, never outside the range. */
function doubling(delayMs: number | undefined, minMs: number, maxMs: number): Delays {
  const now = Math.min(Math.max(delayMs ?? minMs, minMs), maxMs);
  return [now, Math.min(2 * now, maxMs)];
}

function userDelays(policy: RetryPolicy, delayMs: number | undefined): Delays {
  switch (policy.kind) {
    case 'immediate':
      return [0, delayMs];
    case 'delayed':
      return [delayMs === undefined ? policy.initialDelayMs : policy.delayMs, policy.delayMs];
    case 'exponential':
      return doubling(delayMs, policy.initialDelayMs, policy.maxDelayMs);
  }
}

/** @param task - finished, to be tried again */
export function successionOf(task: ModelTask, spec: JobSpec, policy: JobPolicy): Succession {
  const reason = endReasonOf(task);
  const evicted = task.killReason === 'evicted';
  const system = !evicted && RETRY_VERDICTS[reason] === 'uncounted';
  const reset = ranLongEnough(task, policy);
  const quickFailures = isQuickFailure(task, spec, policy) ? task.quickFailures + 1 : 0;
  const lineage = {
    resubmitOf: task.id,
    resubmits: task.resubmits + 1,
    systemResubmits: task.systemResubmits + (system ? 1 : 0),
    evictionResubmits: task.evictionResubmits + (evicted ? 1 : 0),
    quickFailures,
    delayMs: reset ? undefined : task.delayMs,
  };
  if (reset || reason === 'evicted') return { delayMs: 0, lineage };
  const [own, next] = system
    ? doubling(task.delayMs, policy.systemRetryMinMs, policy.systemRetryMaxMs)
    : userDelays(spec.retryPolicy, task.delayMs);
  const floor = system ? own : Math.max(own, policy.minRetryDelayMs);
  const loop =
    quickFailures < policy.crashLoopFailures
      ? 0
      : Math.min(
          policy.crashLoopMaxDelayMs,
          policy.minRetryDelayMs * 2 ** (quickFailures - policy.crashLoopFailures + 3),
        );
  return { delayMs: Math.max(floor, loop), lineage: { ...lineage, delayMs: next } };
}

/** When its time in its state is over; undefined where there is no limit. */
export function dueMs(
  task: ModelTask,
  spec: JobSpec,
  policy: JobPolicy,
  restoredAtMs: number,
): number | undefined {
  const heardMs = Math.max(sinceMs(task), restoredAtMs);
  switch (task.transitions[task.transitions.length - 1].state) {
    case 'accepted':
      return undefined;
    case 'launched':
      return heardMs + policy.launchedTimeoutMs;
    case 'start-initiated':
      return heardMs + (spec.kind === 'batch' ? policy.batchStartTimeoutMs : policy.serviceStartTimeoutMs);
    case 'started':
      return least(runtimeEndMs(task, spec), steadyAtMs(task, policy));
    case 'kill-initiated':
      return Math.max(task.killedAtMs ?? heardMs, heardMs) + policy.killTimeoutMs;
    case 'finished':
      return task.replaceAtMs;
  }
}

/** Of a started task: when it has run as long as it may. No crash of ours gives it more time. */
export function runtimeEndMs(task: ModelTask, spec: JobSpec): number | undefined {
  return spec.kind === 'batch' ? sinceMs(task) + Math.max(60_000, spec.runtimeLimitMs) : undefined;
}

/** Of a started task of a crash loop: when the loop is over. */
export function steadyAtMs(task: ModelTask, policy: JobPolicy): number | undefined {
  return task.quickFailures >= policy.crashLoopFailures ? sinceMs(task) + policy.retryResetMs : undefined;
}

function least(...times: (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}
