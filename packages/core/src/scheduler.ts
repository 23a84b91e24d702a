/**
 * The object API: agents and tasks by id, requirements as objects, results as objects. A thin layer over
 * `PlacementEngine`, which does the work and stays reachable as `engine` for reading.
 */
import { ClassRegistry } from './class-registry.ts';
import { fail, StowageError } from './errors.ts';
import type { Explanation } from './explanation.ts';
import { type EngineOptions, PlacementEngine } from './placement-engine.ts';
import type { FitnessCalculator } from './plugin.ts';
import { type Placement, PlacementFailure, type ScheduleResult } from './schedule-result.ts';
import { snapshotError } from './snapshot.ts';
import { type AgentShape, type TaskRequirements, text } from './specs.ts';
import { show } from './show.ts';
import { MAX_SLOTS } from './slot-table.ts';
import { TaskIds } from './task-ids.ts';

/** An agent with its id. @public */
export interface AgentSpec extends AgentShape {
  readonly id: string;
}

/** A task with its id. @public */
export interface TaskSpec extends TaskRequirements {
  readonly id: string;
}

/**
 * Places tasks on agents.
 *
 * @example
 * ```ts
 * const scheduler = new Scheduler({ fitness: binPacking('cpu', 'memory') });
 * scheduler.addAgent({ id: 'host-1', resources: { cpu: 16, memory: 65536 } });
 * const { placements, failures } = scheduler.schedule([{ id: 'web-1', resources: { cpu: 0.5, memory: 512 } }]);
 * ```
 * @public
 */
export class Scheduler {
  readonly #agentRows = new Map<string, number>();
  readonly #agentIds: (string | undefined)[] = [];
  readonly #tasks = new TaskIds();
  #engine: PlacementEngine;
  #classes: ClassRegistry;
  /** Transactions up to this depth belong to `whatIf` and are not for its action to end. */
  #transactionFloor = 0;

  /** @throws StowageError INVALID_SCHEMA, INVALID_PLUGIN */
  constructor(options: EngineOptions = {}) {
    this.#engine = new PlacementEngine(options);
    this.#classes = new ClassRegistry(this.#engine);
  }

  /** The engine underneath, for reading: placing or releasing there bypasses the ids kept here. */
  get engine(): PlacementEngine {
    return this.#engine;
  }

