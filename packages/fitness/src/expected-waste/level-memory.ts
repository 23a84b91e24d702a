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
    const total = this.#cluster.total(resource);
    const demand = task.demand(resource);
    const counts = this.#counts;
    const waste = this.#waste;
    return {
      range: rangeOf(this.totals[0]),
      prepare: () => {
        counts.fill(0);
        // Tasks that ask for other resources alone leave an agent empty here.
        for (let row = 0; row < total.length; row++) if (free[row] < total[row]) counts[free[row]]++;
        waste.learn(this.#history, counts);
      },
      scoreInto(rows, count, scores) {
        for (let i = 0; i < count; i++) {
          const row = rows[i];
          const gap = free[row];
          const before = gap < total[row] ? waste.ofLast(gap, counts) : 0;
          scores[i] = Math.round((before - waste.ofAdded(gap - demand, counts)) * SCORE_STEPS);
        }
      },
    };
  }
}
