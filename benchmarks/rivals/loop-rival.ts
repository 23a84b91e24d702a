/**
 * Plain TypeScript, second way: one loop over the agents that allocates nothing, cheap tests first, counts of co-tasks
 * kept up to date. What a careful programmer gets without changing the data structure.
 */
import {
  add,
  fits,
  loadWith,
  type PlainAgent,
  plainAgents,
  type PlainTask,
  plainTasks,
} from './plain-cluster.ts';
import type { Rival } from './rival.ts';
import type { Workload } from './workload.ts';

export class LoopRival implements Rival {
  readonly #agents: readonly PlainAgent[];
  readonly #tasks: readonly PlainTask[];
  readonly #balanced: boolean;
  readonly #sign: 1 | -1;
  readonly #chosen: (PlainAgent | undefined)[];
  /** Placed tasks of a job by zone. */
  readonly #coTasks = new Map<number, number[]>();

  constructor(workload: Workload) {
    this.#agents = plainAgents(workload);
    this.#tasks = plainTasks(workload);
    this.#balanced = workload.zones === 'balanced';
    this.#sign = workload.fitness === 'packing' ? 1 : -1;
    this.#chosen = this.#tasks.map(() => undefined);
    for (const { job } of this.#tasks) this.#coTasks.set(job, [0, 0, 0]);
  }

  place(): void {
    for (let i = 0; i < this.#tasks.length; i++) {
      const task = this.#tasks[i];
      const agent = this.#balanced ? this.#bestInBalance(task) : this.#bestFor(task);
      if (agent !== undefined) this.#book(agent, task, 1);
      this.#chosen[i] = agent;
    }
  }

  rows(): number[] {
    return this.#chosen.map((agent) => agent?.row ?? -1);
  }

  release(): void {
    for (let i = 0; i < this.#tasks.length; i++) {
      const agent = this.#chosen[i];
      if (agent !== undefined) this.#book(agent, this.#tasks[i], -1);
    }
  }

  #book(agent: PlainAgent, { needs, job }: PlainTask, sign: 1 | -1): void {
    add(agent.used, needs, sign);
    this.#coTasks.get(job)![agent.zone] += sign;
  }

  #bestFor({ needs, zone }: PlainTask): PlainAgent | undefined {
    let best: PlainAgent | undefined;
    let bestScore = -Infinity;
    for (const agent of this.#agents) {
      if (zone >= 0 && agent.zone !== zone) continue;
      if (!fits(agent, needs)) continue;
      const score = this.#sign * loadWith(agent, needs);
      if (score > bestScore) {
        best = agent;
        bestScore = score;
      }
    }
    return best;
  }

  #bestInBalance({ needs, job }: PlainTask): PlainAgent | undefined {
    const coTasks = this.#coTasks.get(job)!;
    let best: PlainAgent | undefined;
    let bestScore = -Infinity;
    let fewest = Infinity;
    for (const agent of this.#agents) {
      const count = coTasks[agent.zone];
      if (count > fewest || !fits(agent, needs)) continue;
      const score = this.#sign * loadWith(agent, needs);
      if (count < fewest || score > bestScore) {
        best = agent;
        bestScore = score;
        fewest = count;
      }
    }
    return best;
  }
}
