/**
 * Expected waste of agents for tasks that ask for one resource: counts the agents by gap before every decision, and
 * scores by what level-waste.ts has learnt, which all task classes of a cluster share.
 */
import type { BoundFitness, ClusterView, TaskClassView } from '@stowage/core';
import type { ArrivalHistory } from './arrival-history.ts';
import { LevelWaste } from './level-waste.ts';
import { rangeOf, SCORE_STEPS } from './waste-score.ts';

export class LevelMemory {
  readonly totals: Int32Array;
  readonly #history: ArrivalHistory;
  readonly #cluster: ClusterView;
  readonly #counts: Int32Array;
  readonly #waste: LevelWaste;

  constructor(history: ArrivalHistory, cluster: ClusterView, totals: Int32Array) {
    this.totals = totals;
    this.#history = history;
    this.#cluster = cluster;
    this.#counts = new Int32Array(totals[0] + 1);
    this.#waste = new LevelWaste(totals[0]);
  }

  bind(task: TaskClassView): BoundFitness {
    const resource = this.#history.resources[0];
    const free = this.#cluster.free(resource);
    const { taskCount } = this.#cluster;
    const demand = task.demand(resource);
    const counts = this.#counts;
    const waste = this.#waste;
    return {
      range: rangeOf(this.totals[0]),
      prepare: () => {
        counts.fill(0);
        for (let row = 0; row < taskCount.length; row++) {
          // An agent that was made smaller may have less than nothing free.
          if (taskCount[row] > 0 && free[row] >= 0) counts[free[row]]++;
        }
        waste.learn(this.#history, counts);
      },
      scoreInto(rows, count, scores) {
        for (let i = 0; i < count; i++) {
          const row = rows[i];
          const gap = free[row];
          const before = taskCount[row] > 0 ? waste.ofLast(gap, counts) : 0;
          scores[i] = Math.round((before - waste.ofAdded(gap - demand, counts)) * SCORE_STEPS);
        }
      },
    };
  }
}
