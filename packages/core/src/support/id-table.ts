/**
 * Ids of the object API and the numbers that the engine knows them by, both ways, with the same transactions as
 * the engine underneath.
 */
type Change = readonly [kind: 'added' | 'removed', id: string, number: number];

export class IdTable {
  readonly #numbers = new Map<string, number>();
  /** The id and the number by the index that is part of a number. */
  readonly #ids: (string | undefined)[] = [];
  readonly #numberAt: number[] = [];
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
    return this.#numbers.size;
  }

  has(id: string): boolean {
    return this.#numbers.has(id);
  }

  numberOf(id: string): number {
    return this.#numbers.get(id) ?? this.#missing(id);
  }

  /** As `numberOf`, undefined for an unknown id. */
  find(id: string): number | undefined {
    return this.#numbers.get(id);
  }

  idOf(number: number): string | undefined {
    const index = number & this.#indexMask;
    return this.#numberAt[index] === number ? this.#ids[index] : undefined;
  }

  /** In the order of the numbers. O(n log n). */
  entries(): [id: string, number: number][] {
    return [...this.#numbers].sort(([, a], [, b]) => a - b);
  }

  add(id: string, number: number): void {
    this.#insert(id, number);
    if (this.#marks.length > 0) this.#changes.push(['added', id, number]);
  }

  /** @param number - that of the id, where it is known */
  remove(id: string, number: number = this.numberOf(id)): void {
    this.#delete(id, number);
    if (this.#marks.length > 0) this.#changes.push(['removed', id, number]);
  }

  /** Broken invariants in words: one number for each id, and as many as the engine has. O(n). */
  verify(what: string, count: number, exists: (number: number) => boolean): string[] {
    const problems = this.size === count ? [] : [`there are ${this.size} ${what} ids for ${count} ${what}s`];
    for (const [id, number] of this.#numbers) {
      if (this.idOf(number) !== id || !exists(number))
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
    this.#numbers.set(id, number);
    this.#ids[index] = id;
    this.#numberAt[index] = number;
  }

  #delete(id: string, number: number): void {
    this.#numbers.delete(id);
    this.#ids[number & this.#indexMask] = undefined;
  }
}
