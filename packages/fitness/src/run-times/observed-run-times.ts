/**
 * Run times as learned from tasks that have run: for every kind of task and range of ages, ends per second at risk (the
 * life table of actuaries). Tasks that still run count for the time that they have run, so nothing is biased towards
 * those that ended early. Kinds with few observations borrow from all kinds together, and these from a heavy tail.
 */
import { show, StowageError } from '@stowage/core';
import { AHEAD_S, type RunTimeModel } from './run-time-model.ts';

/** Where the ranges of ages begin, in seconds. */
const AGES_S = [
  0, 300, 600, 900, 1_200, 1_500, 1_800, 2_700, 3_600, 5_400, 7_200, 10_800, 14_400, 21_600, 28_800, 43_200,
  57_600, 86_400, 129_600, 172_800,
];
/** Median of the heavy tail that is assumed before the first observation. */
const PRIOR_MEDIAN_S = 3_600;
/** Seconds at risk that the heavy tail counts for, and that all kinds together count for in one of them. */
const PRIOR_WEIGHT_S = 3_600;
const KIND_WEIGHT_S = 36_000;

/**
 * A life table by kind of task, such as a job or an image, of about 0.5 kB each until it is forgotten. Feed it with `ran`
 * and `ended`.
 * @public
 */
export class ObservedRunTimes implements RunTimeModel<string> {
  readonly #all = new LifeTable();
  readonly #kinds = new Map<string, LifeTable>();
  #isStale = true;

  constructor() {
    this.#refresh();
  }

  /**
   * Notes that a task ran from one age to another, whether it has ended or not.
   * @throws StowageError INVALID_PLUGIN unless 0 <= fromAgeS <= toAgeS < Infinity
   */
  ran(kind: string, fromAgeS: number, toAgeS: number): void {
    requireAge(fromAgeS, 0);
    requireAge(toAgeS, fromAgeS);
    this.#all.ran(fromAgeS, toAgeS);
    this.#tableOf(kind).ran(fromAgeS, toAgeS);
    this.#isStale = true;
  }

  /**
   * Notes that a task ended; the time that it ran is noted by `ran`.
   * @throws StowageError INVALID_PLUGIN unless the age is finite and at least 0
   */
  ended(kind: string, ageS: number): void {
    requireAge(ageS, 0);
    this.#all.ended(ageS);
    this.#tableOf(kind).ended(ageS);
    this.#isStale = true;
  }

  /** Drops what is known of a kind that will not come again; what it taught about all kinds stays. */
  forget(kind: string): void {
    this.#kinds.delete(kind);
  }

  /** O(times ahead · ages); after an observation also O(kinds · ages). */
  survivalInto(kind: string, ageS: number, survival: Float64Array): void {
    if (this.#isStale) this.#refresh();
    (this.#kinds.get(kind) ?? this.#all).survivalInto(ageS, survival);
  }

  #tableOf(kind: string): LifeTable {
    let table = this.#kinds.get(kind);
    if (table === undefined) this.#kinds.set(kind, (table = new LifeTable()));
    return table;
  }

  #refresh(): void {
    const prior = AGES_S.map((ageS) => 1 / (PRIOR_MEDIAN_S + ageS));
    this.#all.refresh(prior, PRIOR_WEIGHT_S);
    for (const table of this.#kinds.values()) table.refresh(this.#all.rates, KIND_WEIGHT_S);
    this.#isStale = false;
  }
}

function requireAge(ageS: number, least: number): void {
  if (ageS >= least && ageS < Infinity) return;
  throw new StowageError(
    'INVALID_PLUGIN',
    `ObservedRunTimes: ${show(ageS)} is no age in seconds; give a finite number of at least ${least}.`,
  );
}

/** Ends and seconds at risk by range of ages. */
class LifeTable {
  readonly #ends = new Float64Array(AGES_S.length);
  readonly #atRiskS = new Float64Array(AGES_S.length);
  /** Ends per second. */
  readonly rates: Float64Array = new Float64Array(AGES_S.length);
  /** Integral of the rates up to the beginning of each range. */
  readonly #hazards = new Float64Array(AGES_S.length);

  ran(fromAgeS: number, toAgeS: number): void {
    let beginS = fromAgeS;
    for (let range = rangeOf(fromAgeS); beginS < toAgeS; range++) {
      const endS = Math.min(toAgeS, AGES_S[range + 1] ?? Infinity);
      this.#atRiskS[range] += endS - beginS;
      beginS = endS;
    }
  }

  ended(ageS: number): void {
    this.#ends[rangeOf(ageS)]++;
  }

  refresh(prior: ArrayLike<number>, weightS: number): void {
    const { rates } = this;
    for (let range = 0; range < AGES_S.length; range++) {
      rates[range] = (this.#ends[range] + prior[range] * weightS) / (this.#atRiskS[range] + weightS);
      if (range === 0) continue;
      this.#hazards[range] =
        this.#hazards[range - 1] + rates[range - 1] * (AGES_S[range] - AGES_S[range - 1]);
    }
  }

  survivalInto(ageS: number, survival: Float64Array): void {
    let range = rangeOf(ageS);
    const before = this.#hazard(range, ageS);
    for (let i = 0; i < AHEAD_S.length; i++) {
      const thenS = ageS + AHEAD_S[i];
      while (range + 1 < AGES_S.length && AGES_S[range + 1] <= thenS) range++;
      survival[i] = Math.exp(before - this.#hazard(range, thenS));
    }
  }

  #hazard(range: number, ageS: number): number {
    return this.#hazards[range] + this.rates[range] * (ageS - AGES_S[range]);
  }
}

function rangeOf(ageS: number): number {
  let range = 0;
  while (range + 1 < AGES_S.length && AGES_S[range + 1] <= ageS) range++;
  return range;
}
