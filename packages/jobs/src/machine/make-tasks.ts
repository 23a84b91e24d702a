/**
 * The tasks that a job lacks: replacements that are due and indexes that have no task, lowest index first, as far as the
 * limit of tasks that are not started allows. The counts say whether there is anything to look for.
 */
import { RETRY_VERDICTS } from '../model/task-reasons.ts';
import { notStartedCount, occupiedCount } from '../model/task-counts.ts';
import type { TaskRecord } from '../model/task-record.ts';
import { quickFailuresAfter } from './crash-loop.ts';
import { endCause } from './end-cause.ts';
import type { JobDraft } from './job-draft.ts';
import { retryDelay } from './retry-delay.ts';
import { acceptedTask, type NewTaskRecord } from './task-life.ts';

export function makeTasks(draft: JobDraft): void {
  const { counts, slots, nowMs } = draft;
  let missing = draft.kind.wanted(draft.job.spec) - occupiedCount(counts);
  if (missing <= 0 && counts.waiting === 0) return;
  let index = 0;
  for (let room = draft.policy.maxNotStarted - notStartedCount(counts); room > 0; room--) {
    index = slots.nextOpening(index, missing > 0, nowMs);
    if (index < 0) return;
    const ended = slots.at(index);
    if (ended === undefined) missing--;
    else draft.archive(ended);
    draft.put(index, ended === undefined ? newTask(draft, index, 'created') : successor(draft, ended));
  }
}

function newTask(draft: JobDraft, index: number, reason: 'created' | 'replaced'): NewTaskRecord {
  return acceptedTask(draft.job.id, draft.takeSerial(), index, reason, draft.nowMs);
}

function successor(draft: JobDraft, ended: TaskRecord): TaskRecord {
  const { spec } = draft.job;
  // Also one that came to a good end of its own when it was asked to go: budgets count evictions of a chain.
  const isEvicted = ended.killReason === 'evicted';
  const isSystem = RETRY_VERDICTS[endCause(ended)] === 'uncounted' && !isEvicted;
  const task = newTask(draft, ended.index, 'replaced');
  task.originalId = ended.originalId;
  task.resubmitOf = ended.id;
  task.resubmits = ended.resubmits + 1;
  task.systemResubmits = ended.systemResubmits + (isSystem ? 1 : 0);
  task.evictionResubmits = ended.evictionResubmits + (isEvicted ? 1 : 0);
  task.retryDelayMs = retryDelay(ended, spec, draft.policy).nextDelayMs;
  task.quickFailures = quickFailuresAfter(ended, spec, draft.policy);
  return task;
}
