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
  readonly #ledger: Ledger;
  readonly #decider: Decider;
  readonly #agents: AgentOperations;

  constructor(schema: ResourceSchema, ledger: Ledger, decider: Decider, agents: AgentOperations) {
    this.#schema = schema;
    this.#ledger = ledger;
    this.#decider = decider;
    this.#agents = agents;
    this.preemption = new PreemptionOperations(schema, ledger, decider, {
      requireAgent: (row) => agents.require(row),
      reserve: (classId, row) => this.book(classId, row, RESERVED),
    });
  }

  /** @param row - undefined = the best agent */
  book(classId: number, row: number | undefined, stage: TaskStage): number {
    const bound = row === undefined ? this.#decider.boundOnceOf(classId) : this.#decider.boundOf(classId);
    if (row !== undefined) this.#agents.require(row);
    const found = row === undefined ? this.#decider.find(bound) : this.#decider.findOn(bound, row);
    if (found < 0) return -1;
    this.#decider.chooseSlots(bound, found);
    return this.#ledger.place(classId, found, this.#decider.masks, stage);
  }

  adopt(classId: number, row: number, slots: Readonly<Record<string, number>>): number {
    this.#decider.requireIdle();
    const taskClass = this.#decider.classOf(classId);
    this.#agents.require(row);
    const masks = adoptableSlots(taskClass, row, slots, this.#ledger.agents, this.#schema);
    return this.#ledger.place(classId, row, masks, RUNNING);
  }

  confirm(handle: number): void {
    this.#advance(handle, RESERVED, ASSIGNED);
  }

  start(handle: number): void {
    if (this.stageOf(handle) !== 'running') this.#advance(handle, ASSIGNED, RUNNING);
  }

  stageOf(handle: number): TaskStageName {
    const { tasks } = this.#ledger;
    return STAGE_NAMES[tasks.stageOf(tasks.indexOf(handle))];
  }

  /** @param row - undefined = every agent */
  on(row: number | undefined): number[] {
    if (row !== undefined) this.#agents.require(row);
    const { tasks } = this.#ledger;
    const handles: number[] = [];
    for (let index = 0; index < tasks.highWater; index++) {
      if (tasks.classOf(index) < 0) continue;
      if (row === undefined || tasks.agentOf(index) === row) handles.push(tasks.handleOf(index));
    }
    return handles;
  }

  release(handle: number): void {
    this.#decider.requireIdle();
    this.#ledger.release(this.#ledger.tasks.indexOf(handle));
  }

  #advance(handle: number, from: TaskStage, to: TaskStage): void {
    this.#decider.requireIdle();
    const stage = this.stageOf(handle);
    if (stage !== STAGE_NAMES[from]) {
      fail(
        'INVALID_STAGE',
        `task ${handle} is ${stage}; only one that is ${STAGE_NAMES[from]} becomes ${STAGE_NAMES[to]}.`,
      );
    }
    this.#ledger.advance(this.#ledger.tasks.indexOf(handle), to);
  }
}
