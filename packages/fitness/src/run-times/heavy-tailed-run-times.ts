/**
 * What is known of run times when nothing is known: who has run for long will run for long. Run times of tasks are
 * heavy-tailed nearly everywhere (Harchol-Balter, Downey, "Exploiting Process Lifetime Distributions for Dynamic Load
 * Balancing", SIGMETRICS'96, who found P(T > x) = 1/x).
 */
import { show, StowageError } from '@stowage/core';
import { AHEAD_S, type RunTimeModel } from './run-time-model.ts';

/** @public */
export interface HeavyTailedRunTimesOptions {
  /** Half of the new tasks run longer than this, in seconds, above 0. Default 3600. */
  readonly medianS?: number;
}

/**
 * Pareto's distribution with exponent 1: a task of age a runs for another x with probability (m + a) / (m + a + x).
 * Takes any task. O(times ahead).
 * @throws StowageError INVALID_PLUGIN
 * @public
 */
export function heavyTailedRunTimes({
  medianS = 3_600,
}: HeavyTailedRunTimesOptions = {}): RunTimeModel<unknown> {
  if (!(medianS > 0 && medianS < Infinity)) {
    throw new StowageError(
      'INVALID_PLUGIN',
      `heavyTailedRunTimes: medianS is ${show(medianS)}; give seconds above 0.`,
    );
  }
  return {
    survivalInto(_task, ageS, survival) {
      const scaleS = medianS + ageS;
      AHEAD_S.forEach((aheadS, i) => (survival[i] = scaleS / (scaleS + aheadS)));
    },
  };
}
