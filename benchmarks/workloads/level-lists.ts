/**
 * Rows sorted by how full they are, coarsely: one unordered list per level, so that a row moves in O(1).
 */

export class LevelLists {
  readonly lists: readonly number[][];
  readonly #levelOf: Int32Array;
  readonly #positionOf: Int32Array;

  /** @param rowCount - rows are smaller than this; none is in a list yet */
  constructor(levels: number, rowCount: number) {
    this.lists = Array.from({ length: levels }, () => []);
    this.#levelOf = new Int32Array(rowCount).fill(-1);
    this.#positionOf = new Int32Array(rowCount);
  }

  move(row: number, level: number): void {
    const before = this.#levelOf[row];
    if (before === level) return;
    if (before >= 0) this.#remove(row, this.lists[before]);
    this.#levelOf[row] = level;
    this.#positionOf[row] = this.lists[level].push(row) - 1;
  }

  /** The last row of the list takes the place of the one that leaves. */
  #remove(row: number, list: number[]): void {
    const last = list.pop()!;
    if (last === row) return;
    list[this.#positionOf[row]] = last;
    this.#positionOf[last] = this.#positionOf[row];
  }
}
