import { expect, test } from 'vitest';
import { ChangeJournal } from '../src/ledger/change-journal.ts';

test('replays the rows changed since a version, each once', () => {
  const journal = new ChangeJournal(8);
  for (const row of [3, 1, 3, 1]) journal.record(row);
  const rows = new Int32Array(8);
  expect(journal.changedSinceInto(1, rows)).toBe(2);
  expect([...rows.subarray(0, 2)]).toEqual([3, 1]);
  expect(journal.changedSinceInto(3, rows)).toBe(1);
  expect(journal.changedSinceInto(4, rows)).toBe(0);
});

test('says so when the ring has moved past a version, or the rows do not fit', () => {
  const journal = new ChangeJournal(8);
  for (let i = 0; i < 1025; i++) journal.record(0);
  expect(journal.changedSinceInto(0, new Int32Array(4096))).toBe(-1);
  expect(journal.changedSinceInto(1, new Int32Array(4096))).toBe(1);
  expect(journal.changedSinceInto(1, new Int32Array(100))).toBe(-1);
});

test('forgets everything when it grows', () => {
  const journal = new ChangeJournal(8);
  journal.record(5);
  journal.grow(4096);
  expect(journal.changedSinceInto(0, new Int32Array(8))).toBe(-1);
  journal.record(6);
  expect(journal.changedSinceInto(1, new Int32Array(8))).toBe(1);
});
