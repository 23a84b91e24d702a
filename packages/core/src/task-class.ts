/**
 * Tasks with the same demand, labels and policies form one class (Borg's equivalence class), so that all work
 * that does not depend on the individual task is done once per class.
 */
import type { LabelVocabulary } from './label-vocabulary.ts';
import type { FitnessCalculator, HardConstraint, SoftConstraint } from './plugin.ts';
import type { ResourceSchema } from './schema.ts';
import type { SlotRequest } from './slot-table.ts';
import type { TaskClassView } from './task-class-view.ts';

/** The policies of a class, as given. */
interface ClassPolicies {
  readonly constraints: readonly HardConstraint[];
  readonly softConstraints: readonly SoftConstraint[];
  /** Undefined = the engine's. */
  readonly fitness: readonly FitnessCalculator[] | undefined;
}

/**
 * Exclusive upper bound of class ids: a million, and four for each task index ever used, which is twice what
 * `ClassRegistry` needs. Without a bound a damaged snapshot could ask for any amount of memory.
 */
export function classLimit(taskHighWater: number): number {
  return 2 ** 20 + 4 * taskHighWater;
}

export class TaskClass {
  readonly id: number;
  /** Units by scalar resource. */
  readonly demand: Int32Array;
  /** Scalar resources with a demand above 0. */
  readonly demanded: Int32Array;
  readonly slotRequests: readonly SlotRequest[];
  readonly claimsAgent: boolean;
  /** Undefined for a class restored from a snapshot. */
  readonly policies: ClassPolicies | undefined;
  liveTasks = 0;
  readonly #labelIds: Int32Array;
  readonly #vocabulary: LabelVocabulary;

  constructor(
    id: number,
    numbers: {
      demand: Int32Array;
      slotRequests: readonly SlotRequest[];
      labels: Readonly<Record<string, string>>;
    },
    claimsAgent: boolean,
    policies: ClassPolicies | undefined,
    vocabulary: LabelVocabulary,
  ) {
    this.id = id;
    this.demand = numbers.demand;
    this.demanded = Int32Array.from(numbers.demand.keys()).filter((r) => numbers.demand[r] > 0);
    this.slotRequests = numbers.slotRequests;
    this.claimsAgent = claimsAgent;
    this.policies = policies;
    this.#vocabulary = vocabulary;
    const labels = Object.entries(numbers.labels).map(([key, value]) => {
      const number = vocabulary.key(key);
      return [number, vocabulary.valueId(number, value)] as const;
    });
    this.#labelIds = new Int32Array(1 + labels.reduce((most, [key]) => Math.max(most, key), 0));
    for (const [key, value] of labels) this.#labelIds[key] = value;
  }

  /** Value id of a label key number, 0 if the class lacks it. */
  labelId(key: number): number {
    return key < this.#labelIds.length ? this.#labelIds[key] : 0;
  }

  /** Labels as text, keys in alphabetical order. */
  labels(): Record<string, string> {
    const entries: [string, string][] = [];
    this.#labelIds.forEach((value, key) => {
      if (value !== 0) entries.push([this.#vocabulary.keyName(key), this.#vocabulary.valueOf(key, value)!]);
    });
    return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  view(schema: ResourceSchema): TaskClassView {
    return {
      demand: (resource) => this.demand[schema.scalar(resource).index],
      slotDemand: (set) => this.slotRequests.find((request) => request.set === schema.set(set).index),
      label: (key) => {
        const number = this.#vocabulary.key(key);
        return this.#vocabulary.valueOf(number, this.labelId(number));
      },
      labelId: (key) => this.labelId(this.#vocabulary.key(key)),
    };
  }
}
