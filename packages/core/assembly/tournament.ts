/**
 * Tournaments of the scores of all agents, for the class trees of one engine: upkeep, by vectors. How a tournament is
 * built stands in `src/structures/tournament.ts`, which reads it, fills it, and does the same where there are several
 * groups or no WebAssembly, and `src/structures/tournament-memory.ts`, which lays the memory out.
 */

import { acceptedAt, changedAt, scoresAt } from './registers';

/** Entries that meet in one of the next level. */
const BLOCK_BITS: i32 = 4;
/** Changes of which all are looked at: to tell which need not be would take longer. */
const FEW_CHANGES: i32 = 6;

/** Where the best scores of the entries stand in a tournament, and who has them; the scores come first. */
let bestsIn: usize = 0;
let winnersIn: usize = 0;
/** Where the set of rows stands that can run a task, one bit each. */
let feasibleIn: usize = 0;
/** Where stands in a tournament what its class asks for, and how it ranks agents; see `columns.ts`. */
export let classIn: usize = 0;
/** Entry above the first block of agents. */
let firstAboveAgents: i32 = 0;
/** One past the last row. */
let rowLimit: u32 = 0;

/** To be called first, once. Says where everything is in a tournament. */
export function layOutTournaments(
  bests: usize,
  winners: usize,
  feasible: usize,
  classes: usize,
  aboveAgents: i32,
  rows: u32,
): void {
  bestsIn = bests;
  winnersIn = winners;
  feasibleIn = feasible;
  classIn = classes;
  firstAboveAgents = aboveAgents;
  rowLimit = rows;
}

/**
 * Withdraws the first `changed` rows of the register, gives the first `accepted` rows of the other one their scores, and
 * makes the entries above all of them right; overwrites the registers. What need not be looked at any further is passed over
 * without a branch: rows that could not run a task before, then those that neither won their lowest entry nor win it now.
 * From the last accepted row on: what was released last is often what wins now, and then who won before is replaced
 * without a search for a successor.
 */
export function settle(scores: usize, changed: i32, accepted: i32): void {
  const changedRows = changedAt;
  const acceptedRows = acceptedAt;
  const acceptedScores = scoresAt;
  const bests = scores + bestsIn;
  const winners = scores + winnersIn;
  const aboveAgents = firstAboveAgents;
  let losers = changed;
  let movers = accepted;
  if (changed <= FEW_CHANGES) {
    Inline.replace(scores, changed, accepted);
  } else {
    losers = Inline.withdraw(scores, Inline.keepFeasible(scores, changed));
    movers = Inline.enter(scores, accepted);
  }
  for (let i = movers - 1; i >= 0; i--) {
    const row = Inline.word(acceptedRows, i);
    const score = Inline.number(acceptedScores, i);
    const entry = aboveAgents + (row >> BLOCK_BITS);
    const best = Inline.number(bests, entry);
    const winner = Inline.word(winners, entry);
    if (score > best || (score === best && row < winner)) Inline.win(bests, winners, entry, score, row);
    else if (winner === row && score < best) lose(scores, entry, row);
  }
  for (let i = losers - 1; i >= 0; i--) {
    const row = Inline.word(changedRows, i);
    const entry = aboveAgents + (row >> BLOCK_BITS);
    if (Inline.word(winners, entry) !== row) continue;
    if (Inline.number(scores, row) < Inline.number(bests, entry)) lose(scores, entry, row);
  }
}

/** Replaces a row that won an entry and no longer should, there and further up. */
function lose(scores: usize, entry: i32, row: i32): void {
  const bests = scores + bestsIn;
  const winners = scores + winnersIn;
  const block = (row >> BLOCK_BITS) << BLOCK_BITS;
  let winner = block + Inline.greatestOf16(scores + ((<usize>block) << 3));
  let best = Inline.number(scores, winner);
  Inline.setNumber(bests, entry, best);
  Inline.setWord(winners, entry, winner);
  while (entry > 0) {
    entry = (entry - 1) >> BLOCK_BITS;
    if (Inline.word(winners, entry) !== row) {
      if (!Inline.isBetter(bests, winners, entry, best, winner)) return;
    } else if (best < Inline.number(bests, entry)) {
      const first = (entry << BLOCK_BITS) + 1;
      const child = first + Inline.greatestOf16(bests + ((<usize>first) << 3));
      winner = Inline.word(winners, child);
      best = Inline.number(bests, child);
    }
    Inline.setNumber(bests, entry, best);
    Inline.setWord(winners, entry, winner);
  }
}

/** What is called for every row and entry. */
class Inline {
  /** Makes the changed rows infeasible, and gives the accepted ones their scores. */
  @inline
  static replace(scores: usize, changed: i32, accepted: i32): void {
    const feasible = scores + feasibleIn;
    for (let i = 0; i < changed; i++) {
      const row = Inline.word(changedAt, i);
      Inline.setNumber(scores, row, -Infinity);
      Inline.setWord(feasible, row >> 5, Inline.word(feasible, row >> 5) & ~(1 << (row & 31)));
    }
    for (let i = 0; i < accepted; i++) {
      const row = Inline.acceptedRow(i);
      Inline.setWord(acceptedAt, i, row);
      Inline.setNumber(scores, row, Inline.number(scoresAt, i));
      Inline.flip(feasible, row);
    }
  }

