/**
 * Booked tasks, one record of four words each, so that what is known of a task is found at one place of the memory
 * however many there are. A handle is `generation << 24 | index`: the generation changes whenever an index is
 * freed, so a handle that was released is recognised (up to 128 re-uses of the same index later). Free indices
 * form a list threaded through the records, last freed first reused.
 */
import { grown } from '../support/grown.ts';
import { fail } from '../errors.ts';
import { show } from '../support/show.ts';

const INDEX_BITS = 24;
export const INDEX_MASK: number = (1 << INDEX_BITS) - 1;
const GENERATION_MASK = 0x7f;

/** Words of a record: class id, -1 = free; agent row, or next free index, -1 at the end; state; ordinal below 2^32. */
export const RECORD_BITS = 2;
export const CLASS = 0;
export const AGENT = 1;
export const STATE = 2;
const ORDINAL = 3;

/** State: stage in the lowest two bits, then the generation, then the ordinal from 2^32 on. */
export const STAGE_MASK = 3;
const GENERATION_BIT = 2;
const GENERATION = 1 << GENERATION_BIT;
const GENERATION_BITS = GENERATION_MASK << GENERATION_BIT;
/** From the generation's place in a state to that in a handle. */
const HANDLE_SHIFT = INDEX_BITS - GENERATION_BIT;
const ORDINAL_BIT = 9;
const TWO_32 = 2 ** 32;
const MAX_INT32 = 2 ** 31 - 1;

/** The most tasks that can be placed at a time: 2^24. @public */
export const MAX_TASKS: number = 1 << INDEX_BITS;

/** Holds capacity for a task that is not to start yet. */
export const RESERVED = 0;
/** Placed, and not known to run yet. */
export const ASSIGNED = 1;
/** Known to run. */
export const RUNNING = 2;

/** Names of the stages, by number. */
export const STAGE_NAMES = ['reserved', 'assigned', 'running'] as const;

/**
 * How far a task has come: `reserved` holds capacity, `assigned` is to start, `running` is known to run.
 * @public
 */
export type TaskStageName = (typeof STAGE_NAMES)[number];

/** A stage of a task's life; it only goes forward. */
export type TaskStage = typeof RESERVED | typeof ASSIGNED | typeof RUNNING;

export class TaskTable {
  /** The records, one task after the other. */
  declare records: Int32Array;
  /** Slots taken, per resource set and index, as a bit mask. */
  declare readonly slotMasks: Int32Array[];
  /** Indices from here on were never used. */
  highWater = 0;
  freeHead = -1;
  live = 0;

  constructor(setCount: number, capacity: number) {
    this.records = new Int32Array(capacity << RECORD_BITS);
    this.#wipe(0);
    this.slotMasks = Array.from({ length: setCount }, () => new Int32Array(capacity));
  }

  get capacity(): number {
    return this.records.length >>> RECORD_BITS;
  }

  /** Class id; -1 = free. */
  classOf(index: number): number {
    return this.records[(index << RECORD_BITS) + CLASS];
  }

  /** Agent row of an index in use; next free index of a free one, -1 at the end. */
  agentOf(index: number): number {
    return this.records[(index << RECORD_BITS) + AGENT];
  }

  stageOf(index: number): TaskStage {
    return (this.records[(index << RECORD_BITS) + STATE] & STAGE_MASK) as TaskStage;
  }

  generationOf(index: number): number {
    return (this.records[(index << RECORD_BITS) + STATE] >>> GENERATION_BIT) & GENERATION_MASK;
  }

  /** How many placements came before it, of an index in use: greater is younger. */
  ordinalOf(index: number): number {
    const at = index << RECORD_BITS;
    return (this.records[at + STATE] >>> ORDINAL_BIT) * TWO_32 + (this.records[at + ORDINAL] >>> 0);
  }

  setStage(index: number, stage: TaskStage): void {
    const at = (index << RECORD_BITS) + STATE;
    this.records[at] = (this.records[at] & ~STAGE_MASK) | stage;
  }

  /** Index that the next `occupy` takes; grows the table when it is full. */
  nextIndex(): number {
    if (this.freeHead >= 0) return this.freeHead;
    if (this.highWater === this.capacity)
      this.grow(Math.max(this.capacity + 1, Math.min(this.capacity * 2, MAX_TASKS)));
    return this.highWater;
  }

