/**
 * The row-number API: agents are rows, tasks are handles, both small integers. Describing agents and classes
 * takes objects (cold); placing and releasing takes and returns numbers and allocates nothing (hot).
 *
 * A decision goes feasible → scored → chosen → assumed: constraints leave candidate rows, fitness levels leave
 * the best, the lowest row wins, the ledger books the task at once.
 */
import { AgentOperations } from './agents/agent-operations.ts';
import type { AgentReport } from './agents/agent-report.ts';
import { AgentTable } from './agents/agent-table.ts';
import type { ClusterView } from './plug-ins/cluster-view.ts';
import { ClassTable } from './tasks/class-table.ts';
import { Decider, type EngineWork } from './decisions/decider.ts';
import { fail } from './errors.ts';
import { type Eviction, evictionsOf } from './tasks/evictions.ts';
import type { Explanation } from './decisions/explanation.ts';
import { LabelVocabulary } from './tasks/label-vocabulary.ts';
import { Ledger } from './ledger/ledger.ts';
import type { PlacementColumns } from './decisions/placement-columns.ts';
import type { Plan } from './decisions/planner.ts';
import type { FitnessCalculator } from './plug-ins/plugin.ts';
import { requireFitness } from './plug-ins/plugin-check.ts';
import type { PreemptionOptions, PreemptionPlan } from './preemption/preemption-plan.ts';
import { type EngineOptions, type PolicyOptions, requireOptions, requirePolicies } from './engine-options.ts';
import { ResourceSchema } from './resources/schema.ts';
import type { AgentShape, TaskRequirements } from './resources/specs.ts';
import { readSnapshot, type Snapshot, snapshotError, writeSnapshot } from './snapshots/snapshot.ts';
import type { Taint } from './agents/taints.ts';
import { firstTreeBytes } from './structures/tournament-memory.ts';
import { TaskOperations } from './tasks/task-operations.ts';
import { ASSIGNED, type TaskStageName, TaskTable } from './tasks/task-table.ts';
import { verifyLedger } from './ledger/verify.ts';

/** @public */
export class PlacementEngine {
  readonly schema: ResourceSchema;
  readonly #agents: AgentTable;
  readonly #tasks: TaskTable;
  readonly #ledger: Ledger;
  readonly #vocabulary = new LabelVocabulary();
  readonly #decider: Decider;
  readonly #agentOperations: AgentOperations;
  readonly #taskOperations: TaskOperations;
  readonly #classes: ClassTable;

