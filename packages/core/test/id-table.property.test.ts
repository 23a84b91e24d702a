/**
 * Ids and numbers against two maps, with transactions, for ids of any kind and for ids that were chosen to collide.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { IdIndex } from '../src/support/id-index.ts';
import { IdTable } from '../src/support/id-table.ts';

const INDEX_MASK = 0xff;
const missing = (id: string): never => {
  throw new RangeError(`no ${id}`);
};
const ids = fc.oneof(fc.nat(30).map(String), fc.constantFrom('', '__proto__', 'é', '\0', 'a'.repeat(300)));
const steps = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constant('toggle'),
        id: ids,
        index: fc.nat(40),
        generation: fc.nat(3),
      }),
    },
    fc.record({ kind: fc.constantFrom('begin', 'commit', 'rollback') }),
  ),
  { maxLength: 200 },
);

test('a table is a map in both directions that can be rolled back', () => {
  fc.assert(
    fc.property(steps, (list) => {
      const table = new IdTable(INDEX_MASK, missing);
      let model = new Map<string, number>();
      const saved: Map<string, number>[] = [];
      for (const step of list) {
        if ('id' in step) toggle(table, model, step);
        else if (step.kind === 'begin') {
          table.begin();
          saved.push(new Map(model));
        } else if (saved.length > 0) {
          const before = saved.pop()!;
          if (step.kind === 'rollback') model = before;
          if (step.kind === 'rollback') table.rollback();
          else table.commit();
        }
        expectEqual(table, model);
      }
    }),
  );
});

function toggle(
  table: IdTable,
  model: Map<string, number>,
  step: { id: string; index: number; generation: number },
) {
  const { id, index, generation } = step;
  const number = generation * (INDEX_MASK + 1) + index;
  if (model.has(id)) {
    table.remove(id);
    model.delete(id);
    expect(() => table.numberOf(id)).toThrow(RangeError);
    expect(() => table.remove(id)).toThrow(RangeError);
  } else if (![...model.values()].some((other) => (other & INDEX_MASK) === index)) {
    table.add(id, number);
    model.set(id, number);
  }
}

function expectEqual(table: IdTable, model: Map<string, number>): void {
  expect(table.size).toBe(model.size);
  expect(table.entries()).toEqual([...model].sort(([, a], [, b]) => a - b));
  for (const [id, number] of model) {
    expect(table.has(id)).toBe(true);
    expect(table.numberOf(id)).toBe(number);
    expect(table.idOf(number)).toBe(id);
    expect(table.idOf(number ^ (INDEX_MASK + 1))).toBeUndefined();
  }
  expect(table.verify('task', model.size, () => true)).toEqual([]);
  expect(table.verify('task', model.size + 1, () => true)).toHaveLength(1);
}

describe('an index', () => {
  test('knows no values that are not strings', () => {
    const index = new IdIndex();
    index.add('1', 0);
    index.add('undefined', 1);
    for (const value of [1, undefined, null, {}, ['1']]) expect(index.indexOf(value as string)).toBe(-1);
  });

  test('finds what grows and shrinks', () => {
    const index = new IdIndex();
    const id = (i: number) => `task-${i}`;
    for (let i = 0; i < 20_000; i++) index.add(id(i), i);
    for (let i = 0; i < 20_000; i += 3) index.remove(id(i), i);
    for (let i = 0; i < 20_000; i++) expect(index.indexOf(id(i))).toBe(i % 3 === 0 ? -1 : i);
    expect(index.size).toBe(13_333);
  });

  test('keeps apart ids whose hashes are equal at first', () => {
    // NULs leave a hash of 0 as it is, so without another seed these would all be one run of slots.
    const index = new IdIndex();
    const id = (i: number) => '\0'.repeat(i);
    for (let i = 0; i < 2000; i++) index.add(id(i), i);
    expect(index.longestRun()).toBeLessThan(256);
    for (let i = 0; i < 2000; i += 2) index.remove(id(i), i);
    for (let i = 0; i < 2000; i++) expect(index.indexOf(id(i))).toBe(i % 2 === 0 ? -1 : i);
  });
});

test('of ids that share an index, or of an id with two numbers, a table says so', () => {
  const shared = new IdTable(INDEX_MASK, missing);
  shared.add('a', 1);
  shared.add('b', 1);
  for (const count of [1, 2]) expect(shared.verify('task', count, () => true)).not.toEqual([]);
  const double = new IdTable(INDEX_MASK, missing);
  double.add('a', 1);
  double.add('a', 2);
  expect(double.verify('task', 2, () => true)).not.toEqual([]);
});
