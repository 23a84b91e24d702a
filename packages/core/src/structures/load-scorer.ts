/**
 * What a fitness that declares to rank by load gives to the agents that can run a task, computed from the columns without
 * asking it: sign · Σ weight · (total − (free − needed)), an exact integer, no part of which exceeds the load of a full agent.
 */
import type { AgentTable } from '../agents/agent-table.ts';
import { loadWeights } from '../plug-ins/load-weights.ts';
import type { TaskClass } from '../tasks/task-class.ts';
import { LOAD_KERNELS, type LoadRanking, type LoadKernel } from './load-kernels.ts';

export class LoadScorer {
  readonly #ranking: LoadRanking;
  readonly #kernel: LoadKernel;
  /** Numbers of the scalar resources that are needed or rank. */
  readonly resources: readonly number[];

  private constructor(ranking: LoadRanking, kernel: LoadKernel, resources: readonly number[]) {
    this.#ranking = ranking;
    this.#kernel = kernel;
    this.resources = resources;
  }

  /** Agent types. */
  get typeCount(): number {
    return this.#ranking.loads.length / (this.resources.length + 1);
  }

  /**
   * Undefined for a class with more resources than there are kernels for.
   * @param ranking - numbers of the scalar resources whose used shares sum up to the load
   * O(types · resources)
   */
  static of(
    { typeTotals, typeOf, free, open }: AgentTable,
    { demand, demanded }: TaskClass,
    ranking: readonly number[],
    prefer: 'greater' | 'smaller',
  ): LoadScorer | undefined {
    const resources = [...new Set([...ranking, ...demanded])];
    const kernel = LOAD_KERNELS[resources.length - 1];
    if (kernel === undefined) return undefined;
    const { weights, fullLoads } = loadWeights({ agentTypes: typeTotals }, ranking);
    const sign = prefer === 'greater' ? 1 : -1;
    const loads = new Float64Array(typeTotals.length * (resources.length + 1));
    for (let type = 0; type < typeTotals.length; type++) {
      const at = type * (resources.length + 1);
      loads[at] = sign * fullLoads[type];
      for (let r = 0; r < ranking.length; r++) loads[at + 1 + r] = sign * weights[type * ranking.length + r];
    }
    const columns = resources.map((resource) => free[resource]);
    const needs = Int32Array.from(resources, (resource) => demand[resource]);
    return new LoadScorer({ open, typeOf, columns, needs, loads }, kernel, resources);
  }

  /**
   * Writes those of some rows that are open and have enough, in order, and their scores. O(count · resources).
   * @param from - may be `rows` itself
   * @returns their number
   */
  scoreInto(from: Int32Array, count: number, rows: Int32Array, scores: Float64Array): number {
    return this.#kernel(this.#ranking, from, count, rows, scores);
  }

  /** Writes the score of a full agent of a type, and then what a free unit of each of the resources takes from it. */
  loadsInto(type: number, numbers: Float64Array, at: number): void {
    const length = this.resources.length + 1;
    numbers.set(this.#ranking.loads.subarray(type * length, (type + 1) * length), at);
  }
}
