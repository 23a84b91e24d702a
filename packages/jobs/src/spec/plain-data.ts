/**
 * A fresh copy of data from outside, so that what follows handles nothing but plain objects, lists and primitives of
 * bounded number. No accessor is called and no foreign method: properties are read by their descriptors, and whatever
 * is not data is an error at its path. Only a proxy can run code while it is read; what it throws is an error as well.
 */
import { type FieldError, fieldError, shown } from './field-error.ts';
import { JOB_LIMITS, type JobLimitName, type JobLimits } from './job-limits.ts';

type Keys = readonly (string | number)[];

/** Thrown inside only, to leave the recursion when the whole is too large. */
class SpecTooLarge extends Error {}

/** `errors` may stand beside a value, of which the bad parts are then left out. */
export interface PlainData {
  readonly value: unknown;
  readonly errors: readonly FieldError[];
}

/** Never throws. O(size of the input), at most the limits of a whole spec. */
export function copyPlainData(input: unknown, limits: JobLimits): PlainData {
  const copier = new Copier(limits);
  try {
    return { value: copier.copy(input, [], []), errors: copier.errors };
  } catch {
    // Only `SpecTooLarge` comes here: the rest of the input has not been read, so its other errors are not known.
    return { value: undefined, errors: copier.errors };
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

class Copier {
  errors: FieldError[] = [];
  readonly #limits: JobLimits;
  #values = 0;
  #characters = 0;

  constructor(limits: JobLimits) {
    this.#limits = limits;
  }

  copy(value: unknown, keys: Keys, within: readonly object[]): unknown {
    this.#count('specMaxValues', ++this.#values);
    switch (typeof value) {
      case 'string':
        this.#count('specMaxCharacters', (this.#characters += value.length));
        return value;
      case 'number':
        // JSON has no -0.
        return value === 0 ? 0 : value;
      case 'boolean':
      case 'undefined':
        return value;
      case 'object':
        return value === null ? null : this.#copyObject(value, keys, within);
      default:
        return this.#refuse(keys, shown(value), 'plain data');
    }
  }

  #copyObject(value: object, keys: Keys, within: readonly object[]): unknown {
    if (within.includes(value)) return this.#refuse(keys, 'an object that contains itself', 'plain data');
    const { specMaxDepth } = this.#limits;
    if (within.length >= specMaxDepth) {
      const limit = { name: 'specMaxDepth', value: specMaxDepth };
      const advice = `at most ${specMaxDepth} levels`;
      this.errors.push(fieldError(keys, 'TOO_LARGE', 'nested too deep', advice, limit));
      return undefined;
    }
    try {
      if (Array.isArray(value)) return this.#copyList(value, keys, [...within, value]);
      const prototype: unknown = Object.getPrototypeOf(value);
      if (prototype === null || Object.getPrototypeOf(prototype) === null) {
        return this.#copyRecord(value, keys, [...within, value]);
      }
    } catch (error) {
      if (error instanceof SpecTooLarge) throw error;
      return this.#refuse(keys, 'an object that cannot be read', 'plain data');
    }
    return this.#refuse(keys, 'an object of a class', 'a plain object');
  }

  #copyList(list: readonly unknown[], keys: Keys, within: readonly object[]): unknown[] {
    const copy: unknown[] = [];
    const length = list.length;
    for (let index = 0; index < length; index++) {
      copy.push(this.#copyProperty(list, index, [...keys, index], within));
    }
    return copy;
  }

  #copyRecord(record: object, keys: Keys, within: readonly object[]): Record<string, unknown> {
    const copy: Record<string, unknown> = {};
    for (const key of Reflect.ownKeys(record)) {
      if (typeof key === 'symbol') {
        if (Object.prototype.propertyIsEnumerable.call(record, key)) {
          this.#refuse([...keys, 'Symbol()'], 'a field named by a symbol', 'it a name');
        }
        continue;
      }
      this.#count('specMaxCharacters', (this.#characters += key.length));
      const path = [...keys, key];
      if (key === '__proto__') {
        // As a name it is harmless here, but not wherever objects are copied by assignment.
        this.#refuse(path, 'a name that JavaScript has a meaning for', 'it another name');
        continue;
      }
      const value = this.#copyProperty(record, key, path, within);
      if (value !== undefined) copy[key] = value;
    }
    return copy;
  }

  #copyProperty(holder: object, key: string | number, keys: Keys, within: readonly object[]): unknown {
    const property = Reflect.getOwnPropertyDescriptor(holder, key);
    if (property !== undefined && !('value' in property)) {
      return this.#refuse(keys, 'an accessor', 'plain data');
    }
    return this.copy(property?.enumerable === true ? property.value : undefined, keys, within);
  }

  #count(name: JobLimitName, count: number): void {
    const value = this.#limits[name];
    if (count <= value) return;
    const what = JOB_LIMITS[name].meaning;
    this.errors = [fieldError([], 'TOO_LARGE', 'too large', `at most ${value} ${what}`, { name, value })];
    throw new SpecTooLarge();
  }

  #refuse(keys: Keys, what: string, advice: string): undefined {
    this.errors.push(fieldError(keys, 'NOT_DATA', what, advice));
    return undefined;
  }
}
