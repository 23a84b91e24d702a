/**
 * Label keys and values of tasks as small integers: one id space for keys, one per key for values.
 */
import { Interner } from '../support/interner.ts';

export class LabelVocabulary {
  readonly #keys = new Interner();
  readonly #values: Interner[] = [];

  /** Number of a label key, added when it is new; starts at 1. */
  key(name: string): number {
    const key = this.#keys.intern(name);
    this.#values[key] ??= new Interner();
    return key;
  }

  keyName(key: number): string {
    return this.#keys.textOf(key)!;
  }

  /** Id of a value under a key, added when it is new; starts at 1. */
  valueId(key: number, value: string): number {
    return this.#values[key].intern(value);
  }

  valueOf(key: number, id: number): string | undefined {
    return this.#values[key].textOf(id);
  }

  /** Exclusive upper bound of the value ids of a key. */
  idCount(key: number): number {
    return this.#values[key].size;
  }
}
