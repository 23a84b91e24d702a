/**
 * One step of a job: the event is looked at, then it happens, then the job is brought to where it should be.
 */
import type { Rejection } from '../errors.ts';
import type { JobState } from '../model/job-state.ts';
import { placed, taskStatus } from './agent-events.ts';
import { updateCapacity } from './capacity.ts';
import { formError } from './event-form.ts';
import { JobDraft } from './job-draft.ts';
import type { JobEvent } from './job-event.ts';
import type { JobPolicy } from './job-policy.ts';
import { rejection, terminating, unknownTask } from './rejections.ts';
import { settle } from './settle.ts';
import { setEnabled, updateAttributes, updateDisruptionBudget, updateProcesses } from './spec-updates.ts';
import type { Step } from './step.ts';
import { evict, killJob, killOne } from './user-kills.ts';
import { wakeTask } from './wake-task.ts';

/** Events of users that a job takes only as long as nobody has killed it. */
const WHILE_ACCEPTED: ReadonlySet<JobEvent['kind']> = new Set([
  'kill-job',
  'update-capacity',
  'update-processes',
  'set-enabled',
  'update-disruption-budget',
  'kill-task',
]);

/**
 * What an event makes of a job. Nothing is thrown for bad, late, early or double events; those that cannot be taken are
 * refused and change nothing. O(32 + tasks / 32), and O(tasks) for `kill-job`, `restored`, a scale-down and the end.
 * @param nowMs - milliseconds since the epoch; may be earlier than that of the step before
 * @throws StowageError INVALID_JOB_OPTION when `victimOrder` of the policy does not choose as it was asked to
 * @public
 */
export function stepJob(state: JobState, event: JobEvent, nowMs: number, policy: JobPolicy): Step {
  const wrong = formError(event, nowMs);
  if (wrong !== undefined) return refused(state, rejection('INVALID_EVENT', wrong));
  const { state: name } = state.job.status;
  if (name === 'finished' || (name !== 'accepted' && WHILE_ACCEPTED.has(event.kind))) {
    return refused(state, terminating(state));
  }
  const draft = new JobDraft(state, nowMs, policy);
  const refusal = take(draft, event);
  if (refusal !== undefined) return refused(state, refusal);
  if (draft.isChanged || draft.asksAll) settle(draft);
  return draft.finish();
}

function take(draft: JobDraft, event: JobEvent): Rejection | undefined {
  const { job } = draft;
  switch (event.kind) {
    case 'kill-job':
      return killJob(draft);
    case 'update-capacity':
      return updateCapacity(draft, event);
    case 'update-processes':
      return updateProcesses(draft, event);
    case 'set-enabled':
      return setEnabled(draft, event);
    case 'update-disruption-budget':
      return updateDisruptionBudget(draft, event);
    case 'update-attributes':
      return updateAttributes(draft, event);
    case 'kill-task':
      return killOne(draft, event);
    case 'evict-task':
      return evict(draft, event);
    case 'placed':
      return placed(draft, event);
    case 'task-status':
      return taskStatus(draft, event);
    case 'wake': {
      const task = draft.find(event.task);
      return task === undefined ? unknownTask(draft, event.task) : void wakeTask(draft, task);
    }
    case 'restored':
      draft.asksAll = true;
      if (draft.nowMs !== job.restoredAtMs) draft.job = { ...job, restoredAtMs: draft.nowMs };
      return undefined;
  }
}

function refused(state: JobState, refusal: Rejection): Step {
  return { state, effects: [], rejection: refusal };
}
