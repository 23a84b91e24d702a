/**
 * Slots while a step, or a load, changes them: a chunk is copied when it is first written to, and never twice. Its
 * summary is kept with every change; only when the earliest replacement goes, the next one has to be looked for, and
 * that is put off to the end.
 */
import { withEntry } from '../small-lists.ts';
import type { TaskRecord } from './task-record.ts';
import { CHUNK, CHUNK_BITS, type SlotChunk, type TaskSlots } from './task-slots.ts';

const EMPTY: SlotChunk = { tasks: [], taken: 0, replaceAtMs: Infinity };

interface OpenChunk {
  readonly number: number;
  readonly tasks: (TaskRecord | undefined)[];
  taken: number;
  /** −Infinity: not known. */
  replaceAtMs: number;
}

export class SlotsDraft {
  readonly before: TaskSlots;
  #open: OpenChunk[] | undefined;
  #length: number;
  /** The one that was looked at last; most steps have no other. */
  #last: OpenChunk | undefined;

  constructor(before: TaskSlots) {
    this.before = before;
    this.#length = before.length;
  }

  at(index: number): TaskRecord | undefined {
    if (index >= this.#length) return undefined;
    return this.#tasksOf(index >> CHUNK_BITS)?.[index & (CHUNK - 1)];
  }

  put(index: number, task: TaskRecord | undefined): void {
    const chunk = this.#opened(index >> CHUNK_BITS);
    const { tasks } = chunk;
    const at = index & (CHUNK - 1);
    while (tasks.length <= at) tasks.push(undefined);
    const before = tasks[at];
    tasks[at] = task;
    if (before !== undefined) chunk.taken--;
    if (task !== undefined) chunk.taken++;
    if (before?.replaceAtMs === chunk.replaceAtMs) chunk.replaceAtMs = -Infinity;
    if (task?.replaceAtMs !== undefined) chunk.replaceAtMs = Math.min(chunk.replaceAtMs, task.replaceAtMs);
    this.#length = Math.max(this.#length, index + 1);
  }

  /**
   * Lowest index from `from` on whose replacement is due at `nowMs`, or, with `orFree`, that has no task; -1 when there
   * is none.
   */
  nextOpening(from: number, orFree: boolean, nowMs: number): number {
    for (let number = from >> CHUNK_BITS; number << CHUNK_BITS < this.#length; number++) {
      if (!this.#mayOpen(number, orFree, nowMs)) continue;
      const end = Math.min(this.#length, (number + 1) << CHUNK_BITS);
      for (let index = Math.max(from, number << CHUNK_BITS); index < end; index++) {
        const task = this.at(index);
        if (task === undefined ? orFree : isDue(task, nowMs)) return index;
      }
    }
    return orFree ? Math.max(from, this.#length) : -1;
  }

  /** All tasks in order of index. O(length). */
  *tasks(): Generator<TaskRecord> {
    for (let index = 0; index < this.#length; index++) {
      const task = this.at(index);
      if (task !== undefined) yield task;
    }
  }

  /** As a value; the draft is not to be used after. O(length / CHUNK + changed chunks). */
  seal(): TaskSlots {
    if (this.#open === undefined) return this.before;
    const chunks = this.before.chunks.slice();
    for (const { number, tasks, taken, replaceAtMs } of this.#open) {
      while (chunks.length <= number) chunks.push(EMPTY);
      chunks[number] = {
        tasks,
        taken,
        replaceAtMs: replaceAtMs === -Infinity ? earliest(tasks) : replaceAtMs,
      };
    }
    return { length: this.#length, chunks };
  }

  #mayOpen(number: number, orFree: boolean, nowMs: number): boolean {
    const { taken, replaceAtMs } = this.#openAt(number) ?? this.before.chunks[number] ?? EMPTY;
    return (orFree && taken < CHUNK) || replaceAtMs <= nowMs;
  }

  #tasksOf(number: number): readonly (TaskRecord | undefined)[] | undefined {
    return (this.#openAt(number) ?? this.before.chunks[number])?.tasks;
  }

  #opened(number: number): OpenChunk {
    let open = this.#openAt(number);
    if (open === undefined) {
      const { tasks, taken, replaceAtMs } = this.before.chunks[number] ?? EMPTY;
      open = { number, tasks: tasks.slice(), taken, replaceAtMs };
      this.#open = withEntry(this.#open, open);
    }
    this.#last = open;
    return open;
  }

  #openAt(number: number): OpenChunk | undefined {
    if (this.#last?.number === number) return this.#last;
    const open = this.#open?.find((one) => one.number === number);
    if (open !== undefined) this.#last = open;
    return open;
  }
}

function isDue({ replaceAtMs }: TaskRecord, nowMs: number): boolean {
  return replaceAtMs !== undefined && replaceAtMs <= nowMs;
}

function earliest(tasks: readonly (TaskRecord | undefined)[]): number {
  return tasks.reduce((least, task) => Math.min(least, task?.replaceAtMs ?? Infinity), Infinity);
}
