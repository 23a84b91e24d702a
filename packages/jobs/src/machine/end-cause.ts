/**
 * What a finished task ended of, as far as another try depends on it: the kill, when there was one, unless the task came
 * to its own good end before.
 */
import type { TaskEndReason } from '../model/task-reasons.ts';
import type { TaskRecord } from '../model/task-record.ts';

/** @param task - finished */
export function endCause({ status, killReason }: TaskRecord): TaskEndReason {
  const reason = status.reason as TaskEndReason;
  return reason === 'normal' ? reason : (killReason ?? reason);
}
