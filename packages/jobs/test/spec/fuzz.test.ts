/**
 * 10,000 specs, typical ones with random changes and plain junk: each comes out as a valid spec or as a list of field
 * errors. Nothing is thrown, the input stays as it was, and a valid spec passes again unchanged.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FIELD_ERRORS } from '../../src/spec/field-error.ts';
import { JobSpecRules } from '../../src/spec/job-spec-rules.ts';
import { sanitizeJobSpec } from '../../src/spec/sanitize-job-spec.ts';
import { fullBatch, fullService, leastBatch, leastService } from './specs.ts';

const RUNS = 10_000;
const strict = new JobSpecRules();
const permissive = new JobSpecRules({ mode: 'permissive' });

const throwing: ProxyHandler<object> = {
  ownKeys: () => {
    throw new Error('a trap ran');
  },
};

/** Values as they stand in specs, and values that stand nowhere. */
const value: fc.Arbitrary<unknown> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom(0, 1, 2, 64, 128, 512, 1_000, 5_000, 60_000, 3_600_000, 1e6, 24, 100),
  },
  {
    weight: 3,
    arbitrary: fc.constantFrom('', 'a', 'a@b', 'sg-1', 'UTC', 'true', 'monday', 'alwaysHealthy', '1.0'),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom('batch', 'service', 'immediate', 'delayed', 'relocations', 'unlimited'),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(true, false, null, undefined, NaN, -0, -1, 0.5, Infinity, 2 ** 53),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom([], {}, ['a', 'a'], ['sg-1', 'sg-2'], { a: 'b' }, { UNIQUEHOST: '1' }),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom<unknown>(1n, Symbol('s'), () => 1, new Map(), new Proxy({}, throwing)),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
  {
    weight: 1,
    arbitrary: fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withNullPrototype: true,
      withSparseArray: true,
      withUnicodeString: true,
    } as fc.ObjectConstraints),
  },
);

const fieldName = fc.oneof(
  fc.constantFrom('kind', 'size', 'a', '0', 'toString', 'constructor', '__proto__', 'limit', 'sice', 'get'),
  fc.string(),
);

type Change = {
  readonly at: number;
  readonly how: 'replace' | 'remove' | 'add' | 'accessor' | 'move';
  readonly name: string;
  readonly value: unknown;
};

const change: fc.Arbitrary<Change> = fc.record({
  at: fc.nat(1_000),
  how: fc.constantFrom('replace', 'replace', 'replace', 'remove', 'add', 'accessor', 'move'),
  name: fieldName,
  value,
});

/** Every object or list of a spec with each of its keys, without reading accessors and without going in circles. */
function placesIn(holder: object, own: ReadonlySet<object>, seen = new Set<object>()): [object, string][] {
  if (seen.has(holder)) return [];
  seen.add(holder);
  return Object.keys(holder).flatMap((key) => {
    const inner: unknown = Object.getOwnPropertyDescriptor(holder, key)!.value;
    const within = own.has(inner as object) ? placesIn(inner as object, own, seen) : [];
    return [[holder, key] as [object, string], ...within];
  });
}

/** The objects of plain data. */
function objectsIn(data: object): object[] {
  const inner = Object.values(data).filter((value): value is object => typeof value === 'object');
  return [data, ...inner.flatMap(objectsIn)];
}

function mutated(base: object, changes: readonly Change[]): object {
  const spec = structuredClone(base);
  // Values of changes are shared between runs, so changes go into objects of the copy only.
  const own = new Set(objectsIn(spec));
  for (const { at, how, name, value } of changes) {
    const places = placesIn(spec, own);
    if (places.length === 0) break;
    const [holder, key] = places[at % places.length];
    const define = (field: string, of: PropertyDescriptor): void => {
      Object.defineProperty(holder, field, { enumerable: true, configurable: true, ...of });
    };
    if (how === 'replace') define(key, { value, writable: true });
    else if (how === 'remove') Reflect.deleteProperty(holder, key);
    else if (how === 'add')
      define(Array.isArray(holder) ? String(holder.length) : name, { value, writable: true });
    else if (how === 'move')
      define(Array.isArray(holder) ? key : name, {
        value: places[(at * 7) % places.length][0],
        writable: true,
      });
    else
      define(key, {
        get: () => {
          throw new Error('an accessor ran');
        },
      });
  }
  return spec;
}

const input = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(
        fc.constantFrom(leastBatch, leastService, fullBatch, fullService),
        fc.array(change, { maxLength: 4 }),
      )
      .map(([base, changes]) => mutated(base, changes)),
  },
  { weight: 1, arbitrary: value },
);

/** The input as text without reading it through accessors: kinds, own properties, identities in order of appearance. */
function fingerprint(root: unknown): string {
  const seen = new Map<object, number>();
  const of = (part: unknown): string => {
    if (typeof part !== 'object' || part === null)
      return Object.is(part, -0) ? '-0' : `${typeof part} ${String(part)}`;
    const known = seen.get(part);
    if (known !== undefined) return `#${known}`;
    seen.set(part, seen.size);
    try {
      const fields = Reflect.ownKeys(part).map((key) => {
        const field = Object.getOwnPropertyDescriptor(part, key)!;
        return `${String(key)} ${field.enumerable} ${field.get === undefined ? of(field.value) : 'accessor'}`;
      });
      return `${Array.isArray(part) ? 'list' : 'object'} {${fields.join(', ')}}`;
    } catch {
      return 'unreadable';
    }
  };
  return of(root);
}

test.each([
  ['strict', strict],
  ['permissive', permissive],
] as const)('a spec or field errors, never anything else (%s)', (_, rules) => {
  const outcomes = { ok: 0, refused: 0 };
  fc.assert(
    fc.property(input, (given) => {
      const before = fingerprint(given);
      const result = sanitizeJobSpec(given, rules);
      expect(fingerprint(given)).toBe(before);
      if (result.ok) {
        outcomes.ok++;
        const bytes = JSON.stringify(result.spec);
        const again = sanitizeJobSpec(JSON.parse(bytes), rules);
        expect(again).toStrictEqual({ ok: true, spec: result.spec, adjusted: [] });
        expect(again.ok && JSON.stringify(again.spec)).toBe(bytes);
      } else {
        outcomes.refused++;
        expect(result.errors.length).toBeGreaterThan(0);
        const paths = result.errors.map(({ path }) => path);
        expect(paths).toEqual([...new Set(paths)].sort());
        for (const { code, path, value, message, limit } of result.errors) {
          expect(FIELD_ERRORS).toHaveProperty(code);
          expect(message.startsWith(path === '' ? 'the whole is ' : `${path} is `)).toBe(true);
          expect(value.length).toBeLessThanOrEqual(80);
          expect(limit !== undefined).toBe(code === 'TOO_SMALL' || code === 'TOO_LARGE');
        }
      }
    }),
    { numRuns: RUNS, seed: 20_221 },
  );
  // Both halves of the promise were put to the test.
  expect(outcomes.ok).toBeGreaterThan(RUNS / 20);
  expect(outcomes.refused).toBeGreaterThan(RUNS / 20);
});
