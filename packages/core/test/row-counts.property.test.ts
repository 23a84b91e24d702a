/**
 * Counts by kind and row against a map, with memory for the bits of all kinds, of some, and of none.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BitPool } from '../src/counts/bit-pool.ts';
import { RowCounts } from '../src/counts/row-counts.ts';

const KINDS = 6;

type Step =
  | { readonly kind: number; readonly row: number; readonly adds: boolean }
  | { readonly grows: number }
  | { readonly clears: true };

const change = fc.record({
  kind: fc.nat({ max: KINDS - 1 }),
  row: fc.nat({ max: 400 }),
  adds: fc.boolean(),
});
/** Few rows, so that tasks meet there and kinds leave for good. */
const nearby = fc.record({
  kind: fc.nat({ max: KINDS - 1 }),
  row: fc.nat({ max: 2 }),
  adds: fc.boolean(),
});
const stepArbitrary: fc.Arbitrary<Step> = fc.oneof(
  { weight: 20, arbitrary: change },
  { weight: 40, arbitrary: nearby },
  { weight: 2, arbitrary: fc.record({ grows: fc.integer({ min: 1, max: 200 }) }) },
  { weight: 1, arbitrary: fc.constant({ clears: true } as const) },
);

class Twin {
  readonly space = { capacity: 20 };
  readonly counts: RowCounts;
  readonly #model = new Map<string, number>();

  constructor(mostBytes: number) {
    this.counts = new RowCounts(new BitPool(this.space, mostBytes));
  }

  step(step: Step): void {
    if ('grows' in step) {
      this.space.capacity += step.grows;
    } else if ('clears' in step) {
      this.counts.clear();
      this.#model.clear();
    } else {
      this.#change(step.kind, step.row % this.space.capacity, step.adds);
    }
  }

  verify(): void {
    const wrong: string[] = [];
    const again = this.counts.emptyCopy();
    for (let kind = 0; kind < KINDS; kind++) {
      const rows = this.counts.rowsOf(kind);
      let size = 0;
      for (let row = 0; row < this.space.capacity + 40; row++) {
        const count = this.#model.get(`${kind} ${row}`) ?? 0;
        const isRight =
          this.counts.get(kind, row) === count && rows.get(row) === count && rows.has(row) === count > 0;
        if (!isRight) wrong.push(`kind ${kind}, row ${row}`);
        if (count > 0) size++;
        for (let i = 0; i < count; i++) again.add(kind, row);
      }
      if (rows.size !== size) wrong.push(`size of kind ${kind}`);
    }
    expect(wrong).toEqual([]);
    expect(again.equals(this.counts)).toBe(true);
    again.add(KINDS, 0);
    expect(again.equals(this.counts) || this.counts.equals(again)).toBe(false);
  }

  #change(kind: number, row: number, adds: boolean): void {
    const key = `${kind} ${row}`;
    const before = this.#model.get(key) ?? 0;
    const after = adds ? before + 1 : before - 1;
    expect(adds ? this.counts.add(kind, row) : this.counts.remove(kind, row)).toBe(after);
    if (after > 0) this.#model.set(key, after);
    else this.#model.delete(key);
  }
}

test.each([
  ['all kinds', Infinity, KINDS],
  ['some kinds', 100, 2],
  ['no kind', 0, 0],
])('counts as a map does, with memory for the bits of %s', (_which, mostBytes, mostWithBits) => {
  let withBits = 0;
  let withoutBits = 0;
  fc.assert(
    fc.property(fc.array(stepArbitrary, { maxLength: 150, size: 'max' }), (steps) => {
      const twin = new Twin(mostBytes);
      for (const [i, step] of steps.entries()) {
        twin.step(step);
        if (i % 10 === 0) twin.verify();
        for (let kind = 0; kind < KINDS; kind++) {
          const rows = twin.counts.rowsOf(kind);
          if (rows.hasBits) withBits++;
          else if (rows.size > 0) withoutBits++;
        }
      }
      twin.verify();
    }),
    { numRuns: 60 },
  );
  expect(withBits > 0).toBe(mostWithBits > 0);
  expect(withoutBits > 0).toBe(mostWithBits < KINDS);
});

test('bits are given back with the last task, and used again', () => {
  const space = { capacity: 64 };
  const pool = new BitPool(space, 8);
  const counts = new RowCounts(pool);
  counts.add(1, 5);
  counts.add(2, 5);
  expect([counts.rowsOf(1).hasBits, counts.rowsOf(2).hasBits]).toEqual([true, false]);
  counts.remove(1, 5);
  counts.add(3, 7);
  expect([counts.rowsOf(1).hasBits, counts.rowsOf(3).hasBits]).toEqual([false, true]);
  expect([counts.get(1, 5), counts.get(2, 5), counts.get(3, 5), counts.get(3, 7)]).toEqual([0, 1, 0, 1]);
  expect(counts.remove(4, 0)).toBe(-1);
});
