/**
 * The counts over placed tasks that plug-ins and the engine have asked for, each made once from the task table and
 * then kept by the ledger.
 */
import { BitPool } from './bit-pool.ts';
import { ClassCounter } from './class-counter.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { KindCounts } from './kind-counts.ts';
import type { MaintainedCount } from './maintained-count.ts';
import { RowCounts } from './row-counts.ts';
import { type Repulsion, repulsionConstraint } from '../plug-ins/repulsion.ts';
import type { ExclusionSpec, HardConstraint } from '../plug-ins/plugin.ts';
import type { LabelVocabulary } from '../tasks/label-vocabulary.ts';
import type { TaskClass } from '../tasks/task-class.ts';
import { TaskCounter } from './task-counter.ts';
import type { TaskRows } from './task-rows.ts';
import { compileSelector, type TaskSelector } from '../tasks/task-selector.ts';
import { ValueCounts } from './value-counts.ts';

/** A repulsion that some class declares. */
interface KnownRepulsion {
  readonly repulsion: Repulsion;
  readonly constraint: HardConstraint;
  readonly counter: ClassCounter<KindCounts>;
  readonly counterKey: string;
  /** Times that classes declare it. */
  classes: number;
}

const NONE: readonly HardConstraint[] = [];

export class TaskCounters {
  /** By what they count. */
  readonly all: Map<string, MaintainedCount> = new Map();
  readonly #ledger: Ledger;
  readonly #vocabulary: LabelVocabulary;
  readonly #bits: BitPool;
  readonly #repulsions = new Map<string, KnownRepulsion>();
  readonly #conditions = new Map<string, number>();

  constructor(ledger: Ledger, vocabulary: LabelVocabulary) {
    this.#ledger = ledger;
    this.#vocabulary = vocabulary;
    this.#bits = new BitPool(ledger.agents);
  }

  /** Tasks by value of a label, given by its number. */
  byLabel(label: number): TaskCounter<RowCounts>;
  byLabel(label: number, attribute: string | undefined): TaskCounter<KindCounts>;
  byLabel(label: number, attribute?: string): TaskCounter<KindCounts> {
    return this.#maintained(
      keyOf('label', String(label), attribute),
      () => new TaskCounter(label, this.#column(attribute), this.#noCounts(attribute)),
    );
  }

  /** Tasks that a selector selects. @throws StowageError INVALID_SPEC */
  bySelector(selector: TaskSelector): ClassCounter<RowCounts>;
  bySelector(selector: TaskSelector, attribute: string | undefined): ClassCounter<KindCounts>;
  bySelector(selector: TaskSelector, attribute?: string): ClassCounter<KindCounts> {
    const compiled = compileSelector(selector);
    return this.#byCondition(keyOf('selector', compiled.key), attribute, (taskClass) =>
      compiled.matches(taskClass.labels()),
    );
  }

  /** Where the tasks are that constraints of a class exclude. @throws StowageError INVALID_SPEC */
  excludedBy(exclusions: readonly ExclusionSpec[], taskClass: TaskClass): readonly TaskRows[] {
    return exclusions.flatMap((spec) =>
      spec.selector === undefined
        ? this.#rowsOfSame(this.#vocabulary.key(spec.sameLabel), taskClass)
        : this.bySelector(spec.selector).counts.rowsOf(0),
    );
  }

  /** Makes what a class repels known. @returns whether something was new, so that all classes must look again */
  noteRepulsions({ repulsions }: TaskClass): boolean {
    const before = this.#repulsions.size;
    for (const repulsion of repulsions) {
      const known = this.#repulsions.get(repulsion.key) ?? this.#learn(repulsion);
      known.classes++;
    }
    return this.#repulsions.size > before;
  }

  /** Forgets what only this class repels; it has no placed tasks any more. O(counters) for each. */
  dropRepulsions({ repulsions }: TaskClass): void {
    for (const { key } of repulsions) {
      const known = this.#repulsions.get(key)!;
      if (--known.classes > 0) continue;
      this.#repulsions.delete(key);
      this.all.delete(known.counterKey);
      this.#ledger.counters.splice(this.#ledger.counters.indexOf(known.counter), 1);
    }
  }

  /** Whether any class keeps others away. */
  get hasRepulsions(): boolean {
    return this.#repulsions.size > 0;
  }

  /** Constraints that keep a class away from the tasks that repel it. */
  repulsionsOf(taskClass: TaskClass): readonly HardConstraint[] {
    if (!this.hasRepulsions) return NONE;
    const labels = taskClass.labels();
    return [...this.#repulsions.values()]
      .filter(({ repulsion }) => repulsion.selector.matches(labels))
      .map(({ constraint }) => constraint);
  }

  #learn(repulsion: Repulsion): KnownRepulsion {
    const { key, spec } = repulsion;
    const condition = keyOf('repels', key);
    const counter = this.#byCondition(condition, spec.attribute, (taskClass) =>
      taskClass.repulsions.some((other) => other.key === key),
    );
    const constraint = repulsionConstraint(repulsion, (at) => counter.get(at));
    const counterKey = keyOf(condition, '', spec.attribute);
    const known = { repulsion, constraint, counter, counterKey, classes: 0 };
    this.#repulsions.set(key, known);
    return known;
  }

  #byCondition(
    condition: string,
    attribute: string | undefined,
    holds: (taskClass: TaskClass) => boolean,
  ): ClassCounter<KindCounts> {
    let number = this.#conditions.get(condition);
    if (number === undefined) this.#conditions.set(condition, (number = this.#conditions.size));
    return this.#maintained(
      keyOf(condition, '', attribute),
      () => new ClassCounter(number, holds, this.#column(attribute), this.#noCounts(attribute)),
    );
  }

  #maintained<C extends MaintainedCount>(key: string, make: () => C): C {
    const known = this.all.get(key);
    if (known !== undefined) return known as C;
    const counter = make();
    this.#ledger.recount(counter);
    this.all.set(key, counter);
    this.#ledger.counters.push(counter);
    return counter;
  }

  #rowsOfSame(label: number, taskClass: TaskClass): readonly TaskRows[] {
    const labelId = taskClass.labelId(label);
    return labelId === 0 ? [] : [this.byLabel(label).counts.rowsOf(labelId)];
  }

  #noCounts(attribute: string | undefined): KindCounts {
    return attribute === undefined ? new RowCounts(this.#bits) : new ValueCounts();
  }

  #column(attribute: string | undefined) {
    return attribute === undefined ? undefined : this.#ledger.agents.attributes.column(attribute);
  }
}

function keyOf(...parts: readonly (string | undefined)[]): string {
  return JSON.stringify(parts);
}
