/**
 * The object API: agents and tasks by id, requirements as objects, results as objects. A thin layer over
 * `PlacementEngine`, which does the work and stays reachable as `engine` for reading.
 */
import type { AgentReport } from './agents/agent-report.ts';
import { ClassRegistry } from './tasks/class-registry.ts';
import type { EngineOptions, PolicyOptions } from './engine-options.ts';
import { fail } from './errors.ts';
import type { Explanation } from './decisions/explanation.ts';
import type { AgentGates, AgentGatesState, GateReason } from './agents/agent-gates.ts';
import { GateKeeper } from './agents/gate-keeper.ts';
import { IdTable } from './support/id-table.ts';
import { PlacementEngine } from './placement-engine.ts';
import type { FitnessCalculator } from './plug-ins/plugin.ts';
import type { TaskPreemptionOptions, TaskPreemptionPlan } from './preemption/preemption-plan.ts';
import type { AgentStatus, Placement, ScheduleResult, TaskEviction } from './schedule-result.ts';
import { snapshotError } from './snapshots/snapshot.ts';
import { type TaskRequirements, text } from './resources/specs.ts';
import { show } from './support/show.ts';
import { type ScheduleOptions, TaskPlacer } from './tasks/task-placer.ts';
import type { AgentSpec, TaskSpec } from './tasks/task-spec.ts';
import { MAX_TASKS, type TaskStageName } from './tasks/task-table.ts';

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
  readonly #agents = new IdTable(-1, (id) =>
    fail('UNKNOWN_AGENT', `there is no agent ${show(id)}; add it with addAgent.`),
  );
  readonly #tasks = new IdTable(MAX_TASKS - 1, (id) =>
    fail('UNKNOWN_TASK', `task ${show(id)} is not placed; it was released or never placed.`),
  );
  readonly #gates = new GateKeeper({
    ids: () => this.agents(),
    has: (id) => this.#agents.has(id),
    attributesOf: (id) => this.engine.attributesOf(this.#agents.numberOf(id)),
    nowMs: () => this.engine.cluster.nowMs(),
    requireIdle: () => this.whatIf(() => undefined),
    close: (id, closed) => this.engine.drainAgent(this.#agents.numberOf(id), closed),
  });
  #engine: PlacementEngine;
  #classes: ClassRegistry;
  #placer: TaskPlacer;
  /** Transactions up to this depth belong to `whatIf` and are not for its action to end. */
  #transactionFloor = 0;

  /** @throws StowageError INVALID_SCHEMA, INVALID_SPEC, INVALID_PLUGIN */
  constructor(options: EngineOptions = {}) {
    this.#engine = new PlacementEngine(options);
    this.#classes = new ClassRegistry(this.#engine);
    this.#placer = new TaskPlacer(this.#engine, this.#classes, this.#agents, this.#tasks);
  }

  /** The engine underneath, for reading: placing or releasing there bypasses the ids kept here. */
  get engine(): PlacementEngine {
    return this.#engine;
  }

  /** @throws StowageError DUPLICATE_AGENT, INVALID_SPEC, UNKNOWN_RESOURCE, those of quantities */
  addAgent(agent: AgentSpec): void {
    const id = text(agent?.id, 'agent id');
    if (this.#agents.has(id)) fail('DUPLICATE_AGENT', `agent "${id}" exists; use updateAgent to change it.`);
    this.#agents.add(id, this.engine.addAgent(agent));
    this.#gates.apply(id);
  }

  /** Replaces resources, attributes and taints. @throws StowageError as `addAgent`, UNKNOWN_AGENT, AGENT_IN_USE */
  updateAgent(agent: AgentSpec): void {
    this.engine.updateAgent(this.#agents.numberOf(agent?.id), agent);
    this.#gates.apply(agent.id);
  }

  /** Replaces scalar totals, overcommitment included; missing = 0. @throws StowageError as `updateAgent` */
  resizeAgent(agentId: string, resources: Readonly<Record<string, number>>): void {
    this.engine.resizeAgent(this.#agents.numberOf(agentId), resources);
  }

  /** Stops (or resumes) giving new tasks to an agent; its tasks stay. @throws StowageError UNKNOWN_AGENT */
  drainAgent(agentId: string, draining = true): void {
    this.#agents.numberOf(agentId);
    this.#gates.drain(agentId, draining);
  }

  /**
   * Keeps new tasks off an agent until the scheduler is told that this time has come (`advanceTo`); replaces an
   * earlier call. The agent need not be known yet.
   * @throws StowageError INVALID_SPEC for an empty id or a time that is not finite
   */
  disableAgent(agentId: string, untilMs: number): void {
    this.#gates.disable(agentId, untilMs);
  }

  /** Ends `disableAgent` at once; the agent need not be known. */
  enableAgent(agentId: string): void {
    this.#gates.enable(agentId);
  }

  /**
   * Only agents whose attribute has one of the values take new tasks; agents without the attribute take none.
   * O(agents).
   * @param groups - empty or undefined: all agents are active
   * @throws StowageError INVALID_SPEC
   */
  setActiveGroups(attribute: string, groups?: readonly string[]): void {
    this.#gates.setActiveGroups(attribute, groups);
  }

  /** Why an agent takes no new tasks; undefined when it takes some. @throws StowageError UNKNOWN_AGENT */
  whyClosed(agentId: string): GateReason | undefined {
    return this.#gates.reasonNow(agentId);
  }

  /** Removes an agent that runs nothing. @throws StowageError UNKNOWN_AGENT, AGENT_IN_USE */
  removeAgent(agentId: string): void {
    this.engine.removeAgent(this.#agents.numberOf(agentId));
    this.#agents.remove(agentId);
    this.#gates.drain(agentId, false);
  }

  /**
   * Takes over what an agent reports about itself: lent resources, signals, items at hand.
   * @throws StowageError UNKNOWN_AGENT, INVALID_SPEC, UNKNOWN_RESOURCE, those of quantities; then nothing has changed
   */
  reportAgent(agentId: string, report: AgentReport): void {
    this.engine.reportAgent(this.#agents.numberOf(agentId), report);
  }

  /** Ids of the agents, in tie-break order. O(agents log agents). */
  agents(): string[] {
    return this.#agents.entries().map(([id]) => id);
  }

  /** The agents in service, in tie-break order. O(agents · attributes). */
  agentStatuses(): AgentStatus[] {
    return this.#agents.entries().map(([id, row]) => {
      const closed = this.#gates.reasonNow(id);
      return {
        id,
        attributes: this.engine.attributesOf(row),
        taskCount: this.engine.cluster.taskCount[row],
        ...(closed === undefined ? {} : { closed }),
      };
    });
  }

  /** Whether agents take new tasks, also such as are not known yet: what an offer pool asks about. */
  get gates(): Pick<AgentGates, 'reasonFor'> {
    return this.#gates;
  }

  /** Whether there is an agent of this id. */
  hasAgent(agentId: string): boolean {
    return this.#agents.has(agentId);
  }

  /** What tasks have booked on an agent, by scalar resource, as decimals. @throws StowageError UNKNOWN_AGENT */
  usageOn(agentId: string): Record<string, number> {
    const units = this.engine.usageOf(this.#agents.numberOf(agentId));
    const { scalars } = this.engine.schema;
    return Object.fromEntries(scalars.map(({ name, unitsPerWhole }, r) => [name, units[r] / unitsPerWhole]));
  }

  /**
   * Places tasks one after the other, each seeing those before it.
   *
   * @throws StowageError DUPLICATE_TASK, INVALID_SPEC, UNKNOWN_RESOURCE, those of quantities, INVALID_PLUGIN; then
   * nothing was placed. A plug-in that fails on one task, or an agent that a task is pinned to and that is not there,
   * is reported in `failures`.
   */
  schedule(tasks: readonly TaskSpec[], options: ScheduleOptions = {}): ScheduleResult {
    const result = this.#placer.schedule(tasks, options, this);
    this.#sweep();
    return result;
  }

  /**
   * Books a task that runs on an agent already, after a restart. Neither constraints nor the agent's state are looked
   * at, but resources must be there.
   * @param slots - slots that the task holds, by resource set; those left out are chosen
   * @throws StowageError as `schedule`, UNKNOWN_AGENT, AGENT_FULL; then nothing has changed
   */
  adopt(task: TaskSpec, agentId: string, slots: Readonly<Record<string, readonly number[]>> = {}): Placement {
    return this.#placer.adopt(task, agentId, slots);
  }

  /** Turns a reservation into a task that may start. @throws StowageError UNKNOWN_TASK, INVALID_STAGE unless it is a reservation */
  confirm(taskId: string): void {
    this.engine.confirm(this.#tasks.numberOf(taskId));
  }

  /** Notes that a task runs; without effect when that is known. @throws StowageError UNKNOWN_TASK, INVALID_STAGE for a reservation */
  start(taskId: string): void {
    this.engine.start(this.#tasks.numberOf(taskId));
  }

  /** How far a task has come, undefined when it is not placed. */
  stageOf(taskId: string): TaskStageName | undefined {
    return this.#tasks.has(taskId) ? this.engine.stageOf(this.#tasks.numberOf(taskId)) : undefined;
  }

  /** Takes a task off its agent, whatever its stage. @throws StowageError UNKNOWN_TASK */
  release(taskId: string): void {
    const handle = this.#tasks.numberOf(taskId);
    this.engine.release(handle);
    this.#tasks.remove(taskId, handle);
  }

  /** Agent of a placed task, undefined when it is not placed. */
  agentOf(taskId: string): string | undefined {
    const handle = this.#tasks.find(taskId);
    return handle === undefined ? undefined : this.agentIdOf(this.engine.agentOf(handle));
  }

  /** Id of the task that the engine knows by a handle; undefined for a handle of no task. */
  taskIdOf(handle: number): string | undefined {
    return this.#tasks.idOf(handle);
  }

  /** Id of the agent on a row of the engine; undefined for a row without agent. */
  agentIdOf(row: number): string | undefined {
    return this.#agents.idOf(row);
  }

  /** Ids of the tasks on an agent. O(tasks). @throws StowageError UNKNOWN_AGENT */
  tasksOn(agentId: string): string[] {
    return this.engine.tasksOn(this.#agents.numberOf(agentId)).map((handle) => this.#tasks.idOf(handle)!);
  }

  /** Tasks that should leave their agents; see `PlacementEngine.evictions`. Changes nothing. O(agents + tasks). */
  evictions(): TaskEviction[] {
    return this.engine.evictions().map(({ handle, row, reason }) => ({
      task: this.#tasks.idOf(handle)!,
      agent: this.#agents.idOf(row)!,
      reason,
    }));
  }

  /**
   * Whom to evict so that a task finds room, on the agent it is pinned to or on any; see `PreemptionPlan`. Undefined
   * when no evictions help. Changes nothing.
   * @throws StowageError as `schedule`, UNKNOWN_AGENT
   */
  planPreemption(
    task: TaskRequirements & { readonly agent?: string },
    options: TaskPreemptionOptions = {},
  ): TaskPreemptionPlan | undefined {
    return this.#placer.planPreemption(task, options);
  }

  /**
   * Carries a plan out: takes its victims off their agent and reserves their place for the task, to be confirmed when
   * they have stopped.
   * @throws StowageError as `schedule`, STALE_PLAN when the plan does not hold any more; then nothing has changed
   */
  preempt(task: TaskSpec, plan: TaskPreemptionPlan): Placement {
    return this.#placer.preempt(task, plan);
  }

  /** Checks a task without placing it. @throws StowageError INVALID_SPEC, UNKNOWN_RESOURCE, those of quantities, INVALID_PLUGIN */
  check(task: TaskSpec): void {
    this.#placer.check(task);
    this.#sweep();
  }

  /** Why a task has no feasible agent now, or which agents refuse it. O(agents). @throws as `schedule` */
  explain(task: TaskRequirements & { readonly agent?: string }): Explanation {
    const explanation = this.#placer.explain(task);
    this.#sweep();
    return explanation;
  }

  /** Exchanges the default fitness, between calls to `schedule`. @throws StowageError INVALID_PLUGIN */
  useFitness(fitness: FitnessCalculator | readonly FitnessCalculator[]): void {
    this.engine.useFitness(fitness);
  }

  /** Exchanges what holds for every task besides its own policies; what is left out stays. @throws StowageError INVALID_PLUGIN */
  usePolicies(policies: PolicyOptions): void {
    this.engine.usePolicies(policies);
  }

  /**
   * Tells the scheduler the time; see `PlacementEngine.advanceTo`.
   * @param nowMs - a safe integer, not before the time it has
   * @throws StowageError INVALID_QUANTITY, TRANSACTION_OPEN
   */
  advanceTo(nowMs: number): void {
    this.engine.advanceTo(nowMs);
    this.#gates.advance();
  }

  /** Opens a transaction; they nest. What follows can be undone by `rollback`, changes of agents too. */
  begin(): void {
    this.engine.begin();
    this.#agents.begin();
    this.#tasks.begin();
    this.#gates.begin();
  }

  /** Keeps what happened since the innermost `begin`. @throws StowageError NO_TRANSACTION */
  commit(): void {
    this.#requireOwnTransaction('commit');
    this.engine.commit();
    this.#agents.commit();
    this.#tasks.commit();
    this.#gates.commit();
    this.#sweep();
  }

  /** Undoes every change of tasks and agents since the innermost `begin`. @throws StowageError NO_TRANSACTION */
  rollback(): void {
    this.#requireOwnTransaction('rollback');
    this.engine.rollback();
    this.#agents.rollback();
    this.#tasks.rollback();
    this.#gates.rollback();
  }

  /** Runs an action and undoes its changes of tasks and agents, whatever it returns or throws. */
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
    const agents = this.#agents.verify('agent', this.engine.agentCount, (row) => this.engine.hasAgent(row));
    const tasks = this.#tasks.verify('task', this.engine.taskCount, (handle) => this.engine.hasTask(handle));
    return [...this.engine.verify(), ...agents, ...tasks];
  }

  /** The whole state but for plug-ins. @throws StowageError TRANSACTION_OPEN */
  snapshot(): ArrayBuffer {
    const tasks = this.#tasks.entries();
    return this.engine.snapshot({
      agentIds: Array.from({ length: this.engine.rowCount }, (_, row) => this.#agents.idOf(row) ?? ''),
      taskIds: tasks.map(([id]) => id),
      taskHandles: tasks.map(([, handle]) => String(handle)),
      gates: [JSON.stringify(this.#gates.state())],
    });
  }

  /**
   * A scheduler with the state of a snapshot.
   * @param options - plug-ins, which no snapshot holds
   * @throws StowageError INVALID_SNAPSHOT, UNSUPPORTED_SNAPSHOT, INVALID_PLUGIN
   */
  static restore(snapshot: ArrayBuffer, options: PolicyOptions = {}): Scheduler {
    const { engine, names } = PlacementEngine.restore(snapshot, options);
    const scheduler = new Scheduler();
    scheduler.#engine = engine;
    scheduler.#classes = new ClassRegistry(engine);
    scheduler.#placer = new TaskPlacer(engine, scheduler.#classes, scheduler.#agents, scheduler.#tasks);
    try {
      scheduler.#adoptNames(names);
    } catch (error) {
      throw snapshotError(error);
    }
    return scheduler;
  }

  #adoptNames({ agentIds = [], taskIds = [], taskHandles = [], gates = [] }: Record<string, string[]>): void {
    const { engine } = this;
    agentIds.forEach((id, row) => id === '' || this.#agents.adopt(id, row, engine.hasAgent(row)));
    const handles = taskHandles.map(Number);
    taskIds.forEach((id, i) => this.#tasks.adopt(id, handles[i], engine.hasTask(handles[i])));
    for (const state of gates) this.#gates.restore(JSON.parse(state) as AgentGatesState);
    const problems = this.verify();
    if (problems.length > 0) {
      fail('INVALID_SNAPSHOT', `${problems[0]}; use a snapshot of a Scheduler, not of a PlacementEngine.`);
    }
  }

  /** Forgets classes without tasks when there are many. */
  #sweep(): void {
    if (this.engine.transactionDepth === 0) this.#classes.sweep();
  }

  #requireOwnTransaction(operation: string): void {
    if (this.engine.transactionDepth <= this.#transactionFloor)
      fail('NO_TRANSACTION', `${operation} without an open transaction of its own; call begin first.`);
  }
}
