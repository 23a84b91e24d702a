/**
 * How much work a packing may take: steps, which are the same on every machine, and optionally the caller's clock.
 * A step is one exchange tried or one item looked at, some tens of nanoseconds.
 */
import { show } from '@stowage/core';
import { fail } from '../errors.ts';
import { guarded } from '../guarded.ts';

/** @public */
export interface PackingOptions {
  /**
   * Most steps, from 0; the bin in hand is finished first. The same steps give the same packing everywhere. `Infinity` needs `isTimeUp`. Default: 20,000
   * per item, at most 20 million.
   */
  readonly maxSteps?: number;
  /**
   * Asked after every bin of the first packing and every 16,384 steps of the search; the packing ends soon after the
   * first true. Default: never.
   */
  readonly isTimeUp?: () => boolean;
  /** Which of the equally good ways the search goes; a safe integer. Default 0. */
  readonly seed?: number;
}

const STEPS_PER_ITEM = 20_000;
const DEFAULT_MOST_STEPS = 20_000_000;

export class WorkBudget {
  readonly seed: number;
  readonly #isTimeUp: () => boolean;
  #left: number;
  #taken = 0;

  /** @throws StowageError INVALID_PLANNING_OPTION */
  constructor(options: PackingOptions, itemCount: number) {
    const {
      maxSteps = Math.min(STEPS_PER_ITEM * itemCount, DEFAULT_MOST_STEPS),
      isTimeUp,
      seed = 0,
    } = options;
    if (!(Number.isSafeInteger(maxSteps) && maxSteps >= 0) && maxSteps !== Infinity)
      fail('INVALID_PLANNING_OPTION', `maxSteps is ${show(maxSteps)}; give an integer from 0.`);
    if (maxSteps === Infinity && isTimeUp === undefined)
      fail('INVALID_PLANNING_OPTION', 'maxSteps is Infinity and nothing ends the search; give isTimeUp too.');
    if (!Number.isSafeInteger(seed))
      fail('INVALID_PLANNING_OPTION', `seed is ${show(seed)}; give an integer.`);
    this.seed = seed;
    this.#left = maxSteps;
    this.#isTimeUp = isTimeUp === undefined ? () => false : () => guarded('isTimeUp', isTimeUp);
  }

  /** Steps that may still be taken; 0 once the time is up. */
  get left(): number {
    return this.#left;
  }

  get taken(): number {
    return this.#taken;
  }

  /** Notes work that was done, and looks at the clock. */
  take(steps: number): void {
    this.#taken += steps;
    this.#left = this.#isTimeUp() ? 0 : Math.max(0, this.#left - steps);
  }
}