  /** @throws StowageError INVALID_SCHEMA, INVALID_SPEC, INVALID_PLUGIN */
  constructor(options: EngineOptions = {}) {
    const { agentCapacity, ...system } = requireOptions(options);
    this.schema = new ResourceSchema(options.resources);
    this.#agents = new AgentTable(this.schema, agentCapacity, firstTreeBytes);
    this.#tasks = new TaskTable(this.schema.sets.length, 1024);
    this.#ledger = new Ledger(this.#agents, this.#tasks);
    this.#decider = new Decider(this.schema, this.#ledger, this.#vocabulary, system);
    this.#agentOperations = new AgentOperations(this.schema, this.#ledger, this.#decider);
    this.#taskOperations = new TaskOperations(
      this.schema,
      this.#ledger,
      this.#decider,
      this.#agentOperations,
    );
    this.#classes = new ClassTable(this.schema, this.#ledger, this.#vocabulary, this.#decider);
  }

  /** Columns as plug-ins see them. */
  get cluster(): ClusterView {
    return this.#decider.cluster;
  }

  /** Present agents. */
  get agentCount(): number {
    return this.#agents.live;
  }

  /** Placed tasks. */
  get taskCount(): number {
    return this.#tasks.live;
  }

  /** One past the highest row in use. */
  get rowCount(): number {
    return this.#agents.rowCount;
  }

  /** Decisions made so far, and agents that were looked at for them. */
  get work(): EngineWork {
    return this.#decider.work;
  }

  /** Open transactions, one inside the other. */
  get transactionDepth(): number {
    return this.#ledger.transactionDepth;
  }

  /**
   * Adds an agent on the lowest free row.
   * @returns its row
   * @throws StowageError INVALID_SPEC, UNKNOWN_RESOURCE, those of quantities
   */
  addAgent(shape: AgentShape): number {
    return this.#agentOperations.add(shape);
  }

  /**
   * Replaces an agent's resources, attributes and taints. With tasks on it, totals must stay at or above what is
   * used and slots must stay as they are.
   * @throws StowageError as addAgent, UNKNOWN_AGENT, AGENT_IN_USE
   */
  updateAgent(row: number, shape: AgentShape): void {
    this.#agentOperations.update(row, shape);
  }

  /**
   * Replaces an agent's scalar totals, overcommitment included; missing = 0. O(resources).
   * @throws StowageError as updateAgent
   */
  resizeAgent(row: number, resources: Readonly<Record<string, number>>): void {
    this.#agentOperations.resize(row, resources);
  }

  /** Stops (true) or resumes (false) giving new tasks to an agent. @throws StowageError UNKNOWN_AGENT */
  drainAgent(row: number, draining = true): void {
    this.#agentOperations.drain(row, draining);
  }

  /** Removes an agent without tasks; its row may be given out again. @throws StowageError UNKNOWN_AGENT, AGENT_IN_USE */
  removeAgent(row: number): void {
    this.#agentOperations.remove(row);
  }

  /**
   * Takes over what an agent reports about itself: lent resources, signals, items at hand.
   * @throws StowageError UNKNOWN_AGENT, INVALID_SPEC, UNKNOWN_RESOURCE, those of quantities; then nothing has changed
   */
  reportAgent(row: number, report: AgentReport): void {
    this.#agentOperations.report(row, report);
  }

  /** Whether a row holds an agent. */
  hasAgent(row: number): boolean {
    return this.#agents.isPresent(row);
  }

  /** Whether a handle is that of a placed task. */
  hasTask(handle: number): boolean {
    return this.#tasks.has(handle);
  }

  /** Whether a row holds an agent that takes no new tasks. @throws StowageError UNKNOWN_AGENT */
  isDraining(row: number): boolean {
    return this.#agentOperations.isDraining(row);
  }

  /** Attributes of an agent. @throws StowageError UNKNOWN_AGENT */
  attributesOf(row: number): Record<string, string> {
    return this.#agentOperations.attributesOf(row);
  }

  /** Taints of an agent. @throws StowageError UNKNOWN_AGENT */
  taintsOf(row: number): readonly Required<Taint>[] {
    return this.#agentOperations.taintsOf(row);
  }

  /** Units of each scalar resource that tasks have booked on an agent, in schema order. @throws StowageError UNKNOWN_AGENT */
  usageOf(row: number): number[] {
    return this.#agentOperations.usageOf(row);
  }

  /**
   * Registers requirements and returns the id of their class. Every call makes a new class: keep the id.
   * @throws StowageError INVALID_SPEC, UNKNOWN_RESOURCE, those of quantities (also for too many classes), INVALID_PLUGIN
   */
  defineClass(requirements: TaskRequirements): number {
    return this.#classes.define(requirements);
  }

  /** Forgets a class without placed tasks. @throws StowageError UNKNOWN_CLASS, CLASS_IN_USE, TRANSACTION_OPEN */
  dropClass(classId: number): void {
    this.#classes.drop(classId);
  }

  /** Placed tasks of a class. @throws StowageError UNKNOWN_CLASS */
  placedOf(classId: number): number {
    return this.#ledger.bookings.live(this.#decider.classOf(classId).id);
  }

  /** The default fitness levels; exchanging them keeps tasks and classes. @throws StowageError INVALID_PLUGIN */
  useFitness(fitness: FitnessCalculator | readonly FitnessCalculator[]): void {
    this.usePolicies({ fitness: requireFitness(fitness) });
  }

  /**
   * Exchanges what holds for every class besides its own policies; what is left out stays. Tasks and classes stay.
   * @throws StowageError INVALID_PLUGIN, INVALID_SPEC
   */
  usePolicies(policies: PolicyOptions): void {
    this.#decider.usePolicies(policies);
  }

  /**
   * Row of the agent that a task of this class would get now, -1 when none is feasible. Changes nothing.
   * @throws StowageError UNKNOWN_CLASS, CLASS_NOT_PLACEABLE, PLUGIN_FAILED, INVALID_PLUGIN, INVALID_SCORE,
   * INVALID_VERDICT, REENTRANT_CALL, UNKNOWN_RESOURCE when a plug-in names one
   */
  find(classId: number): number {
    return this.#decider.find(this.#decider.boundOnceOf(classId));
  }

  /**
   * Places one task of a class on the best agent.
   * @returns its handle, -1 when no agent is feasible; then nothing has changed
   * @throws StowageError as `find`; then nothing has changed
   */
  place(classId: number): number {
    return this.#taskOperations.place(classId, ASSIGNED);
  }

  /**
   * Places one task of a class on a given agent, if it is feasible there.
   * @returns its handle, -1 when the agent is not feasible; then nothing has changed
   * @throws StowageError UNKNOWN_AGENT, and as `find`; then nothing has changed
   */
  placeOn(classId: number, row: number): number {
    return this.#taskOperations.placeOn(classId, row, ASSIGNED);
  }

  /**
   * Books capacity for one task of a class on the best agent, or on a given one. A reservation counts as a placed
   * task in every respect, but opportunistic tasks may use it until it is confirmed.
   * @returns its handle, -1 when no agent is feasible; then nothing has changed
   * @throws StowageError as `place` and `placeOn`; then nothing has changed
   */
  reserve(classId: number, row?: number): number {
    return this.#taskOperations.reserve(classId, row);
  }

  /**
   * Books a task that runs on an agent already, after a restart. What runs is a fact: neither constraints nor the
   * agent's state are looked at, but resources must be there.
   * @param slots - slots that the task holds, as a bit mask by resource set; those left out are chosen
   * @returns its handle
   * @throws StowageError UNKNOWN_CLASS, UNKNOWN_AGENT, UNKNOWN_RESOURCE, AGENT_FULL
   */
  adopt(classId: number, row: number, slots: Readonly<Record<string, number>> = {}): number {
    return this.#taskOperations.adopt(classId, row, slots);
  }

  /** Turns a reservation into a task that may start. @throws StowageError UNKNOWN_TASK, INVALID_STAGE unless it is a reservation */
  confirm(handle: number): void {
    this.#taskOperations.confirm(handle);
  }

  /** Notes that a task runs; without effect when that is known. @throws StowageError UNKNOWN_TASK, INVALID_STAGE for a reservation */
  start(handle: number): void {
    this.#taskOperations.start(handle);
  }

  /** How far a task has come. @throws StowageError UNKNOWN_TASK */
  stageOf(handle: number): TaskStageName {
    return this.#taskOperations.stageOf(handle);
  }

  /**
   * One scheduling cycle: places tasks one after the other, each seeing those before it. A plug-in failure is
   * recorded in `result.errors` and leaves its task unplaced; the others stand.
   * @param classIds - class per task; the first `count` are used
   * @throws StowageError UNKNOWN_CLASS before anything is placed
   */
  cycle(classIds: ArrayLike<number>, count: number, result: PlacementColumns): void {
    for (let i = 0; i < count; i++) this.#decider.classOf(classIds[i]);
    result.fill(this, classIds, count);
  }

  /** Frees what a task uses; its handle becomes invalid. @throws StowageError UNKNOWN_TASK */
  release(handle: number): void {
    this.#taskOperations.release(handle);
  }

  /** Row of a task's agent. @throws StowageError UNKNOWN_TASK */
  agentOf(handle: number): number {
    return this.#tasks.agentOf(this.#tasks.indexOf(handle));
  }

  /** Class of a task. @throws StowageError UNKNOWN_TASK */
  classOf(handle: number): number {
    return this.#tasks.classOf(this.#tasks.indexOf(handle));
  }

  /** Slots of a resource set that a task holds, as an unsigned bit mask. @throws StowageError UNKNOWN_TASK, UNKNOWN_RESOURCE */
  slotsOf(handle: number, set: string): number {
    return this.#tasks.slotMasks[this.schema.set(set).index][this.#tasks.indexOf(handle)] >>> 0;
  }

  /** Handles of the tasks on an agent, or on all if no row is given. O(tasks). @throws StowageError UNKNOWN_AGENT */
  tasksOn(row?: number): number[] {
    return this.#taskOperations.on(row);
  }

  /**
   * Tasks that should leave their agents, in the order in which to evict them: opportunistic tasks where the owners
   * need what they use, as few as lower priorities and later placements first allow, and tasks on agents with a
   * NoExecute taint that they do not tolerate. Changes nothing. O(agents + tasks).
   */
  evictions(): Eviction[] {
    return evictionsOf(this.#ledger);
  }

  /** Whom to evict for a task of a class, undefined if that is of no use. Changes nothing. @throws StowageError as `find`, UNKNOWN_AGENT, INVALID_SPEC */
  planPreemption(classId: number, options: PreemptionOptions = {}): PreemptionPlan | undefined {
    return this.#taskOperations.preemption.plan(classId, options);
  }

  /** Releases a plan's victims and reserves their place. @returns its handle @throws StowageError as `reserve`, INVALID_SPEC, STALE_PLAN */
  preempt(classId: number, plan: PreemptionPlan): number {
    return this.#taskOperations.preemption.carryOut(classId, plan);
  }

  /** Tells the engine the time in ms, which ends `rebindAfterMs`; never back. @throws StowageError INVALID_QUANTITY, TRANSACTION_OPEN */
  advanceTo(nowMs: number): void {
    this.#agentOperations.advanceTo(nowMs);
  }

  /** Opens a transaction; transactions nest. */
  begin(): void {
    this.#decider.requireIdle();
    this.#ledger.begin();
  }

  /** Keeps what was placed, released and changed of agents since the innermost `begin`. @throws StowageError NO_TRANSACTION */
  commit(): void {
    this.#decider.requireIdle();
    this.#ledger.commit();
  }

  /** Undoes what was placed, released and changed of agents since the innermost `begin`, in O(changes). @throws StowageError NO_TRANSACTION */
  rollback(): void {
    this.#decider.requireIdle();
    this.#ledger.rollback();
  }

  /**
   * Why a class has no feasible agent now, or which agents refuse it; of a single agent if a row is given. O(agents).
   * @throws StowageError as `find`, UNKNOWN_AGENT
   */
  explain(classId: number, row?: number): Explanation {
    if (row !== undefined) this.#agentOperations.require(row);
    return this.#decider.explain(classId, row);
  }

  /** Which structure answered a class last, or would answer one that was asked for once or never, and why. @throws StowageError as `find` */
  explainPlan(classId: number): Plan {
    return this.#decider.explainPlan(classId);
  }

  /** Broken invariants in words; empty when the state is consistent. O(agents + tasks). */
  verify(): string[] {
    return verifyLedger(this.#ledger, this.#decider.counters.all, this.schema).concat(this.#decider.verify());
  }

  /**
   * The whole state but for plug-ins, equal bytes for equal states.
   * @param names - texts to keep with it, returned by `restore`
   * @throws StowageError TRANSACTION_OPEN
   */
  snapshot(names: Readonly<Record<string, readonly string[]>> = {}): ArrayBuffer {
    this.#decider.requireIdle();
    this.#ledger.requireNoTransaction('snapshot');
    return writeSnapshot(this.schema, this.#ledger, names);
  }

  /**
   * An engine with the state of a snapshot. Restored classes can be released, not placed: plug-ins are functions
   * and stay behind.
   * @throws StowageError INVALID_SNAPSHOT, UNSUPPORTED_SNAPSHOT, INVALID_PLUGIN
   */
  static restore(
    snapshot: ArrayBuffer,
    options: PolicyOptions = {},
  ): { engine: PlacementEngine; names: Record<string, string[]> } {
    const content = readSnapshot(snapshot);
    const policies = requirePolicies(options);
    const { resources, names } = content.meta;
    try {
      const engine = new PlacementEngine({ ...policies, resources, agentCapacity: content.capacity });
      engine.#load(content);
      return { engine, names };
    } catch (error) {
      throw snapshotError(error);
    }
  }

  #load(content: Snapshot): void {
    content.loadInto(this.#ledger, this.#vocabulary);
    this.#classes.noteLoaded();
    this.#decider.noteLayout();
    const problems = this.verify();
    if (problems.length > 0)
      fail('INVALID_SNAPSHOT', `the content contradicts itself: ${problems[0]}. Take an older snapshot.`);
  }
}
