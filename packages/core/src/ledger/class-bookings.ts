/**
 * What booking a task takes from its class, and how many tasks a class has: one record of words per class, so that it is
 * found at one place of the memory however many classes there are.
 */
import { grown } from '../support/grown.ts';
import type { TaskClass } from '../tasks/task-class.ts';

/** Words of a record; the demand of each resource that some class has asked for follows. */
export const LIVE = 0;
/** Kind in the lowest two bits, then the layout that the class was last asked for under. */
export const STATUS = 1;
export const DEMAND = 2;

/** What kinds of classes there are: plain ones ask for scalars only, bare ones have no policies of their own besides. */
export const SPECIAL = 0;
const PLAIN = 1;
const BARE = 2;
export const KIND_MASK = 3;
const LAYOUT_BIT = 2;
const NO_LAYOUT = -1;

export class ClassBookings {
  /** The scalar resources that some class has asked for, in the order of their words in a record. */
  readonly resources: number[] = [];
  /** Words of a record. */
  stride: number = DEMAND;
  /** The records, one class after the other. */
  words: Int32Array = new Int32Array(64 * DEMAND);
  /** Place of a scalar resource among `resources`, -1 for others. */
  declare private readonly placeOf: Int32Array;

  /** @param scalars - number of scalar resources */
  constructor(scalars: number) {
    this.placeOf = new Int32Array(scalars).fill(-1);
  }

  /** Makes the record of a class without tasks. O(resources), and O(classes) for a resource that none has asked for. */
  enter(taskClass: TaskClass): void {
    const { id, demand, demanded } = taskClass;
    for (const resource of demanded) if (this.placeOf[resource] < 0) this.#widen(resource);
    const at = id * this.stride;
    if (at >= this.words.length)
      this.words = grown(this.words, Math.max(2 * this.words.length, at + this.stride));
    this.words[at + LIVE] = 0;
    this.words[at + STATUS] = (NO_LAYOUT << LAYOUT_BIT) | kindOf(taskClass);
    this.resources.forEach((resource, i) => (this.words[at + DEMAND + i] = demand[resource]));
  }

  /** Placed tasks. */
  live(classId: number): number {
    return this.words[classId * this.stride + LIVE];
  }

  /**
   * Whether its tasks take free units of scalars and nothing else, and it has no policies of its own: what decides about
   * its tasks is its demand alone.
   */
  isBare(classId: number): boolean {
    return (this.words[classId * this.stride + STATUS] & KIND_MASK) === BARE;
  }

  /** Notes that a class is asked for under some layout. @returns whether it was before */
  noteAsked(classId: number, layout: number): boolean {
    const at = classId * this.stride + STATUS;
    const before = this.words[at];
    this.words[at] = (layout << LAYOUT_BIT) | (before & KIND_MASK);
    return this.words[at] === before;
  }

  /** Units of a scalar resource that a task takes. */
  demand(classId: number, resource: number): number {
    const place = this.placeOf[resource];
    return place < 0 ? 0 : this.words[classId * this.stride + DEMAND + place];
  }

  /** Gives all records a word for one more resource. */
  #widen(resource: number): void {
    const { stride, words } = this;
    const count = words.length / stride;
    const wider = new Int32Array(count * (stride + 1));
    for (let i = 0; i < count; i++) wider.set(words.subarray(i * stride, (i + 1) * stride), i * (stride + 1));
    this.words = wider;
    this.stride = stride + 1;
    this.placeOf[resource] = this.resources.length;
    this.resources.push(resource);
  }
}

function kindOf({ borrowed, slotRequests, claimsAgent, policies }: TaskClass): number {
  if (borrowed.length + slotRequests.length > 0 || claimsAgent) return SPECIAL;
  if (policies === undefined || policies.fitness !== undefined) return PLAIN;
  return policies.constraints.length + policies.softConstraints.length === 0 ? BARE : PLAIN;
}
