/**
 * A job with its tasks as text that depends on nothing but their content: keys sorted, tasks in order of index. Two
 * states are equal when their texts are.
 */
import type { JobState } from './job-state.ts';
import { tasksIn } from './task-slots.ts';

/** Canonical JSON of the record and the tasks. O(size of the text). @public */
export function serializeJob({ job, slots }: JobState): string {
  return canonicalJson({ job, tasks: [...tasksIn(slots)] });
}

/** Of plain data without cycles; what is undefined is left out, as JSON does. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value).filter(([, one]) => one !== undefined);
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, one]) => `${JSON.stringify(key)}:${canonicalJson(one)}`).join(',')}}`;
}
