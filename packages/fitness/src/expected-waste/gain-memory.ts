/**
 * Expected waste of agents for tasks that ask for several resources: what the task takes, less what it takes from the
 * expected use of the gap (sampled-gain.ts). What each agent's gap is worth is kept until the agent changes or policies
 * learn again, and shared by all task classes of a cluster.
 */
import type { BoundFitness, ClusterView, TaskClassView } from '@stowage/core';
import type { ArrivalHistory } from './arrival-history.ts';
import { SampledGain, shareOf } from './sampled-gain.ts';
import { rangeOf, SCORE_STEPS } from './waste-score.ts';

export class GainMemory {
  readonly totals: Int32Array;
  readonly #history: ArrivalHistory;
  readonly #cluster: ClusterView;
  readonly #gap: Int32Array;
  #gain: SampledGain;
  #nextLesson = 0;
  #lesson = 0;
  /** By row: the lesson and the gap that a value is of, and the value. */
  #lessons = new Int32Array(0);
  #gaps = new Int32Array(0);
  #values = new Float64Array(0);

  constructor(history: ArrivalHistory, cluster: ClusterView, totals: Int32Array) {
    this.totals = totals;
    this.#history = history;
    this.#cluster = cluster;
    this.#gap = new Int32Array(totals.length);
    this.#gain = new SampledGain([], totals);
  }

  bind(task: TaskClassView): BoundFitness {
    const { resources } = this.#history;
    const columns = resources.map((resource) => this.#cluster.free(resource));
    const demands = Int32Array.from(resources, (resource) => task.demand(resource));
    const size = demands.reduce((sum, units, k) => sum + shareOf(units, this.totals[k]), 0);
    const { taskCount } = this.#cluster;
    const gap = this.#gap;
    return {
      range: rangeOf(2 * resources.length),
      prepare: () => {
        this.#learn();
      },
      scoreInto: (rows, count, scores) => {
        for (let i = 0; i < count; i++) {
          const row = rows[i];
          scores[i] = 0;
          if (taskCount[row] === 0) continue;
          for (let k = 0; k < columns.length; k++) gap[k] = columns[k][row];
          const before = this.#valueOf(row, gap);
          for (let k = 0; k < columns.length; k++) gap[k] -= demands[k];
          scores[i] = Math.round((size + this.#gain.of(gap) - before) * SCORE_STEPS);
        }
      },
    };
  }

  #learn(): void {
    if (this.#history.count < this.#nextLesson) return;
    this.#gain = new SampledGain(this.#history.recent(), this.totals);
    this.#nextLesson = this.#history.nextLesson();
    this.#lesson++;
  }

  /** What is expected to be used of a gap, kept until the row or what was learnt changes. */
  #valueOf(row: number, gap: Int32Array): number {
    const width = gap.length;
    if (row >= this.#values.length) this.#grow(Math.max(2 * this.#values.length, row + 1));
    let isKnown = this.#lessons[row] === this.#lesson;
    for (let k = 0; isKnown && k < width; k++) isKnown = this.#gaps[row * width + k] === gap[k];
    if (!isKnown) {
      this.#lessons[row] = this.#lesson;
      this.#gaps.set(gap, row * width);
      this.#values[row] = this.#gain.of(gap);
    }
    return this.#values[row];
  }

  #grow(rows: number): void {
    this.#lessons = new Int32Array(rows);
    this.#gaps = new Int32Array(rows * this.totals.length);
    this.#values = new Float64Array(rows);
  }
}
