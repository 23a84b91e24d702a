/**
 * The columns of the agents, which JavaScript writes, and the ring of the change journal: what has changed since a tree was last
 * asked, which of it can run a task, and how that ranks by load.
 */
import { acceptedAt, changedAt, scoresAt } from './registers';

/**
 * What a class asks for: how many columns, from where on, and of each its address and the units that are needed. As `MemoryCell`
 * writes it, in the sizes of `src/structures/tree-places.ts`.
 */
const FIRST_COLUMN: usize = 4;
const COLUMN_BYTES: usize = 8;
const NEED: usize = 4;
/** How it ranks, per agent type: the score of a full agent, and then, per column, what a free unit takes from it. */
const RANKING: usize = 64;
const TYPE_BITS: usize = 6;
const WEIGHTS: usize = 8;

/** 1 where new tasks may go, by row. */
let openAt: usize = 0;
/** Agent type by row. */
let typeAt: usize = 0;
/** Changed rows by version modulo the length, a power of two; -1 in place of a row that changed again since. */
let ringAt: usize = 0;
let ringMask: i32 = 0;

/** How many rows the last listing has found: changed ones, and those of them that can run a task. */
export let changed: i32 = 0;
export let accepted: i32 = 0;

/** To be called first, once. Says where the columns are; before the first number of each must stand a zero. */
export function layOutColumns(open: usize, type: usize, ring: usize, ringLength: i32): void {
  openAt = open;
  typeAt = type;
  ringAt = ring;
  ringMask = ringLength - 1;
}

/** Lists the rows of so many changes from a version on, and those of them that can run a task of a class. */
export function listFitting(classAt: usize, version: i32, count: i32): void {
  const columns = load<i32>(classAt);
  if (columns === 2) Listing.list(classAt, version, count, 2, false);
  else if (columns === 1) Listing.list(classAt, version, count, 1, false);
  else Listing.list(classAt, version, count, columns, false);
}

/** As `listFitting`, with their scores. */
export function listRanked(classAt: usize, version: i32, count: i32): void {
  const columns = load<i32>(classAt);
  if (columns === 2) Listing.list(classAt, version, count, 2, true);
  else if (columns === 1) Listing.list(classAt, version, count, 1, true);
  else Listing.list(classAt, version, count, columns, true);
}

/** Written out once per kind of listing and number of columns. */
class Listing {
  /**
   * Without a branch that depends on a row: an entry of the ring that is none stands for what is before the columns, which is
   * not open.
   */
  @inline
  static list(classAt: usize, version: i32, count: i32, columns: i32, isRanked: bool): void {
    let changedRow = changedAt;
    let acceptedRow = acceptedAt;
    let score = scoresAt;
    for (let i = 0; i < count; i++) {
      const row = load<i32>(ringAt + ((<usize>((version + i) & ringMask)) << 2));
      const place = <usize>(row << 2);
      const ranking = isRanked ? classAt + RANKING + ((<usize>load<i32>(typeAt + place)) << TYPE_BITS) : 0;
      let short = 0;
      let taken: f64 = 0;
      for (let c = 0; c < columns; c++) {
        const column = classAt + FIRST_COLUMN + <usize>c * COLUMN_BYTES;
        const left = load<i32>(load<usize>(column) + place) - load<i32>(column, NEED);
        short |= left;
        if (isRanked) taken += load<f64>(ranking + ((<usize>c) << 3), WEIGHTS) * <f64>left;
      }
      if (isRanked) store<f64>(score, load<f64>(ranking) - taken);
      store<i32>(changedRow, row);
      store<i32>(acceptedRow, row);
      const isAccepted = ((short >>> 31) ^ 1) & load<u8>(openAt + row);
      changedRow += <usize>((1 + (row >> 31)) << 2);
      acceptedRow += <usize>(isAccepted << 2);
      if (isRanked) score += <usize>(isAccepted << 3);
    }
    changed = i32((changedRow - changedAt) >> 2);
    accepted = i32((acceptedRow - acceptedAt) >> 2);
  }
}
