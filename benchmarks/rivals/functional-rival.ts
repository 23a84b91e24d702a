/**
 * Plain TypeScript, first way: filter, map and reduce, which reads like the rule. Everything is derived from the list
 * of placements when it is needed.
 */
import {
  add,
  fits,
  loadWith,
  type PlainAgent,
  plainAgents,
  type PlainPlacement,
  type PlainTask,
  plainTasks,
} from './plain-cluster.ts';
import type { Rival } from './rival.ts';
import { type Workload, ZONES } from './workload.ts';

interface Candidate {
  readonly agent: PlainAgent;
  readonly coTasks: number;
  readonly score: number;
}

export class FunctionalRival implements Rival {
  readonly #agents: readonly PlainAgent[];
  readonly #tasks: readonly PlainTask[];
  readonly #balanced: boolean;
  readonly #score: (agent: PlainAgent, task: PlainTask) => number;
  #placements: (PlainPlacement | undefined)[] = [];

  constructor(workload: Workload) {
    this.#agents = plainAgents(workload);
    this.#tasks = plainTasks(workload);
    this.#balanced = workload.zones === 'balanced';
    this.#score =
      workload.fitness === 'packing'
        ? (agent, { needs }) => loadWith(agent, needs)
        : (agent, { needs }) => -loadWith(agent, needs);
  }

  place(): void {
    for (const task of this.#tasks) {
      const agent = this.#bestFor(task);
      if (agent !== undefined) add(agent.used, task.needs, 1);
      this.#placements.push(agent && { task, agent });
    }
  }

  rows(): number[] {
    return this.#placements.map((placement) => placement?.agent.row ?? -1);
  }

  release(): void {
    for (const placement of this.#placements)
      if (placement) add(placement.agent.used, placement.task.needs, -1);
    this.#placements = [];
  }

  #bestFor(task: PlainTask): PlainAgent | undefined {
    const coTasks = this.#coTasksByZone(task);
    return this.#agents
      .filter((agent) => (task.zone < 0 || agent.zone === task.zone) && fits(agent, task.needs))
      .map((agent) => ({ agent, coTasks: coTasks[agent.zone], score: this.#score(agent, task) }))
      .reduce<Candidate | undefined>(
        (best, candidate) => (best !== undefined && !isBetter(candidate, best) ? best : candidate),
        undefined,
      )?.agent;
  }

  #coTasksByZone({ job }: PlainTask): number[] {
    const coTasks = this.#balanced ? this.#placements.filter((placement) => placement?.task.job === job) : [];
    return ZONES.map((_, zone) => coTasks.filter((placement) => placement?.agent.zone === zone).length);
  }
}

/** Ties stay with the earlier agent. */
function isBetter(a: Candidate, b: Candidate): boolean {
  return a.coTasks < b.coTasks || (a.coTasks === b.coTasks && a.score > b.score);
}
