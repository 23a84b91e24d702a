/**
 * Attributes of agents (zone, machine type), dictionary-encoded: one Int32 column per key, one interner of
 * values per key, 0 where an agent lacks the attribute.
 */
import { grown } from '../support/grown.ts';
import { Interner } from '../support/interner.ts';

/**
 * One attribute over all agents.
 * @public
 */
export interface AttributeColumn {
  readonly key: string;
  /** Value id per row; 0 = absent. */
  readonly ids: Int32Array;
  /** Exclusive upper bound of the value ids. */
  readonly idCount: number;
  /** Id of a value, 0 when no agent ever had it. */
  idOf(value: string): number;
  /** Value of an id; undefined for 0. */
  valueOf(id: number): string | undefined;
  /** Present agents that have the value of an id now; 0 for the id 0. */
  agentCount(id: number): number;
}

class Column implements AttributeColumn {
  readonly key: string;
  readonly values = new Interner();
  ids: Int32Array;
  /** By value id; what was never counted is 0. */
  readonly #agentCounts: number[] = [0];

  constructor(key: string, capacity: number) {
    this.key = key;
    this.ids = new Int32Array(capacity);
  }

  get idCount(): number {
    return this.values.size;
  }

  idOf(value: string): number {
    return this.values.idOf(value);
  }

  valueOf(id: number): string | undefined {
    return this.values.textOf(id);
  }

  agentCount(id: number): number {
    return this.#agentCounts[id] ?? 0;
  }

  set(row: number, value: string): void {
    this.clear(row);
    const id = this.values.intern(value);
    this.ids[row] = id;
    this.#agentCounts[id] = this.agentCount(id) + 1;
  }

  clear(row: number): void {
    const id = this.ids[row];
    if (id === 0) return;
    this.ids[row] = 0;
    this.#agentCounts[id]--;
  }
}

/** All attribute columns of an agent table. */
export class AttributeTable {
  readonly #columns = new Map<string, Column>();
  #capacity: number;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** The column of a key, made when it is new; absent everywhere at first. */
  column(key: string): AttributeColumn {
    return this.#columnOf(key);
  }

  /** All columns there are. */
  columns(): Iterable<AttributeColumn> {
    return this.#columns.values();
  }

  /** Number of distinct (key, value) pairs ever seen; it grows when a bound plug-in must look again. */
  get vocabularySize(): number {
    let size = 0;
    for (const column of this.#columns.values()) size += column.values.size - 1;
    return size;
  }

  /** Replaces all attributes of a row. */
  set(row: number, attributes: Readonly<Record<string, string>>): void {
    this.clear(row);
    for (const [key, value] of Object.entries(attributes)) this.#columnOf(key).set(row, value);
  }

  clear(row: number): void {
    for (const column of this.#columns.values()) column.clear(row);
  }

  /** The attributes of a row, keys in alphabetical order, on an object without prototype: a key may be any text. */
  get(row: number): Record<string, string> {
    const attributes = Object.create(null) as Record<string, string>;
    for (const key of [...this.#columns.keys()].sort()) {
      const column = this.#columns.get(key)!;
      const value = column.valueOf(column.ids[row]);
      if (value !== undefined) attributes[key] = value;
    }
    return attributes;
  }

  /** Whether a row has just these attributes. */
  equals(row: number, attributes: Readonly<Record<string, string>>): boolean {
    const own = this.get(row);
    const keys = Object.keys(attributes);
    return keys.length === Object.keys(own).length && keys.every((key) => own[key] === attributes[key]);
  }

  grow(capacity: number): void {
    this.#capacity = capacity;
    for (const column of this.#columns.values()) column.ids = grown(column.ids, capacity);
  }

  #columnOf(key: string): Column {
    let column = this.#columns.get(key);
    if (column === undefined) {
      column = new Column(key, this.#capacity);
      this.#columns.set(key, column);
    }
    return column;
  }
}
