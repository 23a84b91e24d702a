/**
 * After whatever happened to a job: the tasks that should exist do, as far as they may, those that should not go, and a
 * job with nothing left to do ends.
 */
import { occupiedCount } from '../model/task-counts.ts';
import type { JobDraft } from './job-draft.ts';
import { endJobIfDone } from './job-end.ts';
import { makeTasks } from './make-tasks.ts';
import { scaleDown } from './scale-down.ts';

export function settle(draft: JobDraft): void {
  if (draft.isAccepted) {
    const excess = occupiedCount(draft.counts) - draft.kind.wanted(draft.job.spec);
    if (excess > 0) scaleDown(draft, excess);
    makeTasks(draft);
  }
  endJobIfDone(draft);
}
