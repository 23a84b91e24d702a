/**
 * When an agent is expected to fall empty, from how long its tasks still run: the mean of the latest end. Tasks that
 * were launched together tend to end together (same job, same cause), so a group of them counts as one task.
 */
import { AHEAD_S, AHEAD_WIDTH_S, type RunTimeModel } from './run-time-model.ts';

/**
 * Adds up the groups of tasks of one agent at a time. Reused, it allocates nothing.
 *
 * @example
 * ```ts
 * const exit = new ExpectedExit(model);
 * exit.clear();
 * for (const { kind, ageS } of groups) exit.add(kind, ageS);
 * scheduler.reportAgent(id, { signals: { exitS: Math.round(nowS + exit.occupiedS) } });
 * ```
 * @public
 */
export class ExpectedExit<Task> {
  readonly #model: RunTimeModel<Task>;
  readonly #survival = new Float64Array(AHEAD_S.length);
  /** Probability that all groups have ended, by time ahead. */
  readonly #vacant = new Float64Array(AHEAD_S.length).fill(1);

  constructor(model: RunTimeModel<Task>) {
    this.#model = model;
  }

  /** Begins with an empty agent. */
  clear(): void {
    this.#vacant.fill(1);
  }

  /** Adds a group of tasks that have run for `ageS` seconds. O(times ahead) and the model's. */
  add(task: Task, ageS: number): void {
    this.#model.survivalInto(task, ageS, this.#survival);
    for (let i = 0; i < AHEAD_S.length; i++) this.#vacant[i] *= 1 - this.#survival[i];
  }

  /** Seconds that the agent is expected to stay occupied, up to a horizon of 200,000. */
  get occupiedS(): number {
    let sumS = 0;
    for (let i = 0; i < AHEAD_S.length; i++) sumS += AHEAD_WIDTH_S[i] * (1 - this.#vacant[i]);
    return sumS;
  }
}
