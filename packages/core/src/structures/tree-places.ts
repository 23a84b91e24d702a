/**
 * Where everything stands in a memory of class trees, in bytes: registers, and then one cell per tree.
 */
import { wordsFor } from '../support/bits.ts';
import { fromLine, LINE_BYTES } from '../support/cache-lines.ts';
import { BLOCK_BITS, ceilToBlock, entriesOf } from './tournament-layout.ts';

/** Agent types by which a tree can rank in its memory, and columns that it can look at. */
export const MOST_TYPES = 16;
export const MOST_COLUMNS = 6;
/** Numbers per agent type: the score of a full agent, and a weight per column. As in `packages/core/assembly/columns.ts`. */
export const TYPE_NUMBERS = 8;
/** Words for what a class asks for: the number of columns, and the address and the need of each. As there. */
export const CLASS_WORDS = 16;

/** What a tree takes besides its tournament: for its class, and since each of its parts begins with a line of the cache. */
export const BYTES_PER_TREE: number = 4 * CLASS_WORDS + 8 * MOST_TYPES * TYPE_NUMBERS + 256;

/** Room behind the columns of the agents: for so many trees, but not more than this takes, unless for the fewest. */
const FIRST_BYTES = 16 * 1024 * 1024;
const FEWEST_FIRST_TREES = 16;
const MOST_FIRST_TREES = 128;

export interface TreePlaces {
  /** Rows, rounded up to whole blocks, and entries of a tournament. */
  readonly rows: number;
  readonly entries: number;
  /** From the beginning, where the count stands. */
  readonly changedAt: number;
  readonly acceptedAt: number;
  readonly scoresAt: number;
  readonly cellsAt: number;
  /** From the beginning of a cell, where its scores stand. */
  readonly bestsIn: number;
  readonly winnersIn: number;
  readonly feasibleIn: number;
  readonly classIn: number;
  readonly rankingsIn: number;
  readonly cellBytes: number;
}

/** @param capacity - agents that there is room for */
export function treePlaces(capacity: number): TreePlaces {
  const rows = ceilToBlock(capacity);
  const entries = entriesOf(rows >> BLOCK_BITS);
  const changedAt = LINE_BYTES;
  const acceptedAt = changedAt + fromLine(4 * rows);
  const scoresAt = acceptedAt + fromLine(4 * rows);
  const cellsAt = scoresAt + fromLine(8 * rows);
  // Siblings among the entries begin where a line does; the first ones that have any are numbered from 1 on.
  const bestsIn = fromLine(8 * rows) + LINE_BYTES - 8;
  const winnersIn = fromLine(bestsIn + 8 * entries) + LINE_BYTES - 4;
  const feasibleIn = fromLine(winnersIn + 4 * entries);
  const classIn = fromLine(feasibleIn + 4 * wordsFor(rows));
  const rankingsIn = classIn + 4 * CLASS_WORDS;
  const cellBytes = rankingsIn + 8 * MOST_TYPES * TYPE_NUMBERS;
  return {
    rows,
    entries,
    changedAt,
    acceptedAt,
    scoresAt,
    cellsAt,
    bestsIn,
    winnersIn,
    feasibleIn,
    classIn,
    rankingsIn,
    cellBytes,
  };
}

/** Trees for which there is room behind the columns of so many agents. */
export function firstTrees(capacity: number): number {
  const trees = Math.floor(FIRST_BYTES / treePlaces(capacity).cellBytes);
  return Math.max(FEWEST_FIRST_TREES, Math.min(trees, MOST_FIRST_TREES));
}
