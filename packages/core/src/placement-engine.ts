/**
 * The row-number API: agents are rows, tasks are handles, both small integers. Describing agents and classes
 * takes objects (cold); placing and releasing takes and returns numbers and allocates nothing (hot).
 *
 * A decision goes feasible → scored → chosen → assumed: constraints leave candidate rows, fitness levels leave
 * the best, the lowest row wins, the ledger books the task at once.
 */
import { AgentTable, ACTIVE, DRAINING } from './agent-table.ts';
import { ChangeJournal } from './change-journal.ts';
import type { ClusterView } from './cluster-view.ts';
import { defineClass } from './class-definition.ts';
import { Decider } from './decider.ts';
import { fail, StowageError } from './errors.ts';
import type { Explanation } from './explanation.ts';
import { LabelVocabulary } from './label-vocabulary.ts';
import { Ledger } from './ledger.ts';
import type { PlacementColumns } from './placement-columns.ts';
import type { Plan } from './planner.ts';
import type { FitnessCalculator } from './plugin.ts';
import { requireFitness } from './plugin-check.ts';
import { type ResourceDefinition, ResourceSchema } from './schema.ts';
import { type AgentShape, type AgentUnits, parseAgent, type TaskRequirements } from './specs.ts';
import { show } from './show.ts';
import { readSnapshot, type Snapshot, snapshotError, writeSnapshot } from './snapshot.ts';
import { classLimit } from './task-class.ts';
import { TaskTable } from './task-table.ts';
import { verifyLedger } from './verify.ts';

const MAX_AGENTS = 2 ** 26;

/** @public */
export interface EngineOptions {
  /** Default: cpu, memory, disk, network, gpu as scalars. */
  readonly resources?: readonly ResourceDefinition[];
  /** Lexicographic levels for classes without their own. Default: none, the lowest feasible row. */
  readonly fitness?: FitnessCalculator | readonly FitnessCalculator[];
  /** Agents to make room for at first; grows by doubling. Default 1024. */
  readonly agentCapacity?: number;
}

/** @public */
export class PlacementEngine {
  readonly schema: ResourceSchema;
  readonly #agents: AgentTable;
  readonly #tasks: TaskTable;
  readonly #journal: ChangeJournal;
  readonly #ledger: Ledger;
  readonly #vocabulary = new LabelVocabulary();
  readonly #decider: Decider;
  readonly #droppedClassIds: number[] = [];

  /** @throws StowageError INVALID_SCHEMA, INVALID_SPEC, INVALID_PLUGIN */
  constructor(options: EngineOptions = {}) {
    if (typeof options !== 'object' || (options as unknown) === null) {
      fail('INVALID_SPEC', `the options are ${show(options)}; give an object, or nothing.`);
    }
    const { resources, fitness = [], agentCapacity = 1024 } = options;
    this.schema = new ResourceSchema(resources);
    if (!Number.isInteger(agentCapacity) || agentCapacity < 1 || agentCapacity > MAX_AGENTS) {
      fail(
        'INVALID_SPEC',
        `agentCapacity is ${show(agentCapacity)}; give an integer from 1 to ${MAX_AGENTS}.`,
      );
    }
    this.#agents = new AgentTable(this.schema, agentCapacity);
    this.#tasks = new TaskTable(this.schema.sets.length, 1024);
    this.#journal = new ChangeJournal(agentCapacity);
    this.#ledger = new Ledger(this.#agents, this.#tasks, this.#journal);
    this.#decider = new Decider(this.schema, this.#ledger, this.#vocabulary, requireFitness(fitness));
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

  /** Open transactions, one inside the other. */
  get transactionDepth(): number {
    return this.#ledger.transactionDepth;
  }

  /**
   * Adds an agent on the lowest free row.
   * @returns its row
   * @throws StowageError INVALID_SPEC, UNKNOWN_RESOURCE, those of quantities, TRANSACTION_OPEN
   */
  addAgent(shape: AgentShape): number {
    this.#forbidInTransaction('addAgent');
    const units = parseAgent(this.schema, shape, 'agent');
    return this.#changeLayout(() => this.#agents.add(units));
  }

  /**
   * Replaces an agent's resources and attributes. With tasks on it, totals must stay at or above what is used
   * and slots must stay as they are.
   * @throws StowageError as addAgent, UNKNOWN_AGENT, AGENT_IN_USE
   */
  updateAgent(row: number, shape: AgentShape): void {
    this.#forbidInTransaction('updateAgent');
    this.#requireAgent(row);
    const units = parseAgent(this.schema, shape, `agent ${row}`);
    this.#requireRoom(row, units);
    const movesTasks =
      this.#agents.taskCount[row] > 0 && !this.#agents.attributes.equals(row, units.attributes);
    this.#changeLayout(() => {
      this.#agents.update(row, units);
      return row;
    });
    if (!movesTasks) return;
    for (const counter of this.#ledger.counters) this.#ledger.recount(counter);
  }

