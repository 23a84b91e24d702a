/**
 * Packs so that agents fall empty soon: a task goes where it keeps an agent occupied for the shortest time longer than
 * it would be anyway. What lifetime-aware placement does at Azure and Google (Barbalho et al., "Virtual Machine
 * Allocation with Lifetime Predictions", MLSys'23; Ling et al., "LAVA", MLSys'25), with the certainty of the forecasts
 * taken into account: where they are rough, an agent that is expected to live longer is extended less, but never by
 * nothing.
 */
import {
  type ClusterView,
  type FitnessCalculator,
  show,
  StowageError,
  type TaskClassView,
} from '@stowage/core';
import { requireTexts } from '../parameters.ts';

type Forecast = 'exact' | 'predicted' | 'guessed';

/** @public */
export interface LeastExtensionOptions {
  /**
   * Signal with the time at which an agent is expected to fall empty, in seconds of the engine's clock. Default `exitS`;
   * an agent that did not report it counts as empty from now on.
   */
  readonly exit?: string;
  /** Label with the time that a task is expected to run, in seconds, above 0. Default `runTimeS`. */
  readonly runTime?: string;
  /** Run time in seconds of tasks without the label, above 0. Default 3600. */
  readonly unknownRunTimeS?: number;
  /**
   * How sure run times and exits are. `exact`: tasks run as long as expected. `predicted`: from a model that errs by a
   * factor of two or three. `guessed`: means of what is usual, with all their spread. Default `guessed`.
   */
  readonly forecast?: 'exact' | 'predicted' | 'guessed';
  /** Scalar resources that agents should not run out of one by one, at least one. Default cpu and memory. */
  readonly resources?: readonly string[];
  /** Times are cut off here, in seconds, from 1 to 10^8. Default 172,800, two days. */
  readonly horizonS?: number;
}

/**
 * What a second counts that an agent is occupied beyond the end of the task, in seconds of extension: long-lived agents
 * are kept for long-lived tasks. Where forecasts are rough, that is little more than a tie-break, because an agent that
 * is about to fall empty should then be left alone.
 */
const OUTLASTING: Readonly<Record<Forecast, number>> = { exact: 0.1, predicted: 0.01, guessed: 0.003 };
/** Agent-seconds that are lost when all of one resource is left over without any of another. */
const IMBALANCE_S = 36_000;
/** Agent-seconds that an empty agent is worth less than a full one. */
const ROOM_S = 3_600;
/** Parts of a second that scores resolve. */
const SCORE_SCALE = 1_024;
const MAX_HORIZON_S = 100_000_000;

/**
 * The agent with the least cost in agent-seconds. With r the task's run time, R the time until the agent falls empty
 * without it, f the shares of its resources that are left with it, and i(f) the greatest less the smallest of those:
 *
 * cost = e(r, R) + w · e(R, r) + 36,000 · (i(after) − i(before)) + 3,600 · Σ f
 *
 * where e(a, b) is by how much a outlasts b: max(0, a − b) for exact forecasts, else a² / (a + b), which it is on average
 * for exponentially distributed times; and w is 0.1 for exact forecasts, 0.01 for predicted, 0.003 for guessed ones.
 * Scores are −1024 · cost, rounded.
 *
 * Who runs the loop reports `exitS` when it changes: at the latest before the next task is placed. O(resources) per
 * agent; every agent is looked at, because answers depend on the time.
 * @throws StowageError INVALID_PLUGIN, also when a task class with a label that is no number above 0 is first placed
 * @public
 */
export function leastExtension(options: LeastExtensionOptions = {}): FitnessCalculator {
  const {
    exit = 'exitS',
    runTime = 'runTimeS',
    unknownRunTimeS = 3_600,
    forecast = 'guessed',
    resources = ['cpu', 'memory'],
    horizonS = 172_800,
  } = options;
  requireTexts('leastExtension', exit, runTime, ...resources);
  if (resources.length === 0 || new Set(resources).size !== resources.length)
    fail('name at least one resource, each once.');
  if (!(horizonS >= 1 && horizonS <= MAX_HORIZON_S))
    fail(`horizonS is ${show(horizonS)}; give seconds from 1 to ${MAX_HORIZON_S}.`);
  if (!(unknownRunTimeS > 0)) fail(`unknownRunTimeS is ${show(unknownRunTimeS)}; give seconds above 0.`);
  if (!Object.hasOwn(OUTLASTING, forecast))
    fail(`forecast is ${show(forecast)}; use "exact", "predicted" or "guessed".`);
  const isExact = forecast === 'exact';
  const outlasting = OUTLASTING[forecast];
  const most = horizonS * (1 + outlasting) + IMBALANCE_S + ROOM_S * resources.length;
  return {
    name: `leastExtension(${forecast})`,
    key: JSON.stringify(['leastExtension', exit, runTime, unknownRunTimeS, forecast, resources, horizonS]),
    dependsOn: 'anything',
    range: [-Math.ceil(SCORE_SCALE * most), Math.ceil(SCORE_SCALE * IMBALANCE_S)],
    bind(cluster, task) {
      const exits = cluster.signal(exit);
      const room = new RoomCost(cluster, task, resources);
      const runS = Math.min(runTimeOf(task, runTime) ?? unknownRunTimeS, horizonS);
      return {
        scoreInto(rows, count, scores) {
          const nowS = cluster.nowMs() / 1000;
          for (let i = 0; i < count; i++) {
            const row = rows[i];
            const leftS = Math.min(Math.max(0, exits[row] - nowS), horizonS);
            const cost = isExact
              ? Math.max(0, runS - leftS) + outlasting * Math.max(0, leftS - runS)
              : (runS * runS + outlasting * leftS * leftS) / (runS + leftS);
            scores[i] = -Math.round(SCORE_SCALE * (cost + room.of(row)));
          }
        },
      };
    },
  };
}

/** What the room that is left on an agent costs. */
class RoomCost {
  readonly #free: readonly Int32Array[];
  readonly #total: readonly Int32Array[];
  readonly #needed: Float64Array;

  constructor(cluster: ClusterView, task: TaskClassView, resources: readonly string[]) {
    this.#free = resources.map((resource) => cluster.free(resource));
    this.#total = resources.map((resource) => cluster.total(resource));
    this.#needed = Float64Array.from(resources, (resource) => task.demand(resource));
  }

  of(row: number): number {
    let most = 0;
    let least = 1;
    let mostAfter = 0;
    let leastAfter = 1;
    let sum = 0;
    for (let r = 0; r < this.#needed.length; r++) {
      // An agent with nothing of a resource has none left of it.
      const whole = Math.max(1, this.#total[r][row]);
      const before = this.#free[r][row] / whole;
      const after = before - this.#needed[r] / whole;
      if (before > most) most = before;
      if (before < least) least = before;
      if (after > mostAfter) mostAfter = after;
      if (after < leastAfter) leastAfter = after;
      sum += after;
    }
    return IMBALANCE_S * (mostAfter - leastAfter - (most - least)) + ROOM_S * sum;
  }
}

function runTimeOf(task: TaskClassView, label: string): number | undefined {
  const text = task.label(label);
  if (text === undefined) return undefined;
  const runS = Number(text);
  if (!(Number.isFinite(runS) && runS > 0))
    fail(`label "${label}" is ${show(text)}; give the seconds that the task is expected to run.`);
  return runS;
}

function fail(message: string): never {
  throw new StowageError('INVALID_PLUGIN', `leastExtension: ${message}`);
}
