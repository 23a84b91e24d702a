/**
 * What the last scan of all agents under some policies found, from which the cost of the next is estimated: on a full
 * cluster, where hardly an agent fits, plug-ins are hardly asked.
 */
import { scanCost } from './cost-model.ts';

export class LastScan {
  readonly #constraintNs: number;
  readonly #calculatorNs: number;
  #fitting = 0;
  #feasible = 0;
  /** Journal version at that scan, -1 before there was one. */
  #version = -1;

  /**
   * @param constraintNs - for asking the constraints about an agent that fits
   * @param calculatorNs - for scoring an agent that is feasible
   */
  constructor(constraintNs: number, calculatorNs: number) {
    this.#constraintNs = constraintNs;
    this.#calculatorNs = calculatorNs;
  }

  /**
   * @param fitting - agents with enough of all that is asked for, whatever plug-ins said
   * @param feasible - those of them that could run a task
   */
  note(fitting: number, feasible: number, version: number): void {
    this.#fitting = fitting;
    this.#feasible = feasible;
    this.#version = version;
  }

  /**
   * Estimated ns of a scan. As if half of the agents could run a task, unless there was a scan within as many changes as
   * there are agents.
   */
  costNs(agents: number, version: number): number {
    const isKnown = this.#version >= 0 && version - this.#version <= agents;
    const fitting = isKnown ? Math.min(this.#fitting, agents) : agents >> 1;
    const feasible = isKnown ? Math.min(this.#feasible, agents) : fitting;
    return scanCost(agents, fitting * this.#constraintNs + feasible * this.#calculatorNs);
  }
}