  /** Keeps the changed rows that are feasible, in order. @returns their number */
  @inline
  static keepFeasible(scores: usize, changed: i32): i32 {
    const rows = changedAt;
    const feasible = scores + feasibleIn;
    let kept = 0;
    for (let i = 0; i < changed; i++) {
      const row = Inline.word(rows, i);
      Inline.setWord(rows, kept, row);
      kept += (Inline.word(feasible, row >> 5) >>> (row & 31)) & 1;
    }
    return kept;
  }

  /** Makes the first changed rows infeasible, and keeps those that win the entry above them, in order. @returns their number */
  @inline
  static withdraw(scores: usize, count: i32): i32 {
    const rows = changedAt;
    const feasible = scores + feasibleIn;
    const winners = scores + winnersIn;
    let kept = 0;
    for (let i = 0; i < count; i++) {
      const row = Inline.word(rows, i);
      Inline.setNumber(scores, row, -Infinity);
      Inline.flip(feasible, row);
      Inline.setWord(rows, kept, row);
      kept += i32(Inline.word(winners, firstAboveAgents + (row >> BLOCK_BITS)) === row);
    }
    return kept;
  }

  /**
   * Gives the accepted rows, which are infeasible, their scores, and keeps those that should win the entry above them, or won it
   * with a greater score. @returns their number
   */
  @inline
  static enter(scores: usize, count: i32): i32 {
    const rows = acceptedAt;
    const rowScores = scoresAt;
    const feasible = scores + feasibleIn;
    const bests = scores + bestsIn;
    const winners = scores + winnersIn;
    let kept = 0;
    for (let i = 0; i < count; i++) {
      const row = Inline.acceptedRow(i);
      const score = Inline.number(rowScores, i);
      const entry = firstAboveAgents + (row >> BLOCK_BITS);
      const best = Inline.number(bests, entry);
      const winner = Inline.word(winners, entry);
      Inline.setNumber(scores, row, score);
      Inline.flip(feasible, row);
      Inline.setWord(rows, kept, row);
      Inline.setNumber(rowScores, kept, score);
      const loses = i32(score < best) & i32(row === winner);
      kept += i32(score > best) | (i32(score === best) & i32(row < winner)) | loses;
    }
    return kept;
  }

  /** A row of the register that plug-ins have seen: whatever they wrote there, it stays within the tournament. */
  @inline
  static acceptedRow(i: i32): i32 {
    const row = Inline.word(acceptedAt, i);
    return <u32>row < rowLimit ? row : 0;
  }

  /** Puts a row into a set, or takes it out. */
  @inline
  static flip(set: usize, row: i32): void {
    const word = row >> 5;
    Inline.setWord(set, word, Inline.word(set, word) ^ (1 << (row & 31)));
  }

  /** Lets a row win an entry, and further up, as far as it is better than who does. */
  @inline
  static win(bests: usize, winners: usize, entry: i32, score: f64, row: i32): void {
    do {
      Inline.setNumber(bests, entry, score);
      Inline.setWord(winners, entry, row);
      if (entry === 0) return;
      entry = (entry - 1) >> BLOCK_BITS;
    } while (Inline.isBetter(bests, winners, entry, score, row));
  }

  /** Whether a row should win an entry, or has won it with another score. */
  @inline
  static isBetter(bests: usize, winners: usize, entry: i32, score: f64, row: i32): bool {
    const best = Inline.number(bests, entry);
    return score > best || (score === best && row <= Inline.word(winners, entry));
  }

  /** Which of sixteen numbers is the greatest, the first of several. Without a branch: which one it is cannot be foreseen. */
  @inline
  static greatestOf16(at: usize): i32 {
    const a = v128.load(at, 0);
    const b = v128.load(at, 16);
    const c = v128.load(at, 32);
    const d = v128.load(at, 48);
    const e = v128.load(at, 64);
    const f = v128.load(at, 80);
    const g = v128.load(at, 96);
    const h = v128.load(at, 112);
    let greatest = f64x2.pmax(
      f64x2.pmax(f64x2.pmax(a, b), f64x2.pmax(c, d)),
      f64x2.pmax(f64x2.pmax(e, f), f64x2.pmax(g, h)),
    );
    greatest = f64x2.pmax(greatest, v128.shuffle<f64>(greatest, greatest, 1, 0));
    const abcd = i16x8.narrow_i32x4_s(Inline.equals(a, b, greatest), Inline.equals(c, d, greatest));
    const efgh = i16x8.narrow_i32x4_s(Inline.equals(e, f, greatest), Inline.equals(g, h, greatest));
    return ctz(i8x16.bitmask(i8x16.narrow_i16x8_s(abcd, efgh)));
  }

  /** Of four numbers, which are equal to one: words of ones, and of zeros. */
  @inline
  static equals(a: v128, b: v128, number: v128): v128 {
    return v128.shuffle<i32>(f64x2.eq(a, number), f64x2.eq(b, number), 0, 2, 4, 6);
  }

  @inline
  static number(at: usize, i: i32): f64 {
    return load<f64>(at + ((<usize>i) << 3));
  }

  @inline
  static setNumber(at: usize, i: i32, value: f64): void {
    store<f64>(at + ((<usize>i) << 3), value);
  }

  @inline
  static word(at: usize, i: i32): i32 {
    return load<i32>(at + ((<usize>i) << 2));
  }

  @inline
  static setWord(at: usize, i: i32, value: i32): void {
    store<i32>(at + ((<usize>i) << 2), value);
  }
}
