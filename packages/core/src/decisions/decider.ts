/**
 * Decides: finds the best agent of a task class and the slots to take there, and changes nothing. Keeps the
 * classes bound to the present layout, and the counts and structures that their plug-ins declared to need.
 */
import type { AgentTable } from '../agents/agent-table.ts';
import { BoundClass, type Scratch, type SystemPolicies } from './bound-class.ts';
import { clusterView } from '../plug-ins/cluster-columns.ts';
import type { ClusterView } from '../plug-ins/cluster-view.ts';
import { fail } from '../errors.ts';
import { explainFailure, type Explanation } from './explanation.ts';
import type { LabelVocabulary } from '../tasks/label-vocabulary.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { type Plan, Planner } from './planner.ts';
import type { ResourceSchema } from '../resources/schema.ts';
import { show } from '../support/show.ts';
import type { TaskClass } from '../tasks/task-class.ts';
import { TaskCounters } from '../counts/task-counters.ts';
import { tolerationConstraint } from '../plug-ins/toleration-constraint.ts';

/**
 * How much an engine has done since it was made.
 * @public
 */
export interface EngineWork {
  /** Times that the best agent of a class was asked for. */
  readonly decisions: number;
  /** Agents whose constraints and scores were computed for that; remembered ones do not count. */
  readonly evaluations: number;
  /** Changes of agents, tasks and policies, also such as were rolled back: while it stays the same, so do all answers but those about time. */
  readonly changes: number;
}

/** An explanation and the state that it is about. */
interface KnownExplanation {
  readonly version: number;
  readonly nowMs: number;
  readonly explanation: Explanation;
}

export class Decider {
  readonly cluster: ClusterView;
  readonly counters: TaskCounters;
  /** Slots to take, one mask per slot request of the class last given to `chooseSlots`. */
  readonly masks: Int32Array;
  readonly #schema: ResourceSchema;
  readonly #agents: AgentTable;
  readonly #ledger: Ledger;
  readonly #planner: Planner;
  readonly #scratch: Scratch;
  readonly #bound: (BoundClass | undefined)[] = [];
  #policies: SystemPolicies;
  readonly #explanations = new WeakMap<BoundClass, KnownExplanation>();
  #decisions = 0;
  #layout = 0;
  #layoutSignature = '';
  /** Whether a plug-in is being asked right now. */
  #asking = false;

