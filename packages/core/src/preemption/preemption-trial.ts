/**
 * Trying out a set of victims: they leave, the engine is asked, and everything is taken back. Arithmetic may rule a
 * set out, but only this lets one in, so a plan is right whatever constraints there are. Counts what the search does,
 * so that its work is bounded by a number instead of a clock.
 */
import type { BoundClass } from '../decisions/bound-class.ts';
import type { Decider } from '../decisions/decider.ts';
import type { Ledger } from '../ledger/ledger.ts';

/** Looking at a partial set of victims takes about a hundredth of the time of trying one out. */
const STEPS_PER_TEST = 100;

export class PreemptionTrial {
  readonly bound: BoundClass;
  readonly #ledger: Ledger;
  readonly #decider: Decider;
  #stepsLeft: number;

  constructor(ledger: Ledger, decider: Decider, bound: BoundClass, maxTests: number) {
    this.bound = bound;
    this.#ledger = ledger;
    this.#decider = decider;
    this.#stepsLeft = maxTests * STEPS_PER_TEST;
  }

  get isSpent(): boolean {
    return this.#stepsLeft <= 0;
  }

  /** Counts steps of the search. */
  spend(steps: number): void {
    this.#stepsLeft -= steps;
  }

  /** Whether a task of the class is feasible on a row once these tasks are gone. Changes nothing. */
  isFeasibleWithout(indices: readonly number[], row: number): boolean {
    this.spend(STEPS_PER_TEST);
    this.#ledger.begin();
    try {
      for (const index of indices) this.#ledger.release(index);
      return this.#decider.findOn(this.bound, row) >= 0;
    } finally {
      this.#ledger.rollback();
    }
  }
}
