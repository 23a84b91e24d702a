/**
 * The one gate of evictions: the budget of the job and that of the system, both or neither. What the system allows is
 * taken here; the job counts its own in the step of `evict-task`, which the caller makes next.
 */
import type { Rejection } from '../errors.ts';
import type { JobState } from '../model/job-state.ts';
import type { TaskRef } from '../model/task-record.ts';
import { evictionRefusal, type QuotaContext } from './eviction-quota.ts';
import type { SystemEvictionQuota } from './system-quota.ts';

/**
 * Admits one eviction; undefined when it may happen, and then the system's budget has one less. Otherwise why not, with
 * every budget that is missing, and nothing has changed. Costs what `evictionQuota` does.
 * @throws StowageError INVALID_JOB_OPTION when `nowMs` is no time, or the fallback is self-managed itself
 * @public
 */
export function admitEviction(
  state: JobState,
  task: TaskRef,
  system: SystemEvictionQuota,
  context: QuotaContext,
): Rejection | undefined {
  const refusal = evictionRefusal(state, task, context);
  if (refusal !== undefined && refusal.code !== 'NO_EVICTION_QUOTA') return refusal;
  if (refusal === undefined && system.take(context.nowMs)) return undefined;
  const { allowed, message } = system.quota(context.nowMs);
  const missing = [...(refusal === undefined ? [] : [refusal.message]), ...(allowed > 0 ? [] : [message])];
  return { code: 'NO_EVICTION_QUOTA', message: missing.join(' ') };
}
