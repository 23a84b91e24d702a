/**
 * The end of a job: when each of its indexes has run to its end, or when it was killed and nothing of it lives any more.
 * All it had leaves the active set with it, in one step.
 */
import type { JobTransition } from '../model/job-record.ts';
import { liveCount } from '../model/task-counts.ts';
import type { JobDraft } from './job-draft.ts';

/** The job in its next state. */
export function advanceJob(
  draft: JobDraft,
  state: JobTransition['state'],
  reason: JobTransition['reason'],
  source: JobTransition['source'],
): void {
  const { status, history } = draft.job;
  const atMs = Math.max(draft.nowMs, status.atMs);
  draft.job = { ...draft.job, status: { state, reason, source, atMs }, history: [...history, status] };
}

export function endJobIfDone(draft: JobDraft): void {
  const reason = endReason(draft);
  if (reason === undefined) return;
  advanceJob(draft, 'finished', reason, 'manager');
  draft.archiveAll();
  draft.notify({ kind: 'job-finished', jobId: draft.job.id, reason });
}

function endReason(draft: JobDraft): 'killed' | 'normal' | 'failed' | undefined {
  const { counts, kind, job } = draft;
  if (!draft.isAccepted) return liveCount(counts) === 0 ? 'killed' : undefined;
  if (!kind.runsToEnd || counts.finished - counts.waiting < kind.wanted(job.spec)) return undefined;
  for (const { status } of draft.slots.tasks()) if (status.reason !== 'normal') return 'failed';
  return 'normal';
}
