/**
 * The best set of a given number of victims on one agent: branch and bound over the candidates, youngest first, so
 * that sets come in the order that decides ties and the first of the least sum is the best.
 *
 * A branch ends when the greatest gains that are left cannot make up what is missing, or the least priorities that are
 * left exceed the bound. A candidate is passed over while a younger one that is as good in every respect is left out:
 * with that one in its place the set would be better.
 */
import type { Ledger } from '../ledger/ledger.ts';
import type { RowProblem } from './preemption-row.ts';
import { SuffixSums } from './preemption-sums.ts';
import type { PreemptionTrial } from './preemption-trial.ts';

/** Victims on one agent. */
export interface VictimSet {
  readonly row: number;
  readonly indices: readonly number[];
  /** Of their priorities. */
  readonly sum: number;
}

/** Better candidates that are remembered per candidate; forgetting some costs time only. */
const MAX_BETTERS = 8;

export class RowSearch {
  readonly #problem: RowProblem;
  readonly #trial: PreemptionTrial;
  /** Victims to choose beside the forced ones. */
  readonly #count: number;
  readonly #chosen: number[] = [];
  readonly #isChosen: Uint8Array;
  readonly #betters: readonly (readonly number[])[];
  /** What is missing still, by amount. */
  readonly #left: Float64Array;
  readonly #gainsFrom: readonly SuffixSums[];
  readonly #reliefFrom: SuffixSums;
  #sum: number;
  /** Sums must stay below. */
  #limit: number;

  /**
   * @param count - of victims, forced ones included
   * @param limit - sets with this sum of priorities, or a greater, are of no interest
   */
  constructor(
    problem: RowProblem,
    ledger: Ledger,
    trial: PreemptionTrial,
    { count, limit, isMonotone }: { count: number; limit: number; isMonotone: boolean },
  ) {
    const { candidates, amounts, priorities, forced, forcedSum } = problem;
    this.#problem = problem;
    this.#trial = trial;
    this.#count = count - forced.length;
    this.#limit = limit;
    this.#sum = forcedSum;
    this.#isChosen = new Uint8Array(candidates.length);
    this.#left = Float64Array.from(amounts, ({ missing }) => missing);
    this.#gainsFrom = amounts.map(({ gains }) => new SuffixSums(gains, this.#count));
    this.#reliefFrom = new SuffixSums(
      priorities.map((priority) => -priority),
      this.#count,
    );
    const isAsGood = isMonotone
      ? (a: number, b: number): boolean => helpsAsMuch(problem, a, b)
      : (a: number, b: number): boolean => isIndistinguishable(ledger, candidates[a], candidates[b]);
    this.#betters = candidates.map((_, b) => bettersOf(b, isAsGood));
    trial.spend(candidates.length ** 2);
  }

  /** Undefined when there is none below the limit, or the trial was spent before one was found. */
  run(): VictimSet | undefined {
    const { row, forced, candidates } = this.#problem;
    const chosen = this.#chosen;
    let best: VictimSet | undefined;
    let from = 0;
    for (;;) {
      const isFull = chosen.length === this.#count;
      const next = isFull ? -1 : this.#next(from, this.#count - chosen.length);
      if (next >= 0) {
        this.#choose(next, 1);
        chosen.push(next);
        from = next + 1;
        continue;
      }
      if (isFull && !this.#trial.isSpent) {
        const indices = [...forced, ...chosen.map((i) => candidates[i])];
        if (this.#trial.isFeasibleWithout(indices, row)) {
          best = { row, indices, sum: this.#sum };
          this.#limit = this.#sum;
        }
      }
      const last = chosen.pop();
      if (last === undefined) return best;
      this.#choose(last, -1);
      from = last + 1;
    }
  }

  /** The first candidate from a position on with which so many more may do; -1 when there is none. */
  #next(from: number, more: number): number {
    const { candidates, slots } = this.#problem;
    for (let i = from; i + more <= candidates.length; i++) {
      this.#trial.spend(1);
      if (this.#trial.isSpent || !this.#mayDo(i, more)) return -1;
      if (this.#betters[i].some((better) => this.#isChosen[better] === 0)) continue;
      this.#choose(i, 1);
      const isPromising =
        this.#mayDo(i + 1, more - 1) &&
        slots.every(({ shortage, holdings }) => shortage.leastMore(holdings, i + 1) < more);
      this.#choose(i, -1);
      if (isPromising) return i;
    }
    return -1;
  }

  /** Whether so many candidates from a position on could make up what is missing, within the limit. */
  #mayDo(from: number, more: number): boolean {
    if (this.#sum - this.#reliefFrom.most(from, more) >= this.#limit) return false;
    for (let a = 0; a < this.#left.length; a++) {
      if (this.#left[a] > this.#gainsFrom[a].most(from, more)) return false;
    }
    return true;
  }

  /** Makes a candidate a victim (sign 1) or takes that back (sign -1). */
  #choose(i: number, sign: 1 | -1): void {
    const { amounts, slots, priorities } = this.#problem;
    this.#isChosen[i] = sign === 1 ? 1 : 0;
    this.#sum += sign * priorities[i];
    for (let a = 0; a < amounts.length; a++) this.#left[a] -= sign * amounts[a].gains[i];
    for (const { shortage, holdings } of slots) shortage.remove(holdings[i], sign);
  }
}

/** Younger candidates that can stand in for a candidate; the nearest ones. */
function bettersOf(b: number, isAsGood: (a: number, b: number) => boolean): number[] {
  const betters: number[] = [];
  for (let a = b - 1; a >= 0 && betters.length < MAX_BETTERS; a--) if (isAsGood(a, b)) betters.push(a);
  return betters;
}

/** Whether a younger candidate gives back as much as another for no greater priority. */
function helpsAsMuch({ amounts, slots, priorities }: RowProblem, a: number, b: number): boolean {
  if (priorities[a] > priorities[b]) return false;
  for (const { gains } of amounts) if (gains[a] < gains[b]) return false;
  return slots.every(({ shortage, holdings }) => {
    const useful = holdings[b].mask & shortage.lockedMask;
    if ((useful & ~holdings[a].mask) !== 0) return false;
    return useful === 0 || holdings[a].units >= holdings[b].units;
  });
}

/** Whether no constraint can tell which of two tasks of an agent left. */
function isIndistinguishable({ tasks, classes }: Ledger, a: number, b: number): boolean {
  return (
    tasks.classOf(a) === tasks.classOf(b) &&
    tasks.stageOf(a) === tasks.stageOf(b) &&
    classes[tasks.classOf(a)]!.slotRequests.every(
      ({ set }) => tasks.slotMasks[set][a] === tasks.slotMasks[set][b],
    )
  );
}
