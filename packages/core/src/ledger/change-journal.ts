/**
 * Ring of changed rows with a monotone version. A view remembers the version it has seen and, when asked, looks
 * again at the rows changed since then, or at all rows once the ring has moved past it; a view that nobody asks
 * costs nothing.
 */
export class ChangeJournal {
  #ring: Int32Array;
  #mask: number;
  /** Version at the last change of a row, modulo 2^32. */
  #lastChange: Int32Array;
  /** Number of changes ever recorded. */
  version = 0;
  /** Version after the last change by which an agent may accept more. */
  loosened = 0;
  /** Changes before this version can no longer be read. */
  #oldest = 0;

  constructor(capacity: number) {
    this.#ring = new Int32Array(ringSize(capacity));
    this.#mask = this.#ring.length - 1;
    this.#lastChange = new Int32Array(capacity);
  }

  /** Notes that an agent may now refuse more, but accepts no more. */
  recordTightened(row: number): void {
    this.#lastChange[row] = this.version;
    this.#ring[this.version++ & this.#mask] = row;
  }

  /** Notes that an agent may now accept what it refused. */
  record(row: number): void {
    this.recordTightened(row);
    this.loosened = this.version;
  }

  /**
   * Writes the rows changed since a version, each once. O(changes).
   * @returns their number, or -1 when they are no longer known or might not fit into `rows`
   */
  changedSinceInto(version: number, rows: Int32Array): number {
    const changes = this.version - version;
    if (changes > rows.length || changes > this.#ring.length || version < this.#oldest) return -1;
    const ring = this.#ring;
    const mask = this.#mask;
    const lastChange = this.#lastChange;
    let count = 0;
    for (let at = version; at < this.version; at++) {
      const row = ring[at & mask];
      rows[count] = row;
      count += Number(lastChange[row] === (at | 0));
    }
    return count;
  }

  /** Makes the ring fit a larger table; every view has to look at all rows again. */
  grow(capacity: number): void {
    this.#ring = new Int32Array(ringSize(capacity));
    this.#mask = this.#ring.length - 1;
    this.#lastChange = new Int32Array(capacity);
    this.#oldest = this.version;
  }
}

function ringSize(capacity: number): number {
  let size = 1024;
  while (size < capacity) size *= 2;
  return size;
}
