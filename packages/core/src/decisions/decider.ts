/**
 * Decides: finds the best agent of a task class and the slots to take there, and changes nothing. Keeps the
 * classes bound to the present layout, and the counts and structures that their plug-ins declared to need.
 */
import type { AgentTable } from '../agents/agent-table.ts';
import type { BindingContext, BoundClass } from './bound-class.ts';
import { clusterView } from '../plug-ins/cluster-columns.ts';
import type { ClusterView } from '../plug-ins/cluster-view.ts';
import { fail } from '../errors.ts';
import { explainFailure, type Explanation } from './explanation.ts';
import type { LabelVocabulary } from '../tasks/label-vocabulary.ts';
import type { Ledger } from '../ledger/ledger.ts';
import {
  type PolicyOptions,
  requirePolicies,
  type StructureChoice,
  type SystemOptions,
} from '../engine-options.ts';
import { type Plan, Planner } from './planner.ts';
import type { Plugin } from '../plug-ins/plugin.ts';
import { PolicySet, type SystemPolicies } from './policy-set.ts';
import type { ResourceSchema } from '../resources/schema.ts';
import { PlannedClass } from '../structures/planned-class.ts';
import { Scratch } from './scratch.ts';
import { STRUCTURE_NAMES, type StructureName } from '../structures/structure-name.ts';
import { show } from '../support/show.ts';
import type { ClassPolicies, TaskClass } from '../tasks/task-class.ts';
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
  /** Nodes of ordered indexes that were looked at for that. */
  readonly visits: number;
  /** Decisions by the structure that made them. */
  readonly decisionsBy: Readonly<Record<StructureName, number>>;
  /** Decisions that were known to find nothing, and so made by none. */
  readonly remembered: number;
  /** Changes of agents, tasks and policies, also such as were rolled back: while it stays the same, so do all answers but those about time. */
  readonly changes: number;
}

/** Sets that are remembered; with more, those of jobs long gone would stay for ever. */
const MOST_POLICY_SETS = 1024;

/** An explanation and the state that it is about. */
interface KnownExplanation {
  readonly version: number;
  readonly nowMs: number;
  readonly explanation: Explanation;
}

export class Decider {
  declare readonly cluster: ClusterView;
  declare readonly counters: TaskCounters;
  /** Slots to take, one mask per slot request of the class last given to `chooseSlots`. */
  declare readonly masks: Int32Array;
  readonly #schema: ResourceSchema;
  declare private readonly agents: AgentTable;
  declare private readonly ledger: Ledger;
  declare private readonly planner: Planner;
  declare private readonly scratch: Scratch;
  readonly #context: BindingContext;
  readonly #bound: (PlannedClass | undefined)[] = [];
  /** The binding that newcomers use in turn; undefined until a class has been bound that could have used it. */
  #lent: PlannedClass | undefined;
  #policies: SystemPolicies;
  /** What classes with interchangeable policies share, until the layout changes. */
  readonly #policySets = new Map<string, PolicySet>();
  readonly #explanations = new WeakMap<BoundClass, KnownExplanation>();
  #decisions = 0;
  #layout = 0;
  #layoutSignature = '';
  /** Whether a plug-in is being asked right now. */
  #asking = false;

