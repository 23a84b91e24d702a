/**
 * Small parsers for data from outside. Each returns a copy made of plain data, or notes what is wrong and where. All
 * problems of a value are noted, not only the first; unknown fields are problems, so that a misspelt one is not ignored.
 */

/** One thing that is wrong, with the path of the field as `network.securityGroups[0]`. */
export interface Problem {
  readonly path: string;
  readonly text: string;
}

/** What it returns is meaningless when it has noted a problem. */
export type Parser<T> = (value: unknown, path: string, problems: Problem[]) => T;

/** A field that may be left out. */
export interface Optional<T> {
  readonly optional: Parser<T>;
}

type Fields<T> = {
  readonly [K in keyof T]-?: undefined extends T[K] ? Optional<Exclude<T[K], undefined>> : Parser<T[K]>;
};

export function optional<T>(parser: Parser<T>): Optional<T> {
  return { optional: parser };
}

/** Exactly these fields. */
export function object<T extends object>(fields: Fields<T>): Parser<T> {
  const parsers = fields as Readonly<Record<string, Parser<unknown> | Optional<unknown>>>;
  return (value, path, problems) => {
    const entries = entriesOf(value, path, problems);
    const given = new Map(entries);
    for (const [name] of entries) {
      if (!Object.hasOwn(parsers, name)) problems.push({ path: join(path, name), text: 'is no known field' });
    }
    const copy: [string, unknown][] = [];
    for (const [name, parser] of Object.entries(parsers)) {
      const field = given.get(name);
      if (typeof parser === 'function') copy.push([name, parser(field, join(path, name), problems)]);
      else if (field !== undefined) copy.push([name, parser.optional(field, join(path, name), problems)]);
    }
    return Object.fromEntries(copy) as T;
  };
}

/** Any names that match, at most `max`. */
export function record(
  name: RegExp,
  nameHint: string,
  max: number,
  text: Parser<string>,
): Parser<Record<string, string>> {
  return (value, path, problems) => {
    const entries = entriesOf(value, path, problems);
    if (entries.length > max)
      problems.push({ path, text: `has ${entries.length} entries; at most ${max} are allowed` });
    const copy = entries.slice(0, max).map(([key, item]) => {
      if (!name.test(key))
        problems.push({ path: join(path, shorten(key)), text: `has a name that is not ${nameHint}` });
      return [key, text(item, join(path, shorten(key)), problems)];
    });
    return Object.fromEntries(copy) as Record<string, string>;
  };
}

export function list<T>(item: Parser<T>, max: number, min = 0): Parser<readonly T[]> {
  return (value, path, problems) => {
    if (!Array.isArray(value)) {
      problems.push({ path, text: `must be a list, not ${show(value)}` });
      return [];
    }
    if (value.length < min) problems.push({ path, text: `must have at least ${min} items` });
    if (value.length > max)
      problems.push({ path, text: `has ${value.length} items; at most ${max} are allowed` });
    return Array.from(value.slice(0, max), (element, index) => item(element, `${path}[${index}]`, problems));
  };
}

/** A text that matches, without NUL, of at most `maxLength` UTF-16 units. */
export function text(maxLength: number, pattern?: RegExp, hint?: string): Parser<string> {
  return (value, path, problems) => {
    if (typeof value !== 'string') problems.push({ path, text: `must be a text, not ${show(value)}` });
    else if (value.length > maxLength)
      problems.push({ path, text: `must have at most ${maxLength} characters` });
    else if (value.includes('\0')) problems.push({ path, text: 'must not contain the character NUL' });
    else if (pattern !== undefined && !pattern.test(value)) {
      problems.push({ path, text: `must be ${hint}, not ${show(value)}` });
    }
    return value as string;
  };
}

export function integer(min: number, max: number): Parser<number> {
  return (value, path, problems) => {
    if (!Number.isInteger(value) || (value as number) < min || (value as number) > max) {
      problems.push({ path, text: `must be a whole number from ${min} to ${max}, not ${show(value)}` });
    }
    return value as number;
  };
}

export const flag: Parser<boolean> = (value, path, problems) => {
  if (typeof value !== 'boolean') problems.push({ path, text: `must be true or false, not ${show(value)}` });
  return value as boolean;
};

export function oneOf<const T extends string>(...choices: readonly T[]): Parser<T> {
  return (value, path, problems) => {
    if (!choices.includes(value as T)) {
      problems.push({ path, text: `must be one of ${choices.join(', ')}, not ${show(value)}` });
    }
    return value as T;
  };
}

function entriesOf(value: unknown, path: string, problems: Problem[]): [string, unknown][] {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return Object.entries(value);
  problems.push({ path, text: `must be an object, not ${show(value)}` });
  return [];
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(shorten(value));
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  return String(value);
}

function shorten(value: string): string {
  return value.length > 60 ? `${value.slice(0, 60)}…` : value;
}
