/** Machine and model as lines of text that must be equal, and the comparison that names the first difference. */
import { isDeepStrictEqual } from 'node:util';
import type { JobState } from '../../src/model/job-state.ts';
import type { TaskRecord } from '../../src/model/task-record.ts';
import { tasksIn } from '../../src/model/task-slots.ts';
import type { JobModel } from './job-model.ts';
import type { ModelTask } from './model-task.ts';
import { canonical } from './spec-updates.ts';

/** An hour, after which an eviction no longer counts. */
const HOUR_MS = 3_600_000;

export function same(actual: unknown, expected: unknown, what: string): void {
  const [is, should] = [actual, expected].map((value) =>
    typeof value === 'string' ? value : (JSON.stringify(value, undefined, 1) ?? 'undefined'),
  );
  if (is === should) return;
  throw new Error(`${what} differ\n--- machine\n${is}\n--- model\n${should}`);
}

/** A finished task that has left its slot no longer waits for anything. */
export function showRecord(task: TaskRecord, isArchived = false): string {
  const placement = task.placement && `${task.placement.agentId} in ${task.placement.zone}`;
  const transitions = [...task.history, task.status].map(
    ({ state, reason, atMs }) => `${state} ${reason} ${atMs}`,
  );
  return [
    ...[task.id, task.jobId, task.index, task.originalId, task.resubmitOf],
    ...[task.resubmits, task.systemResubmits, task.evictionResubmits, task.quickFailures],
    ...[task.killReason, task.killAttempts, task.exitCode, placement, task.movedFromJob],
    ...[isArchived ? '' : task.replaceAtMs, transitions.join(', ')],
  ].join(' | ');
}

export function showModel(task: ModelTask, isArchived = false): string {
  const transitions = task.transitions.map(({ state, reason, atMs }) => `${state} ${reason} ${atMs}`);
  return [
    ...[task.id, task.jobId, task.index, task.originalId, task.resubmitOf],
    ...[task.resubmits, task.systemResubmits, task.evictionResubmits, task.quickFailures],
    ...[task.killReason, task.killAttempts, task.exitCode, task.place, task.movedFromJob],
    ...[isArchived ? '' : task.replaceAtMs, transitions.join(', ')],
  ].join(' | ');
}

/** The whole of a job: spec, state, tasks in order of index, evictions of the last hour. */
export function compareJob(state: JobState, model: JobModel, nowMs: number): void {
  const { job } = state;
  if (!isDeepStrictEqual(job.spec, model.spec)) same(canonical(job.spec), canonical(model.spec), 'specs');
  same(`${job.status.state} ${job.status.reason}`, `${model.state} ${model.reason}`, 'states');
  same(job.nextSerial, model.nextSerial, 'next serials');
  same(job.restoredAtMs, model.restoredAtMs, 'times of restore');
  const recent = model.evictions.filter((atMs) => atMs > nowMs - HOUR_MS);
  const counted = job.evictions.flatMap(({ atMs, count }) => Array<number>(count).fill(atMs));
  same(
    counted.filter((atMs) => atMs > nowMs - HOUR_MS),
    recent,
    'evictions',
  );
  const tasks = [...model.tasks].sort((a, b) => a.index - b.index);
  const records = [...tasksIn(state.slots)];
  same(
    records.map((task) => showRecord(task)).join('\n'),
    tasks.map((task) => showModel(task)).join('\n'),
    'tasks',
  );
  records.forEach((record, place) => {
    tasks[place].transitions.forEach(({ source }, at) => {
      const said = at === record.history.length ? record.status : record.history[at];
      if (source !== undefined) same(said.source, source, `sources of ${record.id} ${said.state}`);
    });
  });
}
