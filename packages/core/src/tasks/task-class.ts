/**
 * Tasks with the same demand, labels and policies form one class (Borg's equivalence class), so that all work
 * that does not depend on the individual task is done once per class.
 */
import type { LabelVocabulary } from './label-vocabulary.ts';
import type { FitnessCalculator, HardConstraint, SoftConstraint } from '../plug-ins/plugin.ts';
import type { Repulsion } from '../plug-ins/repulsion.ts';
import type { ResourceSchema } from '../resources/schema.ts';
import type { SlotRequest } from '../slots/slot-table.ts';
import { type Toleration, tolerates } from '../agents/taints.ts';
import type { TaskClassView } from '../plug-ins/task-class-view.ts';

/** The policies of a class, as given. */
export interface ClassPolicies {
  readonly constraints: readonly HardConstraint[];
  readonly softConstraints: readonly SoftConstraint[];
  /** Undefined = the engine's. */
  readonly fitness: readonly FitnessCalculator[] | undefined;
}

/** What a class asks for and how it stands to other tasks, in units and ids. */
export interface ClassTraits {
  readonly demand: Int32Array;
  /** Units by scalar resource that may come from what others hold and do not use. */
  readonly opportunistic: Int32Array;
  readonly slotRequests: readonly SlotRequest[];
  readonly labels: Readonly<Record<string, string>>;
  readonly priority: number;
  readonly tolerations: readonly Toleration[];
  readonly claimsAgent: boolean;
  /** Tasks that must stay away from where tasks of this class are. */
  readonly repulsions: readonly Repulsion[];
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
  readonly opportunistic: Int32Array;
  /** Scalar resources with an opportunistic demand above 0. */
  readonly borrowed: Int32Array;
  readonly slotRequests: readonly SlotRequest[];
  /** The first request for slots under a label, if there is one. */
  readonly labelledRequest: SlotRequest | undefined;
  readonly priority: number;
  readonly tolerations: readonly Toleration[];
  readonly claimsAgent: boolean;
  readonly repulsions: readonly Repulsion[];
  /** Undefined for a class restored from a snapshot. */
  readonly policies: ClassPolicies | undefined;
  readonly #labelIds: Int32Array;
  #needs: Int32Array | undefined;
  readonly #vocabulary: LabelVocabulary;
  /** Whether it holds, by number of a condition on classes; undefined = not asked yet. */
  readonly #memberships: (boolean | undefined)[] = [];

  constructor(
    id: number,
    traits: ClassTraits,
    policies: ClassPolicies | undefined,
    vocabulary: LabelVocabulary,
  ) {
    this.id = id;
    this.demand = traits.demand;
    this.demanded = positive(traits.demand);
    this.opportunistic = traits.opportunistic;
    this.borrowed = positive(traits.opportunistic);
    this.slotRequests = traits.slotRequests;
    this.labelledRequest = traits.slotRequests.find(({ label }) => label !== 0);
    this.priority = traits.priority;
    this.tolerations = traits.tolerations;
    this.claimsAgent = traits.claimsAgent;
    this.repulsions = traits.repulsions;
    this.policies = policies;
    this.#vocabulary = vocabulary;
    const labels = Object.entries(traits.labels).map(([key, value]) => {
      const number = vocabulary.key(key);
      return [number, vocabulary.valueId(number, value)] as const;
    });
    this.#labelIds = labels.length === 0 ? NOTHING : idsByKey(labels);
  }

  /** Units of each of the scalars demanded. */
  get needs(): Int32Array {
    return (this.#needs ??= picked(this.demand, this.demanded));
  }

  /** Value id of a label key number, 0 if the class lacks it. */
  labelId(key: number): number {
    return key < this.#labelIds.length ? this.#labelIds[key] : 0;
  }

  /** Whether a condition holds for this class; it is asked once. */
  isMember(condition: number, holds: (taskClass: TaskClass) => boolean): boolean {
    return (this.#memberships[condition] ??= holds(this));
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
      tolerates: (taint) => tolerates(this.tolerations, taint),
    };
  }
}

function idsByKey(labels: readonly (readonly [key: number, value: number])[]): Int32Array {
  const ids = new Int32Array(1 + labels.reduce((most, [key]) => Math.max(most, key), 0));
  for (const [key, value] of labels) ids[key] = value;
  return ids;
}

function picked(units: Int32Array, resources: Int32Array): Int32Array {
  return resources.map((resource) => units[resource]);
}

const NOTHING = new Int32Array(0);
/** Lists of resources that classes ask for: few, of many classes. */
const RESOURCES = new Map<string, Int32Array>();

/** Indices of the elements above 0. Equal lists are one, so that those of all classes are at one place of the memory. */
function positive(units: Int32Array): Int32Array {
  const indices: number[] = [];
  for (let index = 0; index < units.length; index++) if (units[index] > 0) indices.push(index);
  const key = indices.join();
  const known = RESOURCES.get(key);
  if (known !== undefined) return known;
  const list = Int32Array.from(indices);
  RESOURCES.set(key, list);
  return list;
}
