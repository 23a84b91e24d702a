import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ChangeJournal } from '../src/ledger/change-journal.ts';

const RING = 1024;

const journalFor = (capacity: number) => new ChangeJournal(new Int32Array(RING), capacity);

test('replays the rows changed since a version, each once', () => {
  const journal = journalFor(8);
  for (const row of [3, 1, 3, 1]) journal.record(row);
  const rows = new Int32Array(8);
  expect(journal.changedSinceInto(1, rows)).toBe(2);
  expect([...rows.subarray(0, 2)]).toEqual([3, 1]);
  expect(journal.changedSinceInto(3, rows)).toBe(1);
  expect(journal.changedSinceInto(4, rows)).toBe(0);
});

test('says so when the ring has moved past a version, or the rows do not fit', () => {
  const journal = journalFor(8);
  for (let i = 0; i < 1025; i++) journal.record(0);
  expect(journal.changedSinceInto(0, new Int32Array(4096))).toBe(-1);
  expect(journal.changedSinceInto(1, new Int32Array(4096))).toBe(1);
  expect(journal.changedSinceInto(1, new Int32Array(100))).toBe(-1);
});

test('forgets everything when it grows', () => {
  const journal = journalFor(8);
  journal.record(5);
  journal.useRing(new Int32Array(4096), 4096);
  expect(journal.changedSinceInto(0, new Int32Array(8))).toBe(-1);
  journal.record(6);
  expect(journal.changedSinceInto(1, new Int32Array(8))).toBe(1);
});

/** Steps of a history: changes of some rows, of which there are few, so that they change again, and many, so that the ring is used again. */
const history = fc.array(fc.array(fc.nat(11), { maxLength: 700 }), { minLength: 1, maxLength: 8 });

test('whatever changed and changes again, every version has the rows of a plain list, in order of their last change', () => {
  fc.assert(
    fc.property(history, fc.nat(4), (steps, grownAfter) => {
      const journal = journalFor(12);
      const changes: number[] = [];
      let oldest = 0;
      const found = new Int32Array(4096);
      steps.forEach((rows, step) => {
        for (const row of rows) journal.record(row);
        changes.push(...rows);
        if (step === grownAfter) {
          journal.useRing(new Int32Array(RING), 12);
          oldest = changes.length;
        }
        for (const version of new Set([oldest, changes.length, ...versionsAbout(changes.length)])) {
          if (version < 0) continue;
          const count = journal.changedSinceInto(version, found);
          const isKnown = version >= oldest && changes.length - version <= RING;
          if (isKnown) expect([...found.subarray(0, count)]).toEqual(byLastChange(changes.slice(version)));
          else expect(count).toBe(-1);
        }
      });
    }),
  );
});

/** Versions at and beyond what the ring holds, and a few changes back, also such as make no whole round. */
function versionsAbout(version: number): number[] {
  return [1, 2, 3, 4, 5, 18, 200, 1023, 1024, 1025].map((changes) => version - changes);
}

function byLastChange(rows: readonly number[]): number[] {
  return rows.filter((row, at) => rows.lastIndexOf(row) === at);
}
