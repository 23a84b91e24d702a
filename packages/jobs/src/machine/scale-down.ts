/**
 * Taking down what a service does not want any more. First what costs nothing: replacements that have not been made,
 * kills that are under way for other reasons, tasks that have no place yet. Then the policy chooses.
 */
import { fail } from '../errors.ts';
import { isLeaving } from '../model/task-counts.ts';
import type { TaskRecord } from '../model/task-record.ts';
import { dropTask } from './end-task.ts';
import type { JobDraft } from './job-draft.ts';
import { killTask } from './kill-task.ts';

/** @param excess - above 0: how many go. O(tasks), and what the policy costs. */
export function scaleDown(draft: JobDraft, excess: number): void {
  const tasks = [...draft.slots.tasks()];
  let left = excess;
  // The highest indexes first, so that those in use stay close together.
  const take = (state: TaskRecord['status']['state'], go: (task: TaskRecord) => void): void => {
    for (let at = tasks.length - 1; at >= 0 && left > 0; at--) {
      if (tasks[at].status.state !== state || isLeaving(tasks[at])) continue;
      go(tasks[at]);
      left--;
    }
  };
  take('finished', (task) => dropTask(draft, task));
  take('kill-initiated', (task) => draft.put(task.index, { ...task, killReason: 'scaled-down' }));
  take('accepted', (task) => killTask(draft, task, 'scaled-down', 'manager'));
  if (left === 0) return;
  const live = tasks.filter(
    ({ status }) => !['finished', 'kill-initiated', 'accepted'].includes(status.state),
  );
  for (const task of victims(draft, live, left)) killTask(draft, task, 'scaled-down', 'manager');
}

function victims(draft: JobDraft, live: readonly TaskRecord[], count: number): readonly TaskRecord[] {
  const chosen = draft.policy.victimOrder(live, count);
  const known = new Set(live);
  if (chosen.length !== count || !chosen.every((task) => known.delete(task))) {
    fail(
      'INVALID_JOB_OPTION',
      `victimOrder was asked for ${count} of the tasks it was given; return each once.`,
    );
  }
  return chosen;
}
