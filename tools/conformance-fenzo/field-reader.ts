/**
 * Reads JSON that others wrote: every value is asked for by what it must be, and what is not so ends in an
 * `InputError` that names the file and the field. What nobody asks for is ignored.
 */

/** What can be wrong with the input, each with the situation it reports. */
export const INPUT_ERRORS = {
  UNREADABLE_FILE: 'A file or folder cannot be read, or holds no scenarios.',
  NOT_JSON: 'A file is not JSON.',
  INVALID_FIELD: 'A field is missing, ill-typed or contradicts another one.',
  UNSUPPORTED_AMOUNT: 'An amount cannot be counted in whole units of the engine.',
} as const;

export class InputError extends Error {
  readonly code: keyof typeof INPUT_ERRORS;

  constructor(code: keyof typeof INPUT_ERRORS, file: string, problem: string) {
    super(`${code}: ${file}: ${problem}`);
    this.name = 'InputError';
    this.code = code;
  }
}

/** A value with its place in a file. */
export class Field {
  readonly #value: unknown;
  readonly file: string;
  /** `iterations[2].offers[0].cpu`; empty for the whole. */
  readonly path: string;

  constructor(value: unknown, file: string, path = '') {
    this.#value = value;
    this.file = file;
    this.path = path;
  }

  get isList(): boolean {
    return Array.isArray(this.#value);
  }

  /** Whether the value is missing or null. */
  get isAbsent(): boolean {
    return this.#value === undefined || this.#value === null;
  }

  get(key: string): Field {
    return new Field(this.#object()[key], this.file, this.path === '' ? key : `${this.path}.${key}`);
  }

  /** The field if it is there and not null. */
  optional(key: string): Field | undefined {
    const field = this.get(key);
    return field.isAbsent ? undefined : field;
  }

  list<T>(read: (field: Field) => T): T[] {
    if (!Array.isArray(this.#value)) return this.fail('give a list');
    return this.#value.map((value, i) => read(new Field(value, this.file, `${this.path}[${i}]`)));
  }

  /** An object as a map from its keys. */
  map<T>(read: (field: Field) => T): Map<string, T> {
    return new Map(Object.keys(this.#object()).map((key) => [key, read(this.get(key))]));
  }

  /** Not empty. */
  text(): string {
    return typeof this.#value === 'string' && this.#value !== '' ? this.#value : this.fail('give a text');
  }

  /** Any text, also the empty one. */
  anyText(): string {
    return typeof this.#value === 'string' ? this.#value : this.fail('give a text');
  }

  oneOf<const T extends string>(choices: readonly T[]): T {
    const found = choices.find((choice) => choice === this.#value);
    return found ?? this.fail(`give one of ${choices.join(', ')}`);
  }

  number(): number {
    return typeof this.#value === 'number' ? this.#value : this.fail('give a number');
  }

  /** A number; `null` and `"NaN"`, as which JSON may carry what is none, are NaN. */
  numberOrNaN(): number {
    return this.#value === null || this.#value === 'NaN' ? NaN : this.number();
  }

  /** Finite and not negative. */
  amount(): number {
    const value = this.number();
    return Number.isFinite(value) && value >= 0 ? value : this.fail('give a number that is not negative');
  }

  /** A whole number that is not negative. */
  count(): number {
    const value = this.number();
    return Number.isSafeInteger(value) && value >= 0 ? value : this.fail('give a whole number from 0');
  }

  flag(): boolean {
    return typeof this.#value === 'boolean' ? this.#value : this.fail('give true or false');
  }

  /** @param remedy - what to do, after what the value is */
  fail(remedy: string): never {
    const where = this.path === '' ? 'the whole' : this.path;
    const what = this.#value === undefined ? 'missing' : (JSON.stringify(this.#value) ?? typeof this.#value);
    const shown = what.length > 80 ? `${what.slice(0, 80)}…` : what;
    throw new InputError('INVALID_FIELD', this.file, `${where} is ${shown}; ${remedy}.`);
  }

  #object(): Record<string, unknown> {
    const value = this.#value;
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return this.fail('give an object');
    return Object.fromEntries(Object.entries(value));
  }
}
