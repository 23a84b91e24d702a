/**
 * The first step of a job.
 */
import type { JobRecord } from '../model/job-record.ts';
import { NO_TASKS } from '../model/task-counts.ts';
import { NO_SLOTS } from '../model/task-slots.ts';
import type { JobSpec } from '../spec/job-spec.ts';
import { timeOption } from '../option-checks.ts';
import { JobDraft } from './job-draft.ts';
import type { JobPolicy } from './job-policy.ts';
import { settle } from './settle.ts';
import type { Step } from './step.ts';

/**
 * A job with its first tasks. O(tasks made).
 * @param spec - as `sanitizeJobSpec` gives it
 * @param id - not used by another job; ids of tasks begin with it
 * @param nowMs - milliseconds since the epoch
 * @throws StowageError INVALID_JOB_OPTION when `nowMs` is no time
 * @public
 */
export function createJob(spec: JobSpec, id: string, nowMs: number, policy: JobPolicy): Step {
  timeOption(nowMs);
  const job: JobRecord = {
    id,
    spec,
    status: { state: 'accepted', reason: 'created', source: 'user', atMs: nowMs },
    history: [],
    nextSerial: 0,
    restoredAtMs: 0,
    evictions: [],
  };
  const draft = new JobDraft({ job, slots: NO_SLOTS, counts: NO_TASKS }, nowMs, policy);
  // The record itself is new: it is stored whatever its tasks are.
  draft.job = { ...job };
  settle(draft);
  return draft.finish();
}
