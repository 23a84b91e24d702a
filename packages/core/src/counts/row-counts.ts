/**
 * How many placed tasks of a kind there are per agent row. A kind keeps some 70 bytes when its tasks are gone.
 */
import { BitPool } from './bit-pool.ts';
import type { KindCounts } from './kind-counts.ts';
import { PairCounts } from './pair-counts.ts';
import { type SharedCounts, TaskRows } from './task-rows.ts';

export class RowCounts implements KindCounts {
  readonly #shared: SharedCounts;
  readonly #kinds: TaskRows[] = [];

  constructor(pool: BitPool) {
    this.#shared = { table: new PairCounts(), pool };
  }

  /** Where a kind is, now and later. */
  rowsOf(kind: number): TaskRows {
    while (this.#kinds.length <= kind) this.#kinds.push(new TaskRows(this.#kinds.length, this.#shared));
    return this.#kinds[kind];
  }

  get(kind: number, row: number): number {
    return kind < this.#kinds.length ? this.#kinds[kind].get(row) : 0;
  }

  add(kind: number, row: number): number {
    return (kind < this.#kinds.length ? this.#kinds[kind] : this.rowsOf(kind)).add(row);
  }

  remove(kind: number, row: number): number {
    return kind < this.#kinds.length ? this.#kinds[kind].remove(row) : -1;
  }

  clear(): void {
    this.#shared.table.clear();
    for (const rows of this.#kinds) rows.clear();
  }

  emptyCopy(): RowCounts {
    return new RowCounts(new BitPool(this.#shared.pool.space));
  }

  /** Whether both hold the same counts, with or without bits. */
  equals(other: RowCounts): boolean {
    return this.#isWithin(other) && other.#isWithin(this);
  }

  #isWithin(other: RowCounts): boolean {
    const isSame = (kind: number, row: number): boolean => other.get(kind, row) === this.get(kind, row);
    return (
      this.#shared.table.every(isSame) &&
      this.#kinds.every(
        (rows, kind) =>
          rows.size === (kind < other.#kinds.length ? other.#kinds[kind].size : 0) &&
          rows.withBits().every((row) => isSame(kind, row)),
      )
    );
  }
}
