/**
 * Repetitions in three numbers. Ratios are taken repetition by repetition: those of one round ran side by side, so
 * what else the machine did weighs on both.
 */

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** @throws Error without values */
export function spread(values: readonly number[]): Spread {
  if (values.length === 0) throw new Error('There are no values.');
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[sorted.length >> 1];
  const lower = sorted[(sorted.length - 1) >> 1];
  return { median: (lower + upper) / 2, min: sorted[0], max: sorted[sorted.length - 1] };
}

/** Of pairs. @throws Error unless there are as many of both, and at least one */
export function ratios(of: readonly number[], to: readonly number[]): Spread {
  if (of.length !== to.length) throw new Error(`${of.length} values cannot be paired with ${to.length}.`);
  return spread(of.map((value, i) => value / to[i]));
}

/** Of figures that did not run side by side: all that the two spreads allow. */
export function unpairedRatio(of: Spread, to: Spread): Spread {
  return { median: of.median / to.median, min: of.min / to.max, max: of.max / to.min };
}
