/**
 * What tasks asked for so far, in the order in which they arrived: all that a policy may know of the tasks to come.
 * Policies cannot watch arrivals themselves, as one task may be asked about many times; so whoever submits tasks notes
 * each of them here, once, before it is placed.
 */
import { MAX_UNITS, show, StowageError } from '@stowage/core';
import { requireTexts } from '../parameters.ts';

/** Amounts of a single resource are counted up to here; policies do not look at greater ones one by one. */
export const MAX_LEVELS = 256;

/** Shapes that are kept one by one. */
const RECENT = 64;

/** Between two moments at which policies learn, arrivals come to this share of all, but no more than `MOST_UNLEARNT`. */
const LEARNING_SHARE = 1 / 8;
const MOST_UNLEARNT = 32;

/**
 * Demands in units of the engine's schema.
 * @public
 */
export class ArrivalHistory {
  /** Names of the scalar resources that are noted, in this order. */
  readonly resources: readonly string[];
  readonly #recent: Int32Array[] = [];
  readonly #amounts = new Map<number, number>();
  #count = 0;

  /** @throws StowageError INVALID_PLUGIN without resources or with one named twice */
  constructor(resources: readonly string[]) {
    const given: unknown = resources;
    if (!Array.isArray(given) || resources.length === 0 || new Set(resources).size !== resources.length)
      throw new StowageError('INVALID_PLUGIN', 'ArrivalHistory: name at least one resource, each once.');
    requireTexts('ArrivalHistory', ...resources);
    this.resources = [...resources];
  }

  /** Arrivals noted so far. */
  get count(): number {
    return this.#count;
  }

  /**
   * Notes a task that arrived. O(resources).
   * @param units - what it asks for, one number per resource, integers from 0
   * @throws StowageError INVALID_PLUGIN
   */
  observe(units: readonly number[]): void {
    const given: unknown = units;
    if (
      !Array.isArray(given) ||
      units.length !== this.resources.length ||
      !units.every((amount) => Number.isInteger(amount) && amount >= 0 && amount <= MAX_UNITS)
    )
      throw new StowageError(
        'INVALID_PLUGIN',
        `ArrivalHistory: ${show(units)} is no demand for ${this.resources.join(', ')}; give units of the schema.`,
      );
    this.#recent[this.#count % RECENT] = Int32Array.from(units);
    this.#count++;
    // Of several resources hardly any two tasks ask for the same.
    if (units.length === 1 && units[0] <= MAX_LEVELS)
      this.#amounts.set(units[0], (this.#amounts.get(units[0]) ?? 0) + 1);
  }

  /** The latest shapes, at most 64, in no particular order. */
  recent(): readonly Int32Array[] {
    return this.#recent;
  }

  /** How many arrivals asked for an amount of at most 256; empty with several resources. */
  amounts(): ReadonlyMap<number, number> {
    return this.#amounts;
  }

  /** The count at which a policy that learnt from everything noted until now should learn again. */
  nextLesson(): number {
    return this.#count + Math.min(MOST_UNLEARNT, 1 + Math.floor(this.#count * LEARNING_SHARE));
  }
}
