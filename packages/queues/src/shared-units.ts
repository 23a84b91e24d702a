/**
 * The amounts of tasks that ask for the same, held once: queues hold many tasks and few different amounts, and what
 * many tasks share stays in the caches of the processor. There is a fixed number of places, each for the last amounts
 * of those that fall to it, so amounts that are all different cost no memory.
 */
import { equalUnits } from './amounts.ts';

const PLACE_BITS = 10;

export class SharedUnits {
  readonly #places: (Float64Array | undefined)[] = Array.from({ length: 1 << PLACE_BITS });

  /** Equal amounts, the same as before if they are known. Neither is to be changed. O(resources). */
  share(units: Float64Array): Float64Array {
    let hash = 0;
    for (let r = 0; r < units.length; r++) hash = Math.imul(hash ^ units[r], 0x9e3779b1);
    const place = hash >>> (32 - PLACE_BITS);
    const known = this.#places[place];
    if (known !== undefined && equalUnits(known, units)) return known;
    this.#places[place] = units;
    return units;
  }
}
