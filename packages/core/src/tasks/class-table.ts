/**
 * The task classes of an engine by id. Ids of dropped classes are given out again, the last dropped first.
 */
import { defineClass } from './class-definition.ts';
import type { Decider } from '../decisions/decider.ts';
import { fail } from '../errors.ts';
import type { LabelVocabulary } from './label-vocabulary.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { ResourceSchema } from '../resources/schema.ts';
import type { TaskRequirements } from '../resources/specs.ts';
import { classLimit } from './task-class.ts';

export class ClassTable {
  readonly #schema: ResourceSchema;
  readonly #ledger: Ledger;
  readonly #vocabulary: LabelVocabulary;
  readonly #decider: Decider;
  readonly #droppedIds: number[] = [];

  constructor(schema: ResourceSchema, ledger: Ledger, vocabulary: LabelVocabulary, decider: Decider) {
    this.#schema = schema;
    this.#ledger = ledger;
    this.#vocabulary = vocabulary;
    this.#decider = decider;
  }

  define(requirements: TaskRequirements): number {
    const { classes, tasks, agents } = this.#ledger;
    const id = this.#droppedIds.at(-1) ?? classes.length;
    if (id >= classLimit(tasks.highWater)) {
      fail('QUANTITY_OVERFLOW', `${id} classes are defined; drop those that are not needed any more.`);
    }
    const taskClass = defineClass(id, requirements, this.#schema, agents.slots, this.#vocabulary);
    this.#ledger.enterClass(taskClass);
    this.#droppedIds.pop();
    this.#decider.noteClass(taskClass);
    return id;
  }

  drop(classId: number): void {
    this.#decider.requireIdle();
    this.#ledger.requireNoTransaction('dropClass');
    const taskClass = this.#decider.classOf(classId);
    const live = this.#ledger.bookings.live(classId);
    if (live > 0) fail('CLASS_IN_USE', `class ${classId} has ${live} placed tasks; release them first.`);
    this.#decider.drop(classId);
    this.#decider.counters.dropRepulsions(taskClass);
    this.#ledger.removeClass(classId);
    this.#droppedIds.push(classId);
  }

  /** To be called when the classes of a snapshot were put into the ledger. */
  noteLoaded(): void {
    this.#ledger.classes.forEach((taskClass, id) => {
      if (taskClass === undefined) this.#droppedIds.push(id);
      else this.#decider.noteClass(taskClass);
    });
  }
}
