import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { KindCounts } from '../src/counts/kind-counts.ts';
import { PairCounts } from '../src/counts/pair-counts.ts';
import { ValueCounts } from '../src/counts/value-counts.ts';

interface Step {
  readonly adds: boolean;
  readonly kind: number;
  readonly value: number;
}

const KINDS = 40;
/** Spans of the first length, longer ones, and more values than spans are for. */
const VALUES = [3, 30, 200];

const stepsOf = (values: number): fc.Arbitrary<Step[]> =>
  fc.array(
    fc.record({ adds: fc.boolean(), kind: fc.nat(KINDS - 1), value: fc.oneof(fc.nat(values), fc.nat(3)) }),
    { maxLength: 600, size: 'max' },
  );

/** Does the same to a map, and demands the same answers. */
function run(counts: KindCounts, steps: readonly Step[]): Map<string, number> {
  const model = new Map<string, number>();
  const answers = steps.map(({ adds, kind, value }) =>
    adds ? counts.add(kind, value) : counts.remove(kind, value),
  );
  const expected = steps.map(({ adds, kind, value }) => {
    const after = (model.get(`${kind} ${value}`) ?? 0) + (adds ? 1 : -1);
    model.set(`${kind} ${value}`, Math.max(0, after));
    return after;
  });
  expect(answers).toEqual(expected);
  return model;
}

const FORMS = [ValueCounts, PairCounts].flatMap((form) =>
  VALUES.map((values) => [form.name, form, values] as const),
);

test.each(FORMS)('%s counts like a map', (_, form, values) => {
  fc.assert(
    fc.property(stepsOf(values), (steps) => {
      const counts = new form();
      const model = run(counts, steps);
      for (let kind = 0; kind <= KINDS + 1; kind++) {
        const all = Array.from({ length: values + 2 }, (_, value) => counts.get(kind, value));
        expect(all).toEqual(all.map((_, value) => model.get(`${kind} ${value}`) ?? 0));
      }
      counts.clear();
      run(counts, steps);
    }),
    { numRuns: 60 },
  );
});

test('the same counts are equal, whatever was counted before', () => {
  fc.assert(
    fc.property(stepsOf(30), stepsOf(100), (steps, others) => {
      const counts = new ValueCounts();
      const model = run(counts, steps);
      const other = new ValueCounts();
      for (const [key, count] of run(other, others)) {
        const [kind, value] = key.split(' ').map(Number);
        for (let task = 0; task < count; task++) other.remove(kind, value);
      }
      for (const [key, count] of model) {
        const [kind, value] = key.split(' ').map(Number);
        for (let task = 0; task < count; task++) other.add(kind, value);
      }
      expect(other.equals(counts)).toBe(true);
      expect(counts.equals(other)).toBe(true);
      other.add(1, 2);
      expect(other.equals(counts)).toBe(false);
      expect(counts.equals(other)).toBe(false);
    }),
    { numRuns: 60 },
  );
});

test('kinds without tasks take no memory', () => {
  const counts = new ValueCounts();
  for (let kind = 1; kind < 1000; kind++) {
    counts.add(kind, kind % 20);
    if (kind > 3) expect(counts.remove(kind - 3, (kind - 3) % 20)).toBe(0);
  }
  expect(counts.spanCount).toBe(4);
});

test('an attribute of very many values is counted in a hash table', () => {
  const counts = new ValueCounts();
  counts.add(1, 63);
  expect(counts.spanCount).toBe(1);
  counts.add(1, 64);
  expect(counts.spanCount).toBe(0);
  expect([63, 64, 65].map((value) => counts.get(1, value))).toEqual([1, 1, 0]);
});