  /** Writes the record of a new task at `nextIndex`. @returns its handle */
  occupy(classId: number, row: number, stage: TaskStage, ordinal: number): number {
    let index = this.freeHead;
    if (index < 0) index = this.#append();
    else this.freeHead = this.records[(index << RECORD_BITS) + AGENT];
    const { records } = this;
    const at = index << RECORD_BITS;
    // All that the state of a free record holds.
    const generation = records[at + STATE];
    // Without `| 0`, compiled code makes floating-point numbers of them first.
    records[at + CLASS] = classId | 0;
    records[at + AGENT] = row | 0;
    records[at + STATE] = generation | stage | (ordinal > MAX_INT32 ? highBits(ordinal) : 0);
    records[at + ORDINAL] = ordinal;
    this.live++;
    return (generation << HANDLE_SHIFT) | index;
  }

  /** Writes a record; the caller keeps the list of free indices and the numbers of tasks right. */
  write(
    index: number,
    classId: number,
    row: number,
    stage: TaskStage,
    generation: number,
    ordinal: number,
  ): void {
    const { records } = this;
    const at = index << RECORD_BITS;
    records[at + CLASS] = classId;
    records[at + AGENT] = row;
    records[at + STATE] = highBits(ordinal) | (generation << GENERATION_BIT) | stage;
    records[at + ORDINAL] = ordinal;
  }

  /** Frees an index and invalidates its handle. Written out, as `occupy` and `#find` are: every placement comes here. */
  vacate(index: number): void {
    const { records } = this;
    const at = index << RECORD_BITS;
    records[at + CLASS] = -1;
    records[at + AGENT] = this.freeHead;
    records[at + STATE] = (records[at + STATE] + GENERATION) & GENERATION_BITS;
    this.freeHead = index;
    this.live--;
  }

  /** Takes an `occupy` back; `nextFree` is what was free behind the index, -2 if it had never been used. */
  undoOccupy(index: number, nextFree: number): void {
    if (nextFree === -2) {
      this.#clear(index, 0, this.generationOf(index));
      this.highWater--;
    } else {
      this.#clear(index, nextFree, this.generationOf(index));
      this.freeHead = index;
    }
  }

  /** Takes a `vacate` back. */
  undoVacate(index: number, classId: number, row: number, stage: TaskStage, ordinal: number): void {
    this.freeHead = this.agentOf(index);
    const generation = (this.generationOf(index) - 1) & GENERATION_MASK;
    this.write(index, classId, row, stage, generation, ordinal);
    this.live++;
  }

  handleOf(index: number): number {
    return (this.generationOf(index) << INDEX_BITS) | index;
  }

  /** Whether a handle is that of a placed task. */
  has(handle: number): boolean {
    return this.#find(handle) >= 0;
  }

  /** @throws StowageError UNKNOWN_TASK when the handle is not that of a placed task */
  indexOf(handle: number): number {
    const index = this.#find(handle);
    return index >= 0 ? index : unknownTask(handle);
  }

  grow(capacity: number): void {
    if (capacity > MAX_TASKS) fail('QUANTITY_OVERFLOW', `more than ${MAX_TASKS} tasks; use several engines.`);
    const used = this.capacity;
    this.records = grown(this.records, capacity << RECORD_BITS);
    this.#wipe(used);
    for (let set = 0; set < this.slotMasks.length; set++)
      this.slotMasks[set] = grown(this.slotMasks[set], capacity);
  }

  /** The index that was never used, from now on in use. */
  #append(): number {
    const index = this.nextIndex();
    this.highWater++;
    return index;
  }

  /** Index of a placed task, -1 for what is not the handle of one. */
  #find(handle: number): number {
    if (typeof handle !== 'number') return -1;
    const { records } = this;
    const index = handle & INDEX_MASK;
    const at = index << RECORD_BITS;
    if (index >= this.highWater || records[at + CLASS] < 0) return -1;
    return (((records[at + STATE] & GENERATION_BITS) << HANDLE_SHIFT) | index) === handle ? index : -1;
  }

  #clear(index: number, nextFree: number, generation: number): void {
    this.write(index, -1, nextFree, RESERVED, generation, 0);
    this.live--;
  }

  /** Makes the records of indices that were never used. */
  #wipe(from: number): void {
    for (let index = from; index < this.capacity; index++) this.write(index, -1, 0, RESERVED, 0, 0);
  }
}

/** What a record keeps of an ordinal from 2^32 on. */
function highBits(ordinal: number): number {
  return ordinal < TWO_32 ? 0 : Math.floor(ordinal / TWO_32) << ORDINAL_BIT;
}

function unknownTask(handle: number): never {
  fail(
    'UNKNOWN_TASK',
    `handle ${show(handle)} is not that of a placed task; it was released already or never given out.`,
  );
}