  constructor(schema: ResourceSchema, ledger: Ledger, vocabulary: LabelVocabulary, options: SystemOptions) {
    const { agents } = ledger;
    this.#schema = schema;
    this.agents = agents;
    this.ledger = ledger;
    this.#policies = options;
    this.counters = new TaskCounters(ledger, vocabulary);
    this.scratch = new Scratch(agents.capacity);
    this.planner = new Planner(ledger, schema, this.scratch);
    this.#choose(options.structure);
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
    this.#context = {
      agents,
      cluster: this.cluster,
      counters: this.counters,
      schema,
      scratch: this.scratch,
    };
  }

  get policies(): SystemPolicies {
    return this.#policies;
  }

  get work(): EngineWork {
    return {
      decisions: this.#decisions,
      evaluations: this.scratch.evaluations,
      visits: this.scratch.visits,
      decisionsBy: decisionsByName(this.scratch.decisionsBy),
      remembered: this.scratch.remembered,
      changes: this.ledger.journal.version + this.#layout,
    };
  }

  /** Exchanges what holds for every class; what is left out stays. @throws StowageError INVALID_SPEC, INVALID_PLUGIN */
  usePolicies(options: PolicyOptions): void {
    this.requireIdle();
    const { structure, ...policies } = requirePolicies(options, this.#policies);
    if (options.structure !== undefined) this.#choose(structure);
    const { fitness, constraints, softConstraints } = options;
    if ((fitness ?? constraints ?? softConstraints) === undefined) return;
    this.#policies = policies;
    this.#noteNewLayout();
  }

  /** To be called for every class that is defined or restored. */
  noteClass(taskClass: TaskClass): void {
    if (this.counters.noteRepulsions(taskClass)) this.#noteNewLayout();
  }

  /** The registered class of an id. @throws StowageError UNKNOWN_CLASS */
  classOf(classId: number): TaskClass {
    return (
      (Number.isInteger(classId) ? this.ledger.classes[classId] : undefined) ??
      fail('UNKNOWN_CLASS', `no class has id ${show(classId)}; use an id that defineClass returned.`)
    );
  }

  /**
   * The class bound to the present layout; its plug-ins are bound when they are first asked.
   * @throws StowageError UNKNOWN_CLASS, CLASS_NOT_PLACEABLE
   */
  boundOf(classId: number): PlannedClass {
    this.requireIdle();
    const bound = this.#bound[classId];
    return bound !== undefined && bound.layout === this.#layout ? bound : this.#bind(classId);
  }

  /**
   * As `boundOf`, to find the best row once. A class that is asked for the first time, brings no plug-ins and can be
   * answered by an index at hand, is not bound but lent the binding that all of its kind use in turn: of tasks of
   * which no two are alike, nothing is kept.
   */
  boundOnceOf(classId: number): PlannedClass {
    this.requireIdle();
    const bound = this.#bound[classId];
    if (bound !== undefined && bound.layout === this.#layout) return bound;
    return this.#newcomer(classId) ?? this.#bind(classId);
  }

  /**
   * Best row, -1 when none is feasible.
   * @throws StowageError PLUGIN_FAILED, INVALID_SCORE, INVALID_VERDICT
   */
  find(bound: PlannedClass): number {
    this.#asking = true;
    this.#decisions++;
    this.scratch.decision++;
    let row: number;
    try {
      row = this.planner.find(bound);
    } catch (error) {
      this.#asking = false;
      throw bound.attribute(error);
    }
    this.#asking = false;
    return row;
  }

  /**
   * The given row if it is feasible, else -1.
   * @throws StowageError PLUGIN_FAILED, INVALID_VERDICT
   */
  findOn(bound: BoundClass, row: number): number {
    const { rows } = this.scratch;
    this.#asking = true;
    try {
      this.scratch.decision++;
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
    return this.#ask(bound, () => rows.subarray(0, bound.keepSuitable(rows, rows.length)));
  }

  /** Fills `masks` for a feasible row. @throws StowageError PLUGIN_FAILED, INVALID_SCORE */
  chooseSlots(bound: BoundClass, row: number): void {
    const { slotRequests } = bound.taskClass;
    if (slotRequests.length === 0) return;
    this.#asking = true;
    try {
      for (let i = 0; i < slotRequests.length; i++) {
        const slots = this.agents.slots[slotRequests[i].set];
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
    const { nowMs, journal } = this.ledger;
    const known = this.#explanations.get(bound);
    if (row === undefined && known?.version === journal.version && known.nowMs === nowMs)
      return known.explanation;
    const explanation = this.#ask(bound, () => explainFailure(bound, this.agents, this.#schema, row));
    if (row === undefined) this.#explanations.set(bound, { version: journal.version, nowMs, explanation });
    return explanation;
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

  /** @throws StowageError as `boundOf`, PLUGIN_FAILED, INVALID_PLUGIN */
  explainPlan(classId: number): Plan {
    const bound = this.boundOf(classId);
    return this.#ask(bound, () => this.planner.explain(bound));
  }

  /** What plug-ins of a class answer to a question. */
  #ask<T>(bound: BoundClass, question: () => T): T {
    this.#asking = true;
    this.scratch.decision++;
    try {
      return question();
    } catch (error) {
      throw bound.attribute(error);
    } finally {
      this.#asking = false;
    }
  }

  /** Forgets what is bound for a class. */
  drop(classId: number): void {
    const bound = this.#bound[classId];
    if (bound === undefined) return;
    this.planner.drop(bound);
    this.#bound[classId] = undefined;
  }

  /**
   * To be called after every change of agents: when columns moved, or what plug-ins derived from the agents may
   * have changed, all classes are bound anew the next time they are asked for.
   */
  noteLayout(): void {
    const { capacity, typeVersion, attributes, cached, slots } = this.agents;
    const strides = slots.map((set) => set.maxSlots).join();
    const signature = `${capacity} ${typeVersion} ${attributes.vocabularySize} ${cached.vocabularySize} ${strides}`;
    if (signature === this.#layoutSignature) return;
    this.#layoutSignature = signature;
    this.#noteNewLayout();
    if (this.scratch.rows.length === capacity) return;
    this.scratch.resize(capacity);
    this.ledger.journal.useRing(this.agents.columns.ring, capacity);
    this.planner.resize();
  }

  /** Broken invariants of what is kept between decisions, in words. */
  verify(): string[] {
    this.scratch.decision++;
    const current = this.#bound.flatMap((bound) => (bound?.layout === this.#layout ? [bound] : []));
    return this.planner.verify(current);
  }

  #choose(structure: StructureChoice): void {
    this.planner.preferred = structure === 'cheapest' ? undefined : structure;
  }

  /** The binding lent to a class, if it may have it. */
  #newcomer(classId: number): PlannedClass | undefined {
    const { bookings, classes } = this.ledger;
    const lent = this.#lent;
    if (lent === undefined || classes[classId] === undefined || !bookings.isBare(classId)) return undefined;
    if (lent.layout !== this.#layout || this.counters.hasRepulsions) return undefined;
    if (bookings.noteAsked(classId, this.#layout) || !this.planner.canAnswer(lent, classId)) return undefined;
    lent.become(classes[classId], classId);
    return lent;
  }

  /** @throws StowageError CLASS_NOT_PLACEABLE */
  #bind(classId: number): PlannedClass {
    const taskClass = this.classOf(classId);
    this.drop(classId);
    const policies = this.#policiesOf(taskClass);
    const bound = new PlannedClass(taskClass, this.#layout, policies, this.#context);
    const isLendable = policies.asksOnlyForLoad && this.ledger.bookings.isBare(classId);
    if (isLendable && this.#lent?.layout !== this.#layout)
      this.#lent = new PlannedClass(taskClass, this.#layout, policies, this.#context);
    // An array with gaps would become a hash table.
    while (this.#bound.length < classId) this.#bound.push(undefined);
    return (this.#bound[classId] = bound);
  }

  #policiesOf(taskClass: TaskClass): PolicySet {
    const own =
      taskClass.policies ??
      fail(
        'CLASS_NOT_PLACEABLE',
        `class ${taskClass.id} came from a snapshot; define the class again with its plug-ins to place more of its tasks.`,
      );
    const repulsions = this.counters.repulsionsOf(taskClass);
    const key = keyOf(repulsions, own);
    const known = key === undefined ? undefined : this.#policySets.get(key);
    if (known !== undefined) return known;
    const { constraints, softConstraints, fitness } = this.#policies;
    const builtIn = [...tolerationConstraint(this.agents), ...repulsions];
    const policies = new PolicySet({
      constraints: [...builtIn, ...constraints, ...own.constraints],
      softConstraints: [...softConstraints, ...own.softConstraints],
      fitness: own.fitness ?? fitness,
    });
    if (key === undefined) return policies;
    if (this.#policySets.size === MOST_POLICY_SETS) this.#policySets.clear();
    this.#policySets.set(key, policies);
    return policies;
  }

  /** Lets all classes be bound anew when they are asked for next. */
  #noteNewLayout(): void {
    this.#layout++;
    this.#policySets.clear();
  }
}

function decisionsByName(counts: Float64Array): Record<StructureName, number> {
  const entries = STRUCTURE_NAMES.map((name, code) => [name, counts[code]]);
  return Object.fromEntries(entries) as Record<StructureName, number>;
}

/** What tells the policies of a class from those of others; undefined if a plug-in has no key. */
function keyOf(
  repulsions: readonly Plugin[],
  { constraints, softConstraints, fitness }: ClassPolicies,
): string | undefined {
  const own = repulsions.length + constraints.length + softConstraints.length;
  if (own === 0 && fitness === undefined) return '';
  const lists = [repulsions, constraints, softConstraints, fitness ?? []];
  const keys = lists.map((plugins) => plugins.map(({ key }) => key));
  return keys.flat().includes(undefined) ? undefined : JSON.stringify([fitness === undefined, ...keys]);
}
