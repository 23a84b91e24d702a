/**
 * What booking a task takes from its class, and how many tasks a class has: one record of words per class, so that it is
 * found at one place of the memory however many classes there are.
 */
import { grown } from '../support/grown.ts';
import type { TaskClass } from '../tasks/task-class.ts';

/** Words of a record; the demand of each scalar resource follows. */
export const LIVE = 0;
export const KIND = 1;
const ASKED_IN = 2;
export const DEMAND = 3;

/** What kinds of classes there are: plain ones ask for scalars only, bare ones have no policies of their own besides. */
export const SPECIAL = 0;
const PLAIN = 1;
const BARE = 2;

export class ClassBookings {
  /** Words of a record. */
  readonly stride: number;
  /** The records, one class after the other. */
  words: Int32Array;

  /** @param scalars - number of scalar resources */
  constructor(scalars: number) {
    this.stride = DEMAND + scalars;
    this.words = new Int32Array(64 * this.stride);
  }

  /** Makes the record of a class without tasks. */
  enter(taskClass: TaskClass): void {
    const at = taskClass.id * this.stride;
    if (at >= this.words.length)
      this.words = grown(this.words, Math.max(2 * this.words.length, at + this.stride));
    this.words[at + LIVE] = 0;
    this.words[at + KIND] = kindOf(taskClass);
    this.words[at + ASKED_IN] = -1;
    this.words.set(taskClass.demand, at + DEMAND);
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
    return this.words[classId * this.stride + KIND] === BARE;
  }

  /** Notes that a class is asked for under some layout. @returns whether it was before */
  noteAsked(classId: number, layout: number): boolean {
    const at = classId * this.stride + ASKED_IN;
    const isKnown = this.words[at] === layout;
    this.words[at] = layout;
    return isKnown;
  }

  /** Units of a scalar resource that a task takes. */
  demand(classId: number, resource: number): number {
    return this.words[classId * this.stride + DEMAND + resource];
  }
}

function kindOf({ borrowed, slotRequests, claimsAgent, policies }: TaskClass): number {
  if (borrowed.length + slotRequests.length > 0 || claimsAgent) return SPECIAL;
  if (policies === undefined || policies.fitness !== undefined) return PLAIN;
  return policies.constraints.length + policies.softConstraints.length === 0 ? BARE : PLAIN;
}
