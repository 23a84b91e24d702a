/**
 * The engine as its users drive it: a class for each combination of shape and policy that tasks have, and one call
 * per task. What a user says only once (agents, classes) is outside of what is measured.
 */
import { attributeEquals, balancedSoft, fenzoBalancedFitness } from '@stowage/constraints';
import { PlacementEngine, type TaskRequirements } from '@stowage/core';
import { binPacking, fenzoFitness, spreading } from '@stowage/fitness';
import type { Rival } from './rival.ts';
import { type Amounts, type Workload, type WorkloadTask, zoneOf, ZONES } from './workload.ts';

export interface EngineRivalOptions {
  /** Soft constraints and fitness in one sum with Fenzo's weights, instead of soft constraints first. */
  readonly fenzoSum?: boolean;
  /** Every burst consists of jobs never seen before: its classes are defined anew, and bound while placing. */
  readonly newJobs?: boolean;
}

export class EngineRival implements Rival {
  readonly #engine: PlacementEngine;
  readonly #workload: Workload;
  readonly #options: EngineRivalOptions;
  readonly #handles: Int32Array;
  /** Class of each task, and each class once. */
  readonly #classOf: Int32Array;
  #classes: readonly number[] = [];
  #bursts = 0;

  constructor(workload: Workload, options: EngineRivalOptions = {}) {
    const { agents, agentTotals, residents, tasks } = workload;
    this.#workload = workload;
    this.#options = options;
    this.#engine = new PlacementEngine({
      agentCapacity: agents,
      fitness: workload.fitness === 'packing' ? binPacking('cpu', 'memory') : spreading('cpu', 'memory'),
    });
    const resources = decimals(agentTotals);
    for (let row = 0; row < agents; row++) {
      this.#engine.addAgent({ resources, attributes: { zone: ZONES[zoneOf(row)] } });
    }
    const residentClasses = new Map<string, number>();
    for (const { row, amounts } of residents) {
      const key = JSON.stringify(amounts);
      const classId = residentClasses.get(key) ?? this.#engine.defineClass({ resources: decimals(amounts) });
      residentClasses.set(key, classId);
      if (this.#engine.placeOn(classId, row) < 0) throw new Error(`A resident does not fit on agent ${row}.`);
    }
    this.#handles = new Int32Array(tasks.length).fill(-1);
    this.#classOf = new Int32Array(tasks.length);
    this.#define();
  }

  place(): void {
    const engine = this.#engine;
    const handles = this.#handles;
    const classOf = this.#classOf;
    for (let i = 0; i < handles.length; i++) handles[i] = engine.place(classOf[i]);
  }

  rows(): number[] {
    return Array.from(this.#handles, (handle) => (handle < 0 ? -1 : this.#engine.agentOf(handle)));
  }

  release(): void {
    const engine = this.#engine;
    const handles = this.#handles;
    for (let i = 0; i < handles.length; i++) if (handles[i] >= 0) engine.release(handles[i]);
  }

  renew(): void {
    if (this.#options.newJobs !== true) return;
    for (const classId of this.#classes) this.#engine.dropClass(classId);
    this.#define();
  }

  #define(): void {
    const ids = new Map<string, number>();
    this.#bursts++;
    this.#workload.tasks.forEach((task, i) => {
      const key = JSON.stringify([task.amounts, task.zone, this.#workload.zones === 'balanced' && task.job]);
      const id = ids.get(key) ?? this.#engine.defineClass(this.#requirements(task));
      ids.set(key, id);
      this.#classOf[i] = id;
    });
    this.#classes = [...ids.values()];
  }

  #requirements({ amounts, zone, job }: WorkloadTask): TaskRequirements {
    const resources = decimals(amounts);
    if (zone >= 0) return { resources, constraints: [attributeEquals('zone', ZONES[zone])] };
    if (this.#workload.zones !== 'balanced') return { resources };
    const inJob = { resources, job: `job-${this.#options.newJobs === true ? this.#bursts : 0}-${job}` };
    if (this.#options.fenzoSum !== true) return { ...inJob, softConstraints: [balancedSoft('zone')] };
    const balance = fenzoBalancedFitness('zone', { expectedValues: ZONES.length });
    return {
      ...inJob,
      fitness: fenzoFitness({ fitness: binPacking('cpu', 'memory'), softConstraints: [balance] }),
    };
  }
}

function decimals({ cpuMilli, memoryMiB, networkMbps, diskMiB }: Amounts): Record<string, number> {
  return { cpu: cpuMilli / 1000, memory: memoryMiB, network: networkMbps, disk: diskMiB };
}
