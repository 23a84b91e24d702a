/**
 * What agents have at hand, by kind: container images they have pulled, security groups that an interface is
 * prepared for. A set per agent, replaced as a whole when the agent reports it.
 */
import { Interner } from '../support/interner.ts';
import { PairCounts } from '../counts/pair-counts.ts';

/**
 * The items of one kind over all agents.
 * @public
 */
export interface CachedItems {
  /** Id of an item; 0 when no agent ever had it. */
  idOf(item: string): number;
  /** Whether the agent of a row has an item; expected O(1). Id 0 is on no agent. */
  has(row: number, id: number): boolean;
  /** Items of the agent of a row. */
  countOf(row: number): number;
}

class Kind implements CachedItems {
  readonly items = new Interner();
  readonly #byRow = new Map<number, readonly number[]>();
  readonly #pairs = new PairCounts();

  idOf(item: string): number {
    return this.items.idOf(item);
  }

  has(row: number, id: number): boolean {
    return this.#pairs.get(id, row) > 0;
  }

  countOf(row: number): number {
    return this.#byRow.get(row)?.length ?? 0;
  }

  get(row: number): string[] {
    return (this.#byRow.get(row) ?? []).map((id) => this.items.textOf(id)!).sort();
  }

  replace(row: number, items: readonly string[]): void {
    for (const id of this.#byRow.get(row) ?? []) this.#pairs.remove(id, row);
    const ids = [...new Set(items)].map((item) => this.items.intern(item));
    for (const id of ids) this.#pairs.add(id, row);
    if (ids.length === 0) this.#byRow.delete(row);
    else this.#byRow.set(row, ids);
  }
}

/** All kinds of cached items of an agent table. */
export class CachedItemTable {
  readonly #kinds = new Map<string, Kind>();

  /** The items of a kind, which is made when it is new. */
  kind(name: string): CachedItems {
    return this.#kindOf(name);
  }

  /** Kinds in alphabetical order. */
  kinds(): string[] {
    return [...this.#kinds.keys()].sort();
  }

  /** Number of distinct (kind, item) pairs ever seen; it grows when a bound plug-in must look again. */
  get vocabularySize(): number {
    let size = 0;
    for (const { items } of this.#kinds.values()) size += items.size - 1;
    return size;
  }

  /** Replaces the items of one kind on a row. O(items before and after). */
  replace(row: number, kind: string, items: readonly string[]): void {
    this.#kindOf(kind).replace(row, items);
  }

  /** The items of one kind on a row, in alphabetical order. */
  get(row: number, kind: string): string[] {
    return this.#kindOf(kind).get(row);
  }

  clear(row: number): void {
    for (const kind of this.#kinds.values()) kind.replace(row, []);
  }

  #kindOf(name: string): Kind {
    let kind = this.#kinds.get(name);
    if (kind === undefined) this.#kinds.set(name, (kind = new Kind()));
    return kind;
  }
}