  /** Stops (true) or resumes (false) giving new tasks to an agent. @throws StowageError UNKNOWN_AGENT, TRANSACTION_OPEN */
  drainAgent(row: number, draining = true): void {
    this.#forbidInTransaction('drainAgent');
    this.#requireAgent(row);
    this.#agents.setState(row, draining ? DRAINING : ACTIVE);
    this.#journal.record(row);
  }

  /** Removes an agent without tasks; its row may be given out again. @throws StowageError UNKNOWN_AGENT, AGENT_IN_USE, TRANSACTION_OPEN */
  removeAgent(row: number): void {
    this.#forbidInTransaction('removeAgent');
    this.#requireAgent(row);
    const tasks = this.#agents.taskCount[row];
    if (tasks > 0) fail('AGENT_IN_USE', `agent ${row} runs ${tasks} tasks; release them first.`);
    this.#changeLayout(() => {
      this.#agents.remove(row);
      return row;
    });
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
    this.#requireAgent(row);
    return this.#agents.state[row] === DRAINING;
  }

  /** Attributes of an agent. @throws StowageError UNKNOWN_AGENT */
  attributesOf(row: number): Record<string, string> {
    this.#requireAgent(row);
    return this.#agents.attributes.get(row);
  }

  /**
   * Registers requirements and returns the id of their class. Every call makes a new class: keep the id.
   * @throws StowageError INVALID_SPEC, UNKNOWN_RESOURCE, those of quantities (also for too many classes), INVALID_PLUGIN
   */
  defineClass(requirements: TaskRequirements): number {
    const { classes } = this.#ledger;
    const id = this.#droppedClassIds.at(-1) ?? classes.length;
    if (id >= classLimit(this.#tasks.highWater)) {
      fail('QUANTITY_OVERFLOW', `${id} classes are defined; drop those that are not needed any more.`);
    }
    classes[id] = defineClass(id, requirements, this.schema, this.#agents.slots, this.#vocabulary);
    this.#droppedClassIds.pop();
    return id;
  }

  /** Forgets a class without placed tasks. @throws StowageError UNKNOWN_CLASS, CLASS_IN_USE, TRANSACTION_OPEN */
  dropClass(classId: number): void {
    this.#forbidInTransaction('dropClass');
    const taskClass = this.#decider.classOf(classId);
    if (taskClass.liveTasks > 0)
      fail('CLASS_IN_USE', `class ${classId} has ${taskClass.liveTasks} placed tasks; release them first.`);
    this.#decider.drop(classId);
    this.#ledger.classes[classId] = undefined;
    this.#droppedClassIds.push(classId);
  }

  /** Placed tasks of a class. @throws StowageError UNKNOWN_CLASS */
  placedOf(classId: number): number {
    return this.#decider.classOf(classId).liveTasks;
  }

  /** The default fitness levels; exchanging them keeps tasks and classes. @throws StowageError INVALID_PLUGIN */
  useFitness(fitness: FitnessCalculator | readonly FitnessCalculator[]): void {
    this.#decider.requireIdle();
    this.#decider.useFitness(requireFitness(fitness));
  }

  /**
   * Row of the agent that a task of this class would get now, -1 when none is feasible. Changes nothing.
   * @throws StowageError UNKNOWN_CLASS, CLASS_NOT_PLACEABLE, PLUGIN_FAILED, INVALID_PLUGIN, INVALID_SCORE,
   * INVALID_VERDICT, REENTRANT_CALL, UNKNOWN_RESOURCE when a plug-in names one
   */
  find(classId: number): number {
    return this.#decider.find(this.#decider.boundOf(classId));
  }

  /**
   * Places one task of a class on the best agent.
   * @returns its handle, -1 when no agent is feasible; then nothing has changed
   * @throws StowageError as `find`; then nothing has changed
   */
  place(classId: number): number {
    const bound = this.#decider.boundOf(classId);
    const row = this.#decider.find(bound);
    if (row < 0) return -1;
    this.#decider.chooseSlots(bound, row);
    return this.#ledger.place(bound.taskClass, row, this.#decider.masks);
  }

  /**
   * One scheduling cycle: places tasks one after the other, each seeing those before it. A plug-in failure is
   * recorded in `result.errors` and leaves its task unplaced; the others stand.
   * @param classIds - class per task; the first `count` are used
   * @throws StowageError UNKNOWN_CLASS before anything is placed
   */
  cycle(classIds: ArrayLike<number>, count: number, result: PlacementColumns): void {
    for (let i = 0; i < count; i++) this.#decider.classOf(classIds[i]);
    result.reset(count);
    for (let i = 0; i < count; i++) {
      let handle = -1;
      try {
        handle = this.place(classIds[i]);
      } catch (error) {
        if (!(error instanceof StowageError)) throw error;
        result.errors.set(i, error);
      }
      result.push(handle, handle < 0 ? -1 : this.agentOf(handle));
    }
  }

  /** Frees what a task uses; its handle becomes invalid. @throws StowageError UNKNOWN_TASK */
  release(handle: number): void {
    this.#decider.requireIdle();
    this.#ledger.release(this.#tasks.indexOf(handle));
  }

  /** Row of a task's agent. @throws StowageError UNKNOWN_TASK */
  agentOf(handle: number): number {
    return this.#tasks.agentOf[this.#tasks.indexOf(handle)];
  }

  /** Class of a task. @throws StowageError UNKNOWN_TASK */
  classOf(handle: number): number {
    return this.#tasks.classOf[this.#tasks.indexOf(handle)];
  }

  /** Slots of a resource set that a task holds, as an unsigned bit mask. @throws StowageError UNKNOWN_TASK, UNKNOWN_RESOURCE */
  slotsOf(handle: number, set: string): number {
    return this.#tasks.slotMasks[this.schema.set(set).index][this.#tasks.indexOf(handle)] >>> 0;
  }

  /** Handles of the tasks on an agent. O(tasks). @throws StowageError UNKNOWN_AGENT */
  tasksOn(row: number): number[] {
    this.#requireAgent(row);
    const handles: number[] = [];
    for (let index = 0; index < this.#tasks.highWater; index++) {
      if (this.#tasks.classOf[index] >= 0 && this.#tasks.agentOf[index] === row)
        handles.push(this.#tasks.handleOf(index));
    }
    return handles;
  }

  /** Opens a transaction; transactions nest. */
  begin(): void {
    this.#decider.requireIdle();
    this.#ledger.begin();
  }

  /** Keeps what was placed and released since the innermost `begin`. @throws StowageError NO_TRANSACTION */
  commit(): void {
    this.#decider.requireIdle();
    this.#ledger.commit();
  }

  /** Undoes what was placed and released since the innermost `begin`, in O(changes). @throws StowageError NO_TRANSACTION */
  rollback(): void {
    this.#decider.requireIdle();
    this.#ledger.rollback();
  }

  /** Why a class has no feasible agent now, or which agents refuse it. O(agents). @throws StowageError as `find` */
  explain(classId: number): Explanation {
    return this.#decider.explain(classId);
  }

  /** Which structure answered a class last (a new class: scan) and why. @throws StowageError as `find` */
  explainPlan(classId: number): Plan {
    return this.#decider.explainPlan(classId);
  }

  /** Broken invariants in words; empty when the state is consistent. O(agents + tasks). */
  verify(): string[] {
    return verifyLedger(this.#ledger, this.#decider.counters, this.schema);
  }

  /**
   * The whole state but for plug-ins, equal bytes for equal states.
   * @param names - texts to keep with it, returned by `restore`
   * @throws StowageError TRANSACTION_OPEN
   */
  snapshot(names: Readonly<Record<string, readonly string[]>> = {}): ArrayBuffer {
    this.#forbidInTransaction('snapshot');
    return writeSnapshot(this.schema, this.#ledger, names);
  }

  /**
   * An engine with the state of a snapshot. Restored classes can be released, not placed: plug-ins are functions
   * and stay behind.
   * @throws StowageError INVALID_SNAPSHOT, UNSUPPORTED_SNAPSHOT, INVALID_PLUGIN
   */
  static restore(
    snapshot: ArrayBuffer,
    options: Pick<EngineOptions, 'fitness'> = {},
  ): { engine: PlacementEngine; names: Record<string, string[]> } {
    const content = readSnapshot(snapshot);
    const { fitness = [] } = options;
    requireFitness(fitness);
    const { resources, names } = content.meta;
    try {
      const engine = new PlacementEngine({ fitness, resources, agentCapacity: content.capacity });
      engine.#load(content);
      return { engine, names };
    } catch (error) {
      throw snapshotError(error);
    }
  }

  #load(content: Snapshot): void {
    content.loadInto(this.#ledger, this.#vocabulary);
    this.#ledger.classes.forEach((taskClass, id) => {
      if (taskClass === undefined) this.#droppedClassIds.push(id);
    });
    this.#decider.noteLayout();
    const problems = this.verify();
    if (problems.length > 0)
      fail('INVALID_SNAPSHOT', `the content contradicts itself: ${problems[0]}. Take an older snapshot.`);
  }

  #changeLayout(change: () => number): number {
    const row = change();
    this.#journal.record(row);
    this.#decider.noteLayout();
    return row;
  }

  #requireAgent(row: number): void {
    if (!this.#agents.isPresent(row))
      fail('UNKNOWN_AGENT', `row ${show(row)} holds no agent; use a row that addAgent returned.`);
  }

  #requireRoom(row: number, units: AgentUnits): void {
    const agents = this.#agents;
    if (agents.taskCount[row] === 0) return;
    units.scalars.forEach((total, r) => {
      const used = agents.total[r][row] - agents.free[r][row];
      if (total < used)
        fail(
          'AGENT_IN_USE',
          `agent ${row} would have ${total} units of ${this.schema.scalars[r].name}, but tasks use ${used}; release some first.`,
        );
    });
    units.slots.forEach(({ slots, unitsPerSlot }, set) => {
      if (!agents.slots[set].hasShape(row, slots, unitsPerSlot)) {
        fail(
          'AGENT_IN_USE',
          `the ${this.schema.sets[set].name} slots of agent ${row} cannot change while tasks run on it; release its tasks first.`,
        );
      }
    });
  }

  #forbidInTransaction(operation: string): void {
    this.#decider.requireIdle();
    if (this.transactionDepth > 0)
      fail(
        'TRANSACTION_OPEN',
        `${operation} is not allowed inside a transaction; commit or roll back first.`,
      );
  }
}