  constructor(schema: ResourceSchema, ledger: Ledger, vocabulary: LabelVocabulary, policies: SystemPolicies) {
    const { agents } = ledger;
    this.#schema = schema;
    this.#agents = agents;
    this.#ledger = ledger;
    this.#policies = policies;
    this.counters = new TaskCounters(ledger);
    this.#scratch = {
      rows: new Int32Array(agents.capacity),
      scores: new Float64Array(agents.capacity),
      evaluations: 0,
    };
    this.#planner = new Planner(agents, ledger.journal, this.#scratch, () => ledger.placements);
    this.masks = new Int32Array(schema.sets.length);
    this.cluster = clusterView({
      schema,
      agents,
      vocabulary,
      get placements() {
        return ledger.placements;
      },
      counters: this.counters,
    });
  }

  get policies(): SystemPolicies {
    return this.#policies;
  }

  get work(): EngineWork {
    return {
      decisions: this.#decisions,
      evaluations: this.#scratch.evaluations,
      changes: this.#ledger.journal.version + this.#layout,
    };
  }

  /** Exchanges what holds for every class. */
  usePolicies(policies: SystemPolicies): void {
    this.#policies = policies;
    this.#layout++;
  }

  /** To be called for every class that is defined or restored. */
  noteClass(taskClass: TaskClass): void {
    if (this.counters.noteRepulsions(taskClass)) this.#layout++;
  }

  /** The registered class of an id. @throws StowageError UNKNOWN_CLASS */
  classOf(classId: number): TaskClass {
    return (
      (Number.isInteger(classId) ? this.#ledger.classes[classId] : undefined) ??
      fail('UNKNOWN_CLASS', `no class has id ${show(classId)}; use an id that defineClass returned.`)
    );
  }

  /**
   * The class bound to the present layout.
   * @throws StowageError UNKNOWN_CLASS, CLASS_NOT_PLACEABLE, PLUGIN_FAILED
   */
  boundOf(classId: number): BoundClass {
    this.requireIdle();
    const bound = this.#bound[classId];
    return bound !== undefined && bound.layout === this.#layout ? bound : this.#bind(classId);
  }

  /**
   * Best row, -1 when none is feasible.
   * @throws StowageError PLUGIN_FAILED, INVALID_SCORE, INVALID_VERDICT
   */
  find(bound: BoundClass): number {
    this.#asking = true;
    try {
      this.#decisions++;
      bound.prepare();
      return this.#planner.structureFor(bound).find();
    } catch (error) {
      throw bound.attribute(error);
    } finally {
      this.#asking = false;
    }
  }

  /**
   * The given row if it is feasible, else -1.
   * @throws StowageError PLUGIN_FAILED, INVALID_VERDICT
   */
  findOn(bound: BoundClass, row: number): number {
    const { rows } = this.#scratch;
    this.#asking = true;
    try {
      bound.prepare();
      rows[0] = row;
      return bound.filter(rows, 1) === 1 ? row : -1;
    } catch (error) {
      throw bound.attribute(error);
    } finally {
      this.#asking = false;
    }
  }

  /**
   * The given rows whose attributes satisfy the class, whatever is placed there; overwrites them.
   * @throws StowageError PLUGIN_FAILED, INVALID_VERDICT
   */
  suitableRows(bound: BoundClass, rows: Int32Array): Int32Array {
    this.#asking = true;
    try {
      bound.prepare();
      return rows.subarray(0, bound.keepSuitable(rows, rows.length));
    } catch (error) {
      throw bound.attribute(error);
    } finally {
      this.#asking = false;
    }
  }

  /** Fills `masks` for a feasible row. @throws StowageError PLUGIN_FAILED, INVALID_SCORE */
  chooseSlots(bound: BoundClass, row: number): void {
    const { slotRequests } = bound.taskClass;
    if (slotRequests.length === 0) return;
    this.#asking = true;
    try {
      for (let i = 0; i < slotRequests.length; i++) {
        const slots = this.#agents.slots[slotRequests[i].set];
        this.masks[i] = slots.choose(row, slotRequests[i], bound.slotFitness, bound.slotFitnessName);
      }
    } catch (error) {
      throw bound.attribute(error, bound.slotFitnessName);
    } finally {
      this.#asking = false;
    }
  }

  /**
   * The explanation of a class is kept until something changes.
   * @param row - undefined = all agents
   */
  explain(classId: number, row: number | undefined): Explanation {
    const bound = this.boundOf(classId);
    const { nowMs, journal } = this.#ledger;
    const known = this.#explanations.get(bound);
    if (row === undefined && known?.version === journal.version && known.nowMs === nowMs)
      return known.explanation;
    this.#asking = true;
    try {
      bound.prepare();
      const explanation = explainFailure(bound, this.#agents, this.#schema, row);
      if (row === undefined) this.#explanations.set(bound, { version: journal.version, nowMs, explanation });
      return explanation;
    } catch (error) {
      throw bound.attribute(error);
    } finally {
      this.#asking = false;
    }
  }

  /** Refuses a call that a plug-in makes while it is asked. @throws StowageError REENTRANT_CALL */
  requireIdle(): void {
    if (this.#asking) {
      fail(
        'REENTRANT_CALL',
        'a plug-in called the engine that was asking it; answer from the cluster view only.',
      );
    }
  }

  explainPlan(classId: number): Plan {
    return this.#planner.explain(this.boundOf(classId));
  }

  /** Forgets what is bound for a class. */
  drop(classId: number): void {
    const bound = this.#bound[classId];
    if (bound !== undefined) this.#planner.drop(bound);
    this.#bound[classId] = undefined;
  }

  /**
   * To be called after every change of agents: when columns moved, or what plug-ins derived from the agents may
   * have changed, all classes are bound anew the next time they are asked for.
   */
  noteLayout(): void {
    const { capacity, typeVersion, attributes, cached, slots } = this.#agents;
    const strides = slots.map((set) => set.maxSlots).join();
    const signature = `${capacity} ${typeVersion} ${attributes.vocabularySize} ${cached.vocabularySize} ${strides}`;
    if (signature === this.#layoutSignature) return;
    this.#layoutSignature = signature;
    this.#layout++;
    if (this.#scratch.rows.length === capacity) return;
    this.#scratch.rows = new Int32Array(capacity);
    this.#scratch.scores = new Float64Array(capacity);
    this.#ledger.journal.grow(capacity);
    this.#planner.resize();
  }

  #bind(classId: number): BoundClass {
    const taskClass = this.classOf(classId);
    this.drop(classId);
    const { cluster } = this;
    const { constraints, softConstraints, fitness } = this.#policies;
    const builtIn = [...tolerationConstraint(this.#agents), ...this.counters.repulsionsOf(taskClass)];
    const policies = { constraints: [...builtIn, ...constraints], softConstraints, fitness };
    const context = { agents: this.#agents, cluster, schema: this.#schema, policies };
    this.#asking = true;
    try {
      return (this.#bound[classId] = new BoundClass(taskClass, this.#layout, context));
    } finally {
      this.#asking = false;
    }
  }
}
