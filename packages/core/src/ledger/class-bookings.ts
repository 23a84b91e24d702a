/**
 * What booking a task takes from its class, and how many tasks a class has: one record of words per class, so that it is
 * found at one place of the memory however many classes there are.
 */
import { grown } from '../support/grown.ts';
import type { TaskClass } from '../tasks/task-class.ts';

/** Words of a record; the demand of each scalar resource follows. */
const LIVE = 0;
const PLAIN = 1;
const DEMAND = 2;

export class ClassBookings {
  readonly #stride: number;
  #words: Int32Array;

  /** @param scalars - number of scalar resources */
  constructor(scalars: number) {
    this.#stride = DEMAND + scalars;
    this.#words = new Int32Array(64 * this.#stride);
  }

  /** Makes the record of a class without tasks. */
  enter({ id, demand, borrowed, slotRequests, claimsAgent }: TaskClass): void {
    const at = id * this.#stride;
    if (at >= this.#words.length)
      this.#words = grown(this.#words, Math.max(2 * this.#words.length, at + this.#stride));
    this.#words[at + LIVE] = 0;
    this.#words[at + PLAIN] = borrowed.length + slotRequests.length === 0 && !claimsAgent ? 1 : 0;
    this.#words.set(demand, at + DEMAND);
  }

  /** Placed tasks. */
  live(classId: number): number {
    return this.#words[classId * this.#stride + LIVE];
  }

  /** Whether its tasks take free units of scalars and nothing else. */
  isPlain(classId: number): boolean {
    return this.#words[classId * this.#stride + PLAIN] === 1;
  }

  /** Units of a scalar resource that a task takes. */
  demand(classId: number, resource: number): number {
    return this.#words[classId * this.#stride + DEMAND + resource];
  }

  /** Takes the free units of one more task. */
  take(classId: number, free: readonly Int32Array[], row: number): void {
    const at = classId * this.#stride;
    this.#words[at + LIVE]++;
    for (let r = 0; r < free.length; r++) {
      const units = this.#words[at + DEMAND + r];
      if (units !== 0) free[r][row] -= units;
    }
  }

  /** Gives back what `take` took. */
  give(classId: number, free: readonly Int32Array[], row: number): void {
    const at = classId * this.#stride;
    this.#words[at + LIVE]--;
    for (let r = 0; r < free.length; r++) {
      const units = this.#words[at + DEMAND + r];
      if (units !== 0) free[r][row] += units;
    }
  }
}
