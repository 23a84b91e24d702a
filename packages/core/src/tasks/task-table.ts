/**
 * Booked tasks as columns. A handle is `generation << 24 | index`: the generation changes whenever an index is
 * freed, so a handle that was released is recognised (up to 128 re-uses of the same index later). Free indices
 * form a list threaded through `agentOf`, last freed first reused.
 */
import { grown, grownBytes, grownNumbers } from '../support/grown.ts';
import { fail } from '../errors.ts';
import { show } from '../support/show.ts';

const INDEX_BITS = 24;
const INDEX_MASK = (1 << INDEX_BITS) - 1;
const GENERATION_MASK = 0x7f;

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
  /** Class id per index; -1 = free. */
  classOf: Int32Array;
  /** Agent row per index in use; next free index per free one, -1 at the end. */
  agentOf: Int32Array;
  /** Slots taken, per resource set and index, as a bit mask. */
  readonly slotMasks: Int32Array[];
  generation: Uint8Array;
  /** Stage per index in use. */
  stage: Uint8Array;
  /** How many placements came before it, per index in use: greater is younger. */
  ordinal: Float64Array;
  /** Indices from here on were never used. */
  highWater = 0;
  freeHead = -1;
  live = 0;

  constructor(setCount: number, capacity: number) {
    this.classOf = new Int32Array(capacity).fill(-1);
    this.agentOf = new Int32Array(capacity);
    this.generation = new Uint8Array(capacity);
    this.stage = new Uint8Array(capacity);
    this.ordinal = new Float64Array(capacity);
    this.slotMasks = Array.from({ length: setCount }, () => new Int32Array(capacity));
  }

  get capacity(): number {
    return this.classOf.length;
  }

  /** Index that the next `occupy` takes; grows the columns when they are full. */
  nextIndex(): number {
    if (this.freeHead >= 0) return this.freeHead;
    if (this.highWater === this.capacity)
      this.grow(Math.max(this.capacity + 1, Math.min(this.capacity * 2, MAX_TASKS)));
    return this.highWater;
  }

  occupy(index: number, classId: number, row: number, stage: TaskStage, ordinal: number): void {
    if (index === this.freeHead) this.freeHead = this.agentOf[index];
    else this.highWater++;
    this.classOf[index] = classId;
    this.agentOf[index] = row;
    this.stage[index] = stage;
    this.ordinal[index] = ordinal;
    this.live++;
  }

  /** Frees an index and invalidates its handle. */
  vacate(index: number): void {
    this.generation[index] = (this.generation[index] + 1) & GENERATION_MASK;
    this.#clear(index);
    this.agentOf[index] = this.freeHead;
    this.freeHead = index;
  }

  /** Takes an `occupy` back; `nextFree` is what was free behind the index, -2 if it had never been used. */
  undoOccupy(index: number, nextFree: number): void {
    this.#clear(index);
    if (nextFree === -2) {
      this.agentOf[index] = 0;
      this.highWater--;
    } else {
      this.agentOf[index] = nextFree;
      this.freeHead = index;
    }
  }

  /** Takes a `vacate` back. */
  undoVacate(index: number, classId: number, row: number, stage: TaskStage, ordinal: number): void {
    this.occupy(index, classId, row, stage, ordinal);
    this.generation[index] = (this.generation[index] - 1) & GENERATION_MASK;
  }

  handleOf(index: number): number {
    return (this.generation[index] << INDEX_BITS) | index;
  }

  /** Whether a handle is that of a placed task. */
  has(handle: number): boolean {
    if (!Number.isInteger(handle) || handle < 0) return false;
    const index = handle & INDEX_MASK;
    return index < this.highWater && this.classOf[index] >= 0 && this.handleOf(index) === handle;
  }

  /** @throws StowageError UNKNOWN_TASK when the handle is not that of a placed task */
  indexOf(handle: number): number {
    if (!this.has(handle)) {
      fail(
        'UNKNOWN_TASK',
        `handle ${show(handle)} is not that of a placed task; it was released already or never given out.`,
      );
    }
    return handle & INDEX_MASK;
  }

  grow(capacity: number): void {
    if (capacity > MAX_TASKS) fail('QUANTITY_OVERFLOW', `more than ${MAX_TASKS} tasks; use several engines.`);
    const used = this.capacity;
    this.classOf = grown(this.classOf, capacity).fill(-1, used);
    this.agentOf = grown(this.agentOf, capacity);
    this.generation = grownBytes(this.generation, capacity);
    this.stage = grownBytes(this.stage, capacity);
    this.ordinal = grownNumbers(this.ordinal, capacity);
    for (let set = 0; set < this.slotMasks.length; set++)
      this.slotMasks[set] = grown(this.slotMasks[set], capacity);
  }

  #clear(index: number): void {
    this.classOf[index] = -1;
    this.stage[index] = 0;
    this.ordinal[index] = 0;
    for (const masks of this.slotMasks) masks[index] = 0;
    this.live--;
  }
}