  /** @throws StowageError DUPLICATE_AGENT, INVALID_SPEC, UNKNOWN_RESOURCE, those of quantities, TRANSACTION_OPEN */
  addAgent(agent: AgentSpec): void {
    const id = text(agent?.id, 'agent id');
    if (this.#agentRows.has(id))
      fail('DUPLICATE_AGENT', `agent "${id}" exists; use updateAgent to change it.`);
    const row = this.engine.addAgent(agent);
    this.#agentRows.set(id, row);
    this.#agentIds[row] = id;
  }

  /** Replaces resources and attributes. @throws StowageError as `addAgent`, UNKNOWN_AGENT, AGENT_IN_USE */
  updateAgent(agent: AgentSpec): void {
    this.engine.updateAgent(this.#rowOf(agent?.id), agent);
  }

  /** Stops (or resumes) giving new tasks to an agent; its tasks stay. @throws StowageError UNKNOWN_AGENT, TRANSACTION_OPEN */
  drainAgent(agentId: string, draining = true): void {
    this.engine.drainAgent(this.#rowOf(agentId), draining);
  }

  /** Removes an agent that runs nothing. @throws StowageError UNKNOWN_AGENT, AGENT_IN_USE, TRANSACTION_OPEN */
  removeAgent(agentId: string): void {
    const row = this.#rowOf(agentId);
    this.engine.removeAgent(row);
    this.#agentRows.delete(agentId);
    this.#agentIds[row] = undefined;
  }

  /** Ids of the agents, in tie-break order. */
  agents(): string[] {
    return this.#agentIds.filter((id) => id !== undefined);
  }

  /**
   * Places tasks one after the other, each seeing those before it.
   *
   * @param options - `allOrNothing`: place either all tasks (a gang) or none
   * @throws StowageError DUPLICATE_TASK, INVALID_SPEC, UNKNOWN_RESOURCE, those of quantities, INVALID_PLUGIN; then
   * nothing was placed. A plug-in that fails on one task is reported in `failures`.
   */
  schedule(tasks: readonly TaskSpec[], options: { readonly allOrNothing?: boolean } = {}): ScheduleResult {
    const asked = this.#ask(tasks);
    const result = options.allOrNothing === true ? this.#placeGang(asked) : this.#placeEach(asked);
    if (this.engine.transactionDepth === 0) this.#classes.sweep();
    return result;
  }

  /** Takes a placed task off its agent. @throws StowageError UNKNOWN_TASK */
  release(taskId: string): void {
    this.engine.release(this.#tasks.handleOf(taskId));
    this.#tasks.remove(taskId);
  }

  /** Agent of a placed task, undefined when it is not placed. */
  agentOf(taskId: string): string | undefined {
    return this.#tasks.has(taskId)
      ? this.#agentIds[this.engine.agentOf(this.#tasks.handleOf(taskId))]
      : undefined;
  }

  /** Ids of the tasks on an agent. O(tasks). @throws StowageError UNKNOWN_AGENT */
  tasksOn(agentId: string): string[] {
    return this.engine.tasksOn(this.#rowOf(agentId)).map((handle) => this.#tasks.idOf(handle));
  }

  /** Why a task has no feasible agent now, or which agents refuse it. O(agents). @throws as `schedule` */
  explain(task: TaskRequirements): Explanation {
    return this.engine.explain(this.#classes.classFor(task));
  }

  /** Exchanges the default fitness, between calls to `schedule`. @throws StowageError INVALID_PLUGIN */
  useFitness(fitness: FitnessCalculator | readonly FitnessCalculator[]): void {
    this.engine.useFitness(fitness);
  }

  /** Opens a transaction; they nest. What follows can be undone by `rollback`. */
  begin(): void {
    this.engine.begin();
    this.#tasks.begin();
  }

  /** Keeps what happened since the innermost `begin`. @throws StowageError NO_TRANSACTION */
  commit(): void {
    this.#requireOwnTransaction('commit');
    this.engine.commit();
    this.#tasks.commit();
  }

  /** Undoes every placement and release since the innermost `begin`. @throws StowageError NO_TRANSACTION */
  rollback(): void {
    this.#requireOwnTransaction('rollback');
    this.engine.rollback();
    this.#tasks.rollback();
  }

  /** Runs an action and undoes its placements and releases, whatever it returns or throws. */
  whatIf<T>(action: () => T): T {
    this.begin();
    const outerFloor = this.#transactionFloor;
    const depth = this.engine.transactionDepth;
    this.#transactionFloor = depth;
    try {
      return action();
    } finally {
      this.#transactionFloor = outerFloor;
      while (this.engine.transactionDepth >= depth) this.rollback();
    }
  }

  /** Broken invariants in words; empty when the state is consistent. O(agents + tasks). */
  verify(): string[] {
    const problems = this.engine.verify();
    if (this.#agentRows.size !== this.engine.agentCount) problems.push('agent ids and rows differ in number');
    for (const [id, row] of this.#agentRows) {
      if (this.#agentIds[row] !== id || !this.engine.hasAgent(row))
        problems.push(`agent "${id}" has no row of its own`);
    }
    if (this.#tasks.size !== this.engine.taskCount) problems.push('task ids and handles differ in number');
    for (const [id, handle] of this.#tasks.entries()) {
      if (!this.engine.hasTask(handle) || this.#tasks.idOf(handle) !== id)
        problems.push(`task "${id}" has no handle of its own`);
    }
    return problems;
  }

  /** The whole state but for plug-ins. @throws StowageError TRANSACTION_OPEN */
  snapshot(): ArrayBuffer {
    const tasks = this.#tasks.entries().sort(([, a], [, b]) => a - b);
    return this.engine.snapshot({
      agentIds: Array.from({ length: this.engine.rowCount }, (_, row) => this.#agentIds[row] ?? ''),
      taskIds: tasks.map(([id]) => id),
      taskHandles: tasks.map(([, handle]) => String(handle)),
    });
  }

  /**
   * A scheduler with the state of a snapshot.
   * @param options - plug-ins, which no snapshot holds
   * @throws StowageError INVALID_SNAPSHOT, UNSUPPORTED_SNAPSHOT
   */
  static restore(snapshot: ArrayBuffer, options: Pick<EngineOptions, 'fitness'> = {}): Scheduler {
    const { engine, names } = PlacementEngine.restore(snapshot, options);
    const scheduler = new Scheduler();
    scheduler.#engine = engine;
    scheduler.#classes = new ClassRegistry(engine);
    try {
      scheduler.#adoptNames(names);
    } catch (error) {
      throw snapshotError(error);
    }
    return scheduler;
  }

  #adoptNames({ agentIds = [], taskIds = [], taskHandles = [] }: Record<string, string[]>): void {
    agentIds.forEach((id, row) => {
      if (id === '') return;
      this.#agentIds[row] = id;
      this.#agentRows.set(id, row);
    });
    taskIds.forEach((id, i) => this.#tasks.add(id, Number(taskHandles[i])));
    const problems = this.verify();
    if (problems.length > 0) {
      fail('INVALID_SNAPSHOT', `${problems[0]}; use a snapshot of a Scheduler, not of a PlacementEngine.`);
    }
  }

  /** Reads and checks everything before anything is placed. */
  #ask(tasks: readonly TaskSpec[]): Asked[] {
    const given: unknown = tasks;
    if (!Array.isArray(given)) fail('INVALID_SPEC', `the tasks are ${show(given)}; give an array.`);
    const ids = new Set<string>();
    return tasks.map((task) => {
      const id = text((task as TaskSpec | null | undefined)?.id, 'task id');
      if (ids.has(id) || this.#tasks.has(id)) {
        fail(
          'DUPLICATE_TASK',
          `task "${id}" is placed already or given twice; release it first or use another id.`,
        );
      }
      ids.add(id);
      return { id, task, classId: this.#classes.classFor(task) };
    });
  }

  #placeEach(asked: readonly Asked[]): ScheduleResult {
    const placements: Placement[] = [];
    const failures: PlacementFailure[] = [];
    for (const one of asked) {
      const outcome = this.#placeOne(one);
      if (outcome instanceof PlacementFailure) failures.push(outcome);
      else placements.push(outcome);
    }
    return { placements, failures };
  }

  /** Rolls back when a task fails; that task's explanation is taken before its fellows leave. */
  #placeGang(asked: readonly Asked[]): ScheduleResult {
    this.begin();
    let culprit: PlacementFailure | undefined;
    const placements: Placement[] = [];
    try {
      for (const one of asked) {
        const outcome = this.#placeOne(one);
        if (outcome instanceof PlacementFailure) {
          culprit = outcome.explained();
          break;
        }
        placements.push(outcome);
      }
    } catch (error) {
      this.rollback();
      throw error;
    }
    if (culprit === undefined) {
      this.commit();
      return { placements, failures: [] };
    }
    this.rollback();
    return { placements: [], failures: gangFailures(asked, culprit) };
  }

  #placeOne({ id, task, classId }: Asked): Placement | PlacementFailure {
    const explain = (): Explanation => this.explain(task);
    let handle: number;
    try {
      handle = this.engine.place(classId);
    } catch (error) {
      if (error instanceof StowageError) return new PlacementFailure(id, explain, error);
      throw error;
    }
    if (handle < 0) return new PlacementFailure(id, explain);
    this.#tasks.add(id, handle);
    return { task: id, agent: this.#agentIds[this.engine.agentOf(handle)]!, slots: this.#slotsOf(handle) };
  }

  #slotsOf(handle: number): Record<string, number[]> {
    const { schema } = this.engine;
    return Object.fromEntries(
      schema.sets
        .map(({ name }) => [name, slotNumbers(this.engine.slotsOf(handle, name))] as const)
        .filter(([, slots]) => slots.length > 0),
    );
  }

  #requireOwnTransaction(operation: string): void {
    if (this.engine.transactionDepth > this.#transactionFloor) return;
    fail('NO_TRANSACTION', `${operation} without an open transaction of its own; call begin first.`);
  }

  #rowOf(agentId: string): number {
    return (
      this.#agentRows.get(agentId) ??
      fail('UNKNOWN_AGENT', `there is no agent ${show(agentId)}; add it with addAgent.`)
    );
  }
}

/** A task of a call with its id and class, read once. */
interface Asked {
  readonly id: string;
  readonly task: TaskSpec;
  readonly classId: number;
}

function gangFailures(asked: readonly Asked[], culprit: PlacementFailure): PlacementFailure[] {
  const message = `task "${culprit.task}" of the same gang was not placed: ${culprit.reason}`;
  return asked.map(({ id }) =>
    id === culprit.task
      ? culprit
      : new PlacementFailure(id, () => culprit.explanation, new StowageError('GANG_NOT_PLACED', message)),
  );
}

function slotNumbers(mask: number): number[] {
  return Array.from({ length: MAX_SLOTS }, (_, slot) => slot).filter((slot) => ((mask >>> slot) & 1) !== 0);
}
