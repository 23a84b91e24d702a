/**
 * Ring of changed rows with a monotone version. A view remembers the version it has seen and, when asked, looks
 * again at the rows changed since then, or at all rows once the ring has moved past it; a view that nobody asks
 * costs nothing.
 */
export class ChangeJournal {
  /** Changed rows by version modulo its length, a power of two; -1 in place of a row that changed again since. */
  #ring: Int32Array = new Int32Array(0);
  /** Place of the last change of a row, unless another row has taken it since. */
  #lastPlace = new Int32Array(0);
  /** Number of changes ever recorded. */
  version = 0;
  /** Version after the last change by which an agent may accept more. */
  loosened = 0;
  /** Changes before this version can no longer be read. */
  #oldest = 0;

  /** @param ring - for changed rows, at least as many as there may be; its length is a power of two */
  constructor(ring: Int32Array, capacity: number) {
    this.useRing(ring, capacity);
  }

  /** Notes that an agent may now refuse more, but accepts no more. */
  recordTightened(row: number): void {
    const ring = this.#ring;
    const at = this.version++ & (ring.length - 1);
    const last = this.#lastPlace[row];
    ring[last] |= Number(ring[last] !== row) - 1;
    ring[at] = row;
    this.#lastPlace[row] = at;
  }

  /** Notes that an agent may now accept what it refused. */
  record(row: number): void {
    this.recordTightened(row);
    this.loosened = this.version;
  }

  /** Changes since a version, which stand in the ring; -1 when they are no longer known. */
  changesSince(version: number): number {
    const changes = this.version - version;
    return changes > this.#ring.length || version < this.#oldest ? -1 : changes;
  }

  /**
   * Writes the rows changed since a version, each once. O(changes).
   * @returns their number, or -1 when they are no longer known or might not fit into `rows`
   */
  changedSinceInto(version: number, rows: Int32Array): number {
    const changes = this.changesSince(version);
    if (changes < 0 || changes > rows.length) return -1;
    const ring = this.#ring;
    const mask = ring.length - 1;
    let at = version & mask;
    let count = 0;
    let left = changes;
    // By four: compiled code checks kind, length and address of an array anew in every round of a loop.
    for (; left >= 4; left -= 4) {
      const first = ring[at];
      const second = ring[(at + 1) & mask];
      const third = ring[(at + 2) & mask];
      const fourth = ring[(at + 3) & mask];
      at = (at + 4) & mask;
      rows[count] = first;
      count = (count + rowsOf(first)) | 0;
      rows[count] = second;
      count = (count + rowsOf(second)) | 0;
      rows[count] = third;
      count = (count + rowsOf(third)) | 0;
      rows[count] = fourth;
      count = (count + rowsOf(fourth)) | 0;
    }
    for (; left > 0; left--) {
      const entry = ring[at];
      at = (at + 1) & mask;
      rows[count] = entry;
      count = (count + rowsOf(entry)) | 0;
    }
    return count;
  }

  /** Goes on in another ring, for a table of so many rows; every view has to look at all of them again. */
  useRing(ring: Int32Array, capacity: number): void {
    this.#ring = ring;
    this.#lastPlace = new Int32Array(capacity);
    this.#oldest = this.version;
  }
}

/** How many rows an entry of the ring stands for: none when its row changed again since. */
function rowsOf(entry: number): number {
  return 1 + (entry >> 31);
}
