/**
 * Finds the index of an id: a hash table with linear probing over arrays of integers. A `Map` of as many strings reads
 * several strings to find one; here the hashes of the others tell that they are not meant, and nothing is allocated
 * when ids come and go.
 */

const LEAST_SLOTS = 16;
/** Far more than ids come to that were not chosen to collide, as long as half of the slots are free. */
const MANY_PROBES = 256;
/** A slot is two words: the hash, and the index plus one, 0 when the slot is free. */
const SLOT_BITS = 1;
const ENTRY = 1;

export class IdIndex {
  /** By index. */
  readonly #ids: (string | undefined)[] = [];
  #slots = new Int32Array(LEAST_SLOTS << SLOT_BITS);
  #mask = LEAST_SLOTS - 1;
  #size = 0;
  #seed = 0;
  /** With fewer ids the seed is not changed again. */
  #reseedAt = 0;

  get size(): number {
    return this.#size;
  }

  idAt(index: number): string | undefined {
    return this.#ids[index];
  }

  /** @returns -1 when it is not there. O(1), and O(length) of the id. */
  indexOf(id: string): number {
    if (typeof id !== 'string') return -1;
    const slots = this.#slots;
    const hash = this.#hash(id);
    for (let slot = hash & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const entry = slots[(slot << SLOT_BITS) + ENTRY];
      if (entry === 0) return -1;
      if (slots[slot << SLOT_BITS] === hash && this.#ids[entry - 1] === id) return entry - 1;
    }
  }

  /** Adds an id that is not there, at an index that is free. O(1), amortised. */
  add(id: string, index: number): void {
    this.#ids[index] = id;
    this.#size++;
    if (this.#size * 2 > this.#mask + 1) this.#rebuild((this.#mask + 1) * 2);
    else if (this.#enter(this.#hash(id), index + 1) > MANY_PROBES) this.#reseed();
  }

  /** Takes out an id that is there. O(1). */
  remove(id: string, index: number): void {
    const slots = this.#slots;
    const mask = this.#mask;
    let free = this.#hash(id) & mask;
    while (slots[(free << SLOT_BITS) + ENTRY] !== index + 1) free = (free + 1) & mask;
    // What was displaced beyond the freed slot moves up to it.
    for (let slot = (free + 1) & mask; slots[(slot << SLOT_BITS) + ENTRY] !== 0; slot = (slot + 1) & mask) {
      const home = slots[slot << SLOT_BITS] & mask;
      if (((slot - home) & mask) < ((slot - free) & mask)) continue;
      slots[free << SLOT_BITS] = slots[slot << SLOT_BITS];
      slots[(free << SLOT_BITS) + ENTRY] = slots[(slot << SLOT_BITS) + ENTRY];
      free = slot;
    }
    slots[(free << SLOT_BITS) + ENTRY] = 0;
    this.#ids[index] = undefined;
    this.#size--;
  }

  /** Most slots in a row that are not free, which no search goes beyond. O(slots). */
  longestRun(): number {
    let [longest, run] = [0, 0];
    for (let at = ENTRY; at < this.#slots.length; at += 1 << SLOT_BITS) {
      run = this.#slots[at] === 0 ? 0 : run + 1;
      longest = Math.max(longest, run);
    }
    return longest;
  }

  /** FNV-1a, with a seed and a last mixing. */
  #hash(id: string): number {
    let hash = this.#seed;
    for (let i = 0; i < id.length; i++) hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193);
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
    return hash ^ (hash >>> 13);
  }

  /** @returns how many slots were looked at */
  #enter(hash: number, entry: number): number {
    const slots = this.#slots;
    let probes = 1;
    let slot = hash & this.#mask;
    for (; slots[(slot << SLOT_BITS) + ENTRY] !== 0; slot = (slot + 1) & this.#mask) probes++;
    slots[slot << SLOT_BITS] = hash;
    slots[(slot << SLOT_BITS) + ENTRY] = entry;
    return probes;
  }

  /**
   * Takes a seed that follows from all ids, which nobody who chooses some of them foresees. At most once each time
   * that the number of ids has doubled, so that it costs O(1) per id.
   */
  #reseed(): void {
    if (this.#size < this.#reseedAt) return;
    this.#reseedAt = this.#size * 2;
    let seed = this.#seed + this.#size;
    for (const id of this.#ids) if (id !== undefined) seed = Math.imul(seed, 0x01000193) ^ this.#hash(id);
    this.#seed = seed;
    this.#rebuild(this.#mask + 1);
  }

  #rebuild(slotCount: number): void {
    this.#slots = new Int32Array(slotCount << SLOT_BITS);
    this.#mask = slotCount - 1;
    this.#ids.forEach((id, index) => {
      if (id !== undefined) this.#enter(this.#hash(id), index + 1);
    });
  }
}
