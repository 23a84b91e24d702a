/**
 * Booking tasks and moving them through the stages of their life: reserved, assigned, running. What the methods
 * mean and throw stands at `PlacementEngine`.
 */
import { adoptableSlots } from './adoption.ts';
import type { AgentOperations } from '../agents/agent-operations.ts';
import type { Decider } from '../decisions/decider.ts';
import { fail } from '../errors.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { PreemptionOperations } from '../preemption/preemption-operations.ts';
import type { ResourceSchema } from '../resources/schema.ts';
import {
  ASSIGNED,
  RESERVED,
  RUNNING,
  STAGE_NAMES,
  type TaskStage,
  type TaskStageName,
} from './task-table.ts';

export class TaskOperations {
  readonly preemption: PreemptionOperations;
  readonly #schema: ResourceSchema;
  declare private readonly ledger: Ledger;
  declare private readonly decider: Decider;
  readonly #agents: AgentOperations;

  constructor(schema: ResourceSchema, ledger: Ledger, decider: Decider, agents: AgentOperations) {
    this.#schema = schema;
    this.ledger = ledger;
    this.decider = decider;
    this.#agents = agents;
    this.preemption = new PreemptionOperations(schema, ledger, decider, {
      requireAgent: (row) => agents.require(row),
      reserve: (classId, row) => this.placeOn(classId, row, RESERVED),
    });
  }

  /** On the best agent. */
  place(classId: number, stage: TaskStage): number {
    const decider = this.decider;
    const bound = decider.boundOnceOf(classId);
    const row = decider.find(bound);
    if (row < 0) return -1;
    if (bound.isPicky) decider.chooseSlots(bound, row);
    return this.ledger.place(classId, row, decider.masks, stage);
  }

  placeOn(classId: number, row: number, stage: TaskStage): number {
    const decider = this.decider;
    const bound = decider.boundOf(classId);
    this.#agents.require(row);
    if (decider.findOn(bound, row) < 0) return -1;
    decider.chooseSlots(bound, row);
    return this.ledger.place(classId, row, decider.masks, stage);
  }

  /** @param row - undefined = the best agent */
  reserve(classId: number, row: number | undefined): number {
    return row === undefined ? this.place(classId, RESERVED) : this.placeOn(classId, row, RESERVED);
  }

  adopt(classId: number, row: number, slots: Readonly<Record<string, number>>): number {
    this.decider.requireIdle();
    const taskClass = this.decider.classOf(classId);
    this.#agents.require(row);
    const masks = adoptableSlots(taskClass, row, slots, this.ledger.agents, this.#schema);
    return this.ledger.place(classId, row, masks, RUNNING);
  }

  confirm(handle: number): void {
    this.#advance(handle, RESERVED, ASSIGNED);
  }

  start(handle: number): void {
    if (this.stageOf(handle) !== 'running') this.#advance(handle, ASSIGNED, RUNNING);
  }

  stageOf(handle: number): TaskStageName {
    const { tasks } = this.ledger;
    return STAGE_NAMES[tasks.stageOf(tasks.indexOf(handle))];
  }

  /** @param row - undefined = every agent */
  on(row: number | undefined): number[] {
    if (row !== undefined) this.#agents.require(row);
    const { tasks } = this.ledger;
    const handles: number[] = [];
    for (let index = 0; index < tasks.highWater; index++) {
      if (tasks.classOf(index) < 0) continue;
      if (row === undefined || tasks.agentOf(index) === row) handles.push(tasks.handleOf(index));
    }
    return handles;
  }

  release(handle: number): void {
    this.decider.requireIdle();
    this.ledger.release(this.ledger.tasks.indexOf(handle));
  }

  #advance(handle: number, from: TaskStage, to: TaskStage): void {
    this.decider.requireIdle();
    const stage = this.stageOf(handle);
    if (stage !== STAGE_NAMES[from]) {
      fail(
        'INVALID_STAGE',
        `task ${handle} is ${stage}; only one that is ${STAGE_NAMES[from]} becomes ${STAGE_NAMES[to]}.`,
      );
    }
    this.ledger.advance(this.ledger.tasks.indexOf(handle), to);
  }
}
