/**
 * Tasks by index, as a value: an array of chunks, each with a summary. A change copies one chunk and the list of
 * chunks, so states before it stay as they were; a search for something to do skips chunks by their summaries. With n
 * tasks both cost O(CHUNK + n / CHUNK).
 */
import type { TaskRecord } from './task-record.ts';

export const CHUNK_BITS = 5;
export const CHUNK: number = 1 << CHUNK_BITS;

export interface SlotChunk {
  /** At most `CHUNK`; what is missing at the end is free. */
  readonly tasks: readonly (TaskRecord | undefined)[];
  /** How many are not undefined. */
  readonly taken: number;
  /** Earliest replacement that is waited for, Infinity when none is. */
  readonly replaceAtMs: number;
}

/** @public */
export interface TaskSlots {
  /** One more than the highest index that may be occupied. */
  readonly length: number;
  /** To be read by `taskAt` and `tasksIn`. */
  readonly chunks: readonly SlotChunk[];
}

export const NO_SLOTS: TaskSlots = { length: 0, chunks: [] };

/** Task at an index; undefined where there is none. O(1). @public */
export function taskAt(slots: TaskSlots, index: number): TaskRecord | undefined {
  // Also because shifts see the low 32 bits only.
  if (index >= slots.length) return undefined;
  return slots.chunks[index >> CHUNK_BITS]?.tasks[index & (CHUNK - 1)];
}

/** All tasks in order of index. O(length). @public */
export function* tasksIn(slots: TaskSlots): Generator<TaskRecord> {
  for (const { tasks } of slots.chunks) for (const task of tasks) if (task !== undefined) yield task;
}
