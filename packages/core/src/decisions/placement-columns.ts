/**
 * Result of a cycle in the row-number API: two columns that are filled again by every cycle.
 */
import { StowageError } from '../errors.ts';
import { grown } from '../support/grown.ts';

/**
 * What became of each task of a cycle, in the order given.
 * @public
 */
export class PlacementColumns {
  /** Task handle, -1 = not placed. */
  handles: Int32Array;
  /** Agent row, -1 = not placed. */
  rows: Int32Array;
  /** Tasks of the last cycle. */
  count = 0;
  /** Tasks of the last cycle that were placed. */
  placed = 0;
  /** Plug-in failures of the last cycle, by position. */
  readonly errors: Map<number, StowageError> = new Map();

  constructor(capacity = 1024) {
    this.handles = new Int32Array(capacity);
    this.rows = new Int32Array(capacity);
  }

  /** Places one task per class after the other and notes what became of each. */
  fill(
    engine: { place(classId: number): number; agentOf(handle: number): number },
    classIds: ArrayLike<number>,
    count: number,
  ): void {
    this.#reset(count);
    for (let i = 0; i < count; i++) {
      let handle = -1;
      try {
        handle = engine.place(classIds[i]);
      } catch (error) {
        if (!(error instanceof StowageError)) throw error;
        this.errors.set(i, error);
      }
      this.handles[this.count] = handle;
      this.rows[this.count++] = handle < 0 ? -1 : engine.agentOf(handle);
      if (handle >= 0) this.placed++;
    }
  }

  #reset(capacity: number): void {
    if (capacity > this.handles.length) {
      this.handles = grown(this.handles, capacity);
      this.rows = grown(this.rows, capacity);
    }
    this.count = 0;
    this.placed = 0;
    if (this.errors.size > 0) this.errors.clear();
  }
}
