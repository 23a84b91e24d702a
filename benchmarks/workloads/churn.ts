/**
 * Steady-state churn on the engine: one operation releases one random task and places one of the next class, exactly.
 * Which task leaves is drawn beforehand, and its handle read some operations ahead, so that an operation costs what the
 * engine costs, and allocates nothing: the table of handles is the churn's own, and C has none.
 */
import { PlacementEngine } from '@stowage/core';
import { agentShape, resourcesOf } from './agent-types.ts';
import { NO_ASSIGNMENTS, withAssignment } from './assignment-hash.ts';
import { type PolicyForm, policiesOf } from './policies.ts';
import { type SteadyState, steadyState } from './steady-state.ts';
import { HOPELESS_SHAPE, requirementsOf, type TaskShape, taskShapes } from './task-shapes.ts';
import { VICTIMS, victimsOf } from './victims.ts';
import type { Workload } from './workload.ts';

/** Operations by which handles are read ahead: the line of the cache has come by the time that it is needed. */
const AHEAD = 8;

/** What the churns of one workload start from; made once, for the engine and for the scan beside it. */
export interface ChurnStart {
  readonly workload: Workload;
  readonly shapes: readonly TaskShape[];
  readonly state: SteadyState;
  /** Index of the task that leaves, per operation, modulo its length. */
  readonly victims: Int32Array;
}

export function churnStart(workload: Workload): ChurnStart {
  const shapes = taskShapes(workload);
  const state = steadyState(workload, shapes);
  return { workload, shapes, state, victims: victimsOf(workload, state.rows.length) };
}

export class Churn {
  readonly engine: PlacementEngine;
  readonly workload: Workload;
  /** Class ids, in the order in which they are asked for. */
  readonly classes: Int32Array;
  /** Operations so far. */
  operations = 0;
  /** Operations so far that found no agent. */
  misses = 0;
  /** What was read ahead, only to have it read. */
  readAhead = 0;
  /** Of all assignments so far. */
  hash: number = NO_ASSIGNMENTS;
  /** Handle per task, -1 where the last placement found no agent. */
  readonly #live: Int32Array;
  readonly #victims: Int32Array;
  /** Id of the class that fits nowhere, -1 = none. */
  readonly hopelessClass: number;
  readonly #maxOperations: number;

  /** @param maxOperations - as many as will be run at most: classes beyond them that no task has are not defined */
  constructor({ workload, shapes, state, victims }: ChurnStart, form: PolicyForm, maxOperations = Infinity) {
    const { agents, jobs } = workload;
    const { fitness, constraintsOf, softConstraints } = policiesOf(workload, form);
    const engine = new PlacementEngine({
      resources: resourcesOf(workload),
      fitness,
      softConstraints,
      agentCapacity: agents,
      structure: form === 'scan' ? 'scan' : 'cheapest',
    });
    for (let row = 0; row < agents; row++) engine.addAgent(agentShape(row, workload));
    const constraints = Array.from({ length: jobs }, (_, job) => constraintsOf(job));
    const define = (shape: TaskShape, i: number): number =>
      engine.defineClass({
        ...requirementsOf(shape, i, workload),
        constraints: constraints[i % jobs],
      });
    this.engine = engine;
    this.workload = workload;
    const inState = new Set(state.classes);
    this.classes = Int32Array.from(shapes, (shape, i) =>
      i < maxOperations || inState.has(i) ? define(shape, i) : -1,
    );
    this.hopelessClass = workload.hopelessClass ? define(HOPELESS_SHAPE, 0) : -1;
    this.#live = state.rows.map((row, task) => engine.adopt(this.classes[state.classes[task]], row));
    this.#victims = victims;
    this.#maxOperations = maxOperations;
  }

  /** Tasks that run at a time. */
  get tasks(): number {
    return this.#live.length;
  }

  /** The class that the last operation asked for. */
  get lastClass(): number {
    return this.classes[(this.operations - 1) % this.classes.length];
  }

  /** Defined classes that no operation has asked for yet. */
  get unseenClasses(): number {
    return Math.max(0, Math.min(this.classes.length, this.#maxOperations) - this.operations);
  }

  /** @returns the hash of all assignments so far */
  run(operations: number): number {
    const { engine, classes } = this;
    const live = this.#live;
    const victims = this.#victims;
    let { hash, misses } = this;
    let ahead = 0;
    const end = this.operations + operations;
    let next = this.operations % classes.length;
    for (let i = this.operations; i < end; i++) {
      const victim = victims[i & (VICTIMS - 1)];
      ahead ^= live[victims[(i + AHEAD) & (VICTIMS - 1)]];
      if (live[victim] >= 0) engine.release(live[victim]);
      const handle = engine.place(classes[next]);
      next = next + 1 === classes.length ? 0 : next + 1;
      live[victim] = handle;
      if (handle < 0) misses++;
      hash = withAssignment(hash, handle < 0 ? -1 : engine.agentOf(handle));
      if (this.hopelessClass >= 0) hash = withAssignment(hash, this.#tryHopeless());
    }
    this.operations = end;
    this.misses = misses;
    this.readAhead = ahead;
    return (this.hash = hash);
  }

  /** @returns the row, should there be one after all; the task does not stay there */
  #tryHopeless(): number {
    const handle = this.engine.place(this.hopelessClass);
    if (handle < 0) return -1;
    const row = this.engine.agentOf(handle);
    this.engine.release(handle);
    return row;
  }
}
