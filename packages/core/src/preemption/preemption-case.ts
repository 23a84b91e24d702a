/**
 * What is known at first sight of the victims that an agent would need: from which priority on they could do at all,
 * and lower bounds on their number and on the sum of their priorities. Cheap, since most agents are never looked at
 * more closely.
 */
import { evictionOrder } from '../tasks/evictions.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Need } from './preemption-needs.ts';
import { holdingOf, slotShortages } from './preemption-slots.ts';
import type { ResourceSchema } from '../resources/schema.ts';
import type { TaskClass } from '../tasks/task-class.ts';

/** What all agents have in common in one search. */
export interface PreemptionContext {
  readonly ledger: Ledger;
  readonly schema: ResourceSchema;
  readonly newcomer: TaskClass;
  readonly needs: readonly Need[];
  /** Whether a set of victims that suffices still does when more tasks leave. */
  readonly isMonotone: boolean;
}

export class PreemptionCase {
  readonly row: number;
  /** Tasks that may be victims, in the order of eviction. */
  readonly indices: readonly number[];
  readonly priorities: Float64Array;
  /**
   * When the tasks up to this priority leave, the engine's own rules hold, and not when only those below it do.
   * Infinity when they do not hold either way.
   */
  readonly lowestLevel: number;
  readonly #context: PreemptionContext;
  /** By need. */
  readonly #missing: Float64Array;

  constructor(context: PreemptionContext, row: number, candidates: readonly number[]) {
    const { ledger, needs } = context;
    this.row = row;
    this.indices = [...candidates].sort((a, b) => evictionOrder(ledger, a, b));
    this.priorities = Float64Array.from(
      this.indices,
      (index) => ledger.classes[ledger.tasks.classOf(index)]!.priority,
    );
    this.#context = context;
    this.#missing = Float64Array.from(needs, (need) => need.missingOn(row));
    this.lowestLevel = this.priorities[Math.max(this.#lastForAmounts(), this.#lastForSlots())] ?? Infinity;
  }

  /** How many of the tasks have at most a priority. */
  countUpTo(level: number): number {
    let count = 0;
    while (count < this.priorities.length && this.priorities[count] <= level) count++;
    return count;
  }

  /** A lower bound on the number of victims of at most a priority. */
  leastVictims(level: number): number {
    const { needs } = this.#context;
    const gains = new Float64Array(this.countUpTo(level));
    let least = 1;
    for (let n = 0; n < needs.length; n++) {
      if (this.#missing[n] <= 0) continue;
      for (let i = 0; i < gains.length; i++) gains[i] = needs[n].gainOf(this.indices[i]);
      least = Math.max(least, leastToReach(this.#missing[n], gains));
    }
    return least;
  }

  /** A lower bound on the sum of the priorities of so many victims. */
  leastSum(count: number): number {
    let sum = 0;
    for (let i = 0; i < count; i++) sum += this.priorities[i];
    return sum;
  }

  /** Position of the first task with which, and all before it, nothing is missing of the needs. */
  #lastForAmounts(): number {
    const { needs } = this.#context;
    let last = 0;
    for (let n = 0; n < needs.length; n++) {
      let missing = this.#missing[n];
      for (let i = 0; missing > 0; i++) {
        if (i === this.indices.length) return Infinity;
        missing -= needs[n].gainOf(this.indices[i]);
        if (i > last) last = i;
      }
    }
    return last;
  }

  #lastForSlots(): number {
    const { ledger, schema, newcomer } = this.#context;
    let last = 0;
    for (const { set, shortage } of slotShortages(ledger, schema, this.row, newcomer.slotRequests)) {
      for (let i = 0; shortage.wanted > 0; i++) {
        if (i === this.indices.length) return Infinity;
        shortage.remove(holdingOf(ledger, this.indices[i], set), 1);
        if (i > last) last = i;
      }
    }
    return last;
  }
}

/** The fewest gains that could sum up to an amount, Infinity when all together do not. Sorts the gains. */
export function leastToReach(missing: number, gains: Float64Array): number {
  let greatest = 0;
  for (let i = 0; i < gains.length; i++) if (gains[i] > greatest) greatest = gains[i];
  if (greatest >= missing) return 1;
  gains.sort();
  let left = missing;
  for (let i = gains.length - 1; i >= 0; i--) {
    left -= gains[i];
    if (left <= 0) return gains.length - i;
  }
  return Infinity;
}
