/**
 * Decides: finds the best agent of a task class and the slots to take there, and changes nothing. Keeps the
 * classes bound to the present layout, and the counts and structures that their plug-ins declared to need.
 */
import type { AgentTable } from './agent-table.ts';
import { BoundClass, type Scratch } from './bound-class.ts';
import { clusterView } from './cluster-columns.ts';
import type { ClusterView } from './cluster-view.ts';
import { fail } from './errors.ts';
import { explainFailure, type Explanation } from './explanation.ts';
import type { LabelVocabulary } from './label-vocabulary.ts';
import type { Ledger } from './ledger.ts';
import { type Plan, Planner } from './planner.ts';
import type { FitnessCalculator } from './plugin.ts';
import type { ResourceSchema } from './schema.ts';
import { show } from './show.ts';
import type { TaskClass } from './task-class.ts';
import { TaskCounter } from './task-counter.ts';
import type { TaskCounts } from './task-counts.ts';

export class Decider {
  readonly cluster: ClusterView;
  /** Maintained counts by what they count. */
  readonly counters: Map<string, TaskCounter> = new Map();
  /** Slots to take, one mask per slot request of the class last given to `chooseSlots`. */
  readonly masks: Int32Array;
  readonly #schema: ResourceSchema;
  readonly #agents: AgentTable;
  readonly #ledger: Ledger;
  readonly #planner: Planner;
  readonly #scratch: Scratch;
  readonly #bound: (BoundClass | undefined)[] = [];
  #fitness: readonly FitnessCalculator[];
  #layout = 0;
  #layoutSignature = '';
  /** Whether a plug-in is being asked right now. */
  #asking = false;

  constructor(
    schema: ResourceSchema,
    ledger: Ledger,
    vocabulary: LabelVocabulary,
    fitness: readonly FitnessCalculator[],
  ) {
    const { agents } = ledger;
    this.#schema = schema;
    this.#agents = agents;
    this.#ledger = ledger;
    this.#fitness = fitness;
    this.#scratch = { rows: new Int32Array(agents.capacity), scores: new Float64Array(agents.capacity) };
    this.#planner = new Planner(agents, ledger.journal, this.#scratch);
    this.masks = new Int32Array(schema.sets.length);
    this.cluster = clusterView({
      schema,
      agents,
      vocabulary,
      get placements() {
        return ledger.placements;
      },
      counter: (label, attribute) => this.#counter(label, attribute),
    });
  }

  /** Exchanges the default fitness levels. */
  useFitness(fitness: readonly FitnessCalculator[]): void {
    this.#fitness = fitness;
    this.#layout++;
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
      bound.prepare();
      return this.#planner.structureFor(bound).find();
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

  explain(classId: number): Explanation {
    const bound = this.boundOf(classId);
    this.#asking = true;
    try {
      bound.prepare();
      return explainFailure(bound, this.#agents, this.#schema);
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

  /** Forgets what is kept for a class. */
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
    const { capacity, typeVersion, attributes, slots } = this.#agents;
    const strides = slots.map((set) => set.maxSlots).join();
    const signature = `${capacity} ${typeVersion} ${attributes.vocabularySize} ${strides}`;
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
    const context = { agents: this.#agents, cluster, schema: this.#schema, fitness: this.#fitness };
    this.#asking = true;
    try {
      return (this.#bound[classId] = new BoundClass(taskClass, this.#layout, context));
    } finally {
      this.#asking = false;
    }
  }

  #counter(label: number, attribute: string | undefined): TaskCounts {
    const key = attribute === undefined ? `${label}` : `${label} ${attribute}`;
    let counter = this.counters.get(key);
    if (counter === undefined) {
      const column = attribute === undefined ? undefined : this.#agents.attributes.column(attribute);
      counter = new TaskCounter(label, column);
      this.#ledger.recount(counter);
      this.counters.set(key, counter);
      this.#ledger.counters.push(counter);
    }
    return counter;
  }
}
