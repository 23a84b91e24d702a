/**
 * Ring of changed rows with a monotone version. A view remembers the version it has seen and, when asked, looks
 * again at the rows changed since then, or at all rows once the ring has moved past it; a view that nobody asks
 * costs nothing.
 */
export class ChangeJournal {
  #ring: Int32Array;
  #mask: number;
  /** Number of changes ever recorded. */
  version = 0;
  /** Version after the last change by which an agent may accept more. */
  loosened = 0;
  /** Changes before this version can no longer be read. */
  #oldest = 0;

  constructor(capacity: number) {
    this.#ring = new Int32Array(ringSize(capacity));
    this.#mask = this.#ring.length - 1;
  }

  /** Notes that an agent may now refuse more, but accepts no more. */
  recordTightened(row: number): void {
    this.#ring[this.version++ & this.#mask] = row;
  }

  /** Notes that an agent may now accept what it refused. */
  record(row: number): void {
    this.recordTightened(row);
    this.loosened = this.version;
  }

  /**
   * Writes the rows changed since a version, repetitions included.
   * @returns their number, or -1 when they are no longer known or do not fit into `rows`
   */
  changedSinceInto(version: number, rows: Int32Array): number {
    const count = this.version - version;
    if (count > rows.length || count > this.#ring.length || version < this.#oldest) return -1;
    for (let i = 0; i < count; i++) rows[i] = this.#ring[(version + i) & this.#mask];
    return count;
  }

  /** Makes the ring fit a larger table; every view has to look at all rows again. */
  grow(capacity: number): void {
    this.#ring = new Int32Array(ringSize(capacity));
    this.#mask = this.#ring.length - 1;
    this.#oldest = this.version;
  }
}

function ringSize(capacity: number): number {
  let size = 1024;
  while (size < capacity) size *= 2;
  return size;
}
