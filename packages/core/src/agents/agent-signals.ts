/**
 * Numbers that agents report about themselves and that change while they run: quality, temperature, load. Unlike
 * attributes they are not interned, so a new value costs one store and binds nothing anew.
 */
import { grown } from '../support/grown.ts';

/** The value of a signal that an agent never reported. @public */
export const NO_SIGNAL = -1;

export class AgentSignals {
  readonly #columns = new Map<string, Int32Array>();
  #capacity: number;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** The column of a signal, made when it is new. */
  column(name: string): Int32Array {
    let column = this.#columns.get(name);
    if (column === undefined) {
      column = new Int32Array(this.#capacity).fill(NO_SIGNAL);
      this.#columns.set(name, column);
    }
    return column;
  }

  /** Signals that some agent has reported, in alphabetical order. */
  names(): string[] {
    return [...this.#columns]
      .filter(([, column]) => column.some((value) => value !== NO_SIGNAL))
      .map(([name]) => name)
      .sort();
  }

  /** The signals of a row. */
  get(row: number): [name: string, value: number][] {
    return [...this.#columns]
      .map(([name, column]): [string, number] => [name, column[row]])
      .filter(([, value]) => value !== NO_SIGNAL);
  }

  clear(row: number): void {
    for (const column of this.#columns.values()) column[row] = NO_SIGNAL;
  }

  grow(capacity: number): void {
    for (const [name, column] of this.#columns) {
      this.#columns.set(name, grown(column, capacity).fill(NO_SIGNAL, this.#capacity));
    }
    this.#capacity = capacity;
  }
}
