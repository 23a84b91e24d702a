/**
 * How long tasks still run, as probabilities: P(a task that has run for `ageS` still runs x seconds later) for a fixed
 * series of x that becomes wider, because what happens within minutes matters only for agents that fall empty within
 * minutes. Forecasts for agents are made of these; see `ExpectedExit`.
 */

/**
 * Says how long tasks run. Models need not learn, and never see the future.
 * @typeParam Task - what a model knows a task by
 * @public
 */
export interface RunTimeModel<Task> {
  /**
   * Writes into `survival[i]` the probability that the task runs for another `AHEAD_S[i]` seconds at least: from 0 to
   * 1, falling.
   * @param ageS - seconds that it has run, at least 0
   */
  survivalInto(task: Task, ageS: number, survival: Float64Array): void;
}

/** The times ahead that survival is given for, in seconds. @public */
export const AHEAD_S: readonly number[] = [
  150, 450, 900, 1_500, 2_400, 3_600, 5_400, 8_400, 12_600, 18_000, 25_200, 36_000, 50_000, 70_000, 100_000,
  150_000,
];

/** Nothing is foreseen beyond this, in seconds. */
const HORIZON_S = 200_000;

/** Seconds that each time ahead stands for: from half-way to the one before to half-way to the next. */
export const AHEAD_WIDTH_S: readonly number[] = AHEAD_S.map((timeS, i) => {
  const begin = i === 0 ? 0 : (timeS + AHEAD_S[i - 1]) / 2;
  const end = i === AHEAD_S.length - 1 ? HORIZON_S : (timeS + AHEAD_S[i + 1]) / 2;
  return end - begin;
});

/** The mean of what is left, in seconds, up to a horizon of 200,000. O(times ahead). @public */
export function meanRemainingS<Task>(model: RunTimeModel<Task>, task: Task, ageS: number): number {
  const survival = new Float64Array(AHEAD_S.length);
  model.survivalInto(task, ageS, survival);
  return survival.reduce((sum, share, i) => sum + share * AHEAD_WIDTH_S[i], 0);
}
