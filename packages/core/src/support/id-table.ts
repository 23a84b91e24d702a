/**
 * Ids of the object API and the numbers that the engine knows them by, both ways, with the same transactions as
 * the engine underneath.
 */
import { fail } from '../errors.ts';
import { IdIndex } from './id-index.ts';
import { show } from './show.ts';

type Change = readonly [kind: 'added' | 'removed', id: string, number: number];

export class IdTable {
  /** By the index that is part of a number. */
  readonly #ids = new IdIndex();
  readonly #numbers: number[] = [];
  readonly #indexMask: number;
  readonly #changes: Change[] = [];
  readonly #marks: number[] = [];
  readonly #missing: (id: string) => never;

  /**
   * @param indexMask - the bits of a number that no two numbers in use have in common
   * @param missing - throws what to throw for an unknown id
   */
  constructor(indexMask: number, missing: (id: string) => never) {
    this.#indexMask = indexMask;
    this.#missing = missing;
  }

  get size(): number {
    return this.#ids.size;
  }

  has(id: string): boolean {
    return this.#ids.indexOf(id) >= 0;
  }

  numberOf(id: string): number {
    return this.find(id) ?? this.#missing(id);
  }

  /** As `numberOf`, undefined for an unknown id. */
  find(id: string): number | undefined {
    const index = this.#ids.indexOf(id);
    return index < 0 ? undefined : this.#numbers[index];
  }

  idOf(number: number): string | undefined {
    const index = number & this.#indexMask;
    return this.#numbers[index] === number ? this.#ids.idAt(index) : undefined;
  }

  /** In the order of the numbers. O(greatest index + n log n). */
  entries(): [id: string, number: number][] {
    const entries: [id: string, number: number][] = [];
    this.#numbers.forEach((number, index) => {
      const id = this.#ids.idAt(index);
      if (id !== undefined) entries.push([id, number]);
    });
    return entries.sort(([, a], [, b]) => a - b);
  }

  add(id: string, number: number): void {
    this.#insert(id, number);
    if (this.#marks.length > 0) this.#changes.push(['added', id, number]);
  }

  /**
   * As `add`, for what a snapshot says.
   * @param exists - whether the number is that of something
   * @throws StowageError INVALID_SNAPSHOT for an id or a number that is there already
   */
  adopt(id: string, number: number, exists: boolean): void {
    if (!exists || this.has(id) || this.idOf(number) !== undefined) {
      fail(
        'INVALID_SNAPSHOT',
        `${show(id)} is the name of nothing, or not the only one; use a snapshot of a Scheduler, not of a PlacementEngine.`,
      );
    }
    this.add(id, number);
  }

  /** @param number - that of the id, where it is known */
  remove(id: string, number: number = this.numberOf(id)): void {
    this.#delete(id, number);
    if (this.#marks.length > 0) this.#changes.push(['removed', id, number]);
  }

  /** Broken invariants in words: one number for each id, and as many as the engine has. O(n). */
  verify(what: string, count: number, exists: (number: number) => boolean): string[] {
    const entries = this.entries();
    const problems =
      entries.length === count && this.size === count
        ? []
        : [`there are ${this.size} ${what} ids for ${count} ${what}s`];
    for (const [id, number] of entries) {
      if (this.find(id) !== number || !exists(number))
        problems.push(`${what} "${id}" has no number of its own`);
    }
    return problems;
  }

  begin(): void {
    this.#marks.push(this.#changes.length);
  }

  commit(): void {
    this.#marks.pop();
    if (this.#marks.length === 0) this.#changes.length = 0;
  }

  rollback(): void {
    const mark = this.#marks.pop()!;
    while (this.#changes.length > mark) {
      const [kind, id, number] = this.#changes.pop()!;
      if (kind === 'added') this.#delete(id, number);
      else this.#insert(id, number);
    }
  }

  #insert(id: string, number: number): void {
    const index = number & this.#indexMask;
    this.#ids.add(id, index);
    this.#numbers[index] = number;
  }

  #delete(id: string, number: number): void {
    this.#ids.remove(id, number & this.#indexMask);
  }
}
