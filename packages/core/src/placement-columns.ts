/**
 * Result of a cycle in the row-number API: two columns that are filled again by every cycle.
 */
import type { StowageError } from './errors.ts';
import { grown } from './attribute-table.ts';

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

  /** Empties the result and makes room for `capacity` tasks. */
  reset(capacity: number): void {
    if (capacity > this.handles.length) {
      this.handles = grown(this.handles, capacity);
      this.rows = grown(this.rows, capacity);
    }
    this.count = 0;
    this.placed = 0;
    if (this.errors.size > 0) this.errors.clear();
  }

  /** Appends an outcome; there must be room. */
  push(handle: number, row: number): void {
    this.handles[this.count] = handle;
    this.rows[this.count++] = row;
    if (handle >= 0) this.placed++;
  }
}
