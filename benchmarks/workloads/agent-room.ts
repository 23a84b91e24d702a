/**
 * How much room the agents of a workload have left, for filling them without an engine. Knows the same three kinds of
 * room as the workloads: scalar resources, interfaces held by security groups, and hosts a job is not on yet.
 */
import { agentType, INTERFACES } from './agent-types.ts';
import type { TaskShape } from './task-shapes.ts';
import type { Workload } from './workload.ts';

const RESOURCES = ['cpuMilli', 'memoryMiB', 'diskMiB', 'networkMbps'] as const;

export class AgentRoom {
  readonly #resources: readonly (typeof RESOURCES)[number][];
  readonly #free: readonly Float64Array[];
  readonly #jobs: number;
  readonly #groups: number;
  /** Tasks by agent and job, if a job may be on a host once only. */
  readonly #jobTasks: Uint8Array;
  /** Tasks by agent and security group. A group's tasks on an agent are taken to fit on one interface. */
  readonly #groupTasks: Uint8Array;
  readonly #idleInterfaces: Int32Array;

  constructor({ agents, resources, jobs, constraint, securityGroups }: Workload) {
    this.#resources = RESOURCES.slice(0, resources);
    this.#free = this.#resources.map((resource) =>
      Float64Array.from({ length: agents }, (_, row) => agentType(row)[resource]),
    );
    this.#jobs = constraint === 'unique-host' ? jobs : 0;
    this.#groups = securityGroups;
    this.#jobTasks = new Uint8Array(agents * this.#jobs);
    this.#groupTasks = new Uint8Array(agents * this.#groups);
    this.#idleInterfaces = new Int32Array(agents).fill(INTERFACES);
  }

  fits(row: number, shape: TaskShape, classNumber: number): boolean {
    for (let r = 0; r < this.#resources.length; r++)
      if (this.#free[r][row] < shape[this.#resources[r]]) return false;
    if (this.#jobs > 0 && this.#jobTasks[this.#jobAt(row, classNumber)] > 0) return false;
    if (this.#groups === 0 || this.#idleInterfaces[row] > 0) return true;
    return this.#groupTasks[this.#groupAt(row, classNumber)] > 0;
  }

  /** @param sign - 1 = a task comes, -1 = it leaves */
  book(row: number, shape: TaskShape, classNumber: number, sign: 1 | -1): void {
    for (let r = 0; r < this.#resources.length; r++) this.#free[r][row] -= sign * shape[this.#resources[r]];
    if (this.#jobs > 0) this.#jobTasks[this.#jobAt(row, classNumber)] += sign;
    if (this.#groups === 0) return;
    const at = this.#groupAt(row, classNumber);
    this.#groupTasks[at] += sign;
    if (this.#groupTasks[at] === (sign > 0 ? 1 : 0)) this.#idleInterfaces[row] -= sign;
  }

  /** Use of the scarcest resource, from 0 to 1: what says best whether a task may still fit. */
  loadOf(row: number): number {
    const type = agentType(row);
    let load = 0;
    for (let r = 0; r < this.#resources.length; r++)
      load = Math.max(load, 1 - this.#free[r][row] / type[this.#resources[r]]);
    return load;
  }

  hasIdleInterface(row: number): boolean {
    return this.#idleInterfaces[row] > 0;
  }

  #jobAt(row: number, classNumber: number): number {
    return row * this.#jobs + (classNumber % this.#jobs);
  }

  #groupAt(row: number, classNumber: number): number {
    return row * this.#groups + (classNumber % this.#groups);
  }
}
