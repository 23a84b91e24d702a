/**
 * Remembers forecasts by the state of the agent they are for. Filled agents resemble each other, and every task class
 * asks about the same ones, so nearly all questions were asked before. A table of fixed size in which a newer
 * state replaces an older one of equal hash: forgetting costs time, never the answer.
 */

/** Size of the keys in words of four bytes, a power of two. */
const TABLE_WORDS = 1 << 21;

/** What identifies a state besides the units of each slot: sequences with number of slots, and CPU. */
const HEAD_WORDS = 2;

const UNKNOWN = -1;

export class ForecastMemory {
  /** Greatest number of slots that a key has room for. */
  #slots = -1;
  /** A power of two. */
  #entries = 0;
  #keys = new Int32Array(0);
  #values = new Float64Array(0);

  /** The entry of a state, made for it if it was another's; its slots are those from one to before another. Expected O(slots). */
  find(sequences: number, cpu: number, slots: Int32Array, from: number, to: number): number {
    const count = to - from;
    if (count > this.#slots) this.#startAnew(count);
    const head = sequences * 64 + count + 1;
    let hash = mixed(head, cpu);
    for (let slot = from; slot < to; slot++) hash = mixed(hash, slots[slot]);
    const entry = hash & (this.#entries - 1);
    const keys = this.#keys;
    const at = entry * (HEAD_WORDS + this.#slots);
    let isSame = keys[at] === head && keys[at + 1] === cpu;
    for (let i = 0; i < count && isSame; i++) isSame = keys[at + HEAD_WORDS + i] === slots[from + i];
    if (isSame) return entry;
    keys[at] = head;
    keys[at + 1] = cpu;
    for (let i = 0; i < count; i++) keys[at + HEAD_WORDS + i] = slots[from + i];
    this.#values[entry] = UNKNOWN;
    return entry;
  }

  /** Negative when nothing is kept for the state. */
  valueOf(entry: number): number {
    return this.#values[entry];
  }

  keep(entry: number, value: number): void {
    this.#values[entry] = value;
  }

  /** Once per size of agent: most agents have few slots, and short keys leave room for more states. */
  #startAnew(slots: number): void {
    this.#slots = slots;
    this.#entries = 2 ** Math.floor(Math.log2(TABLE_WORDS / (HEAD_WORDS + slots)));
    this.#keys = new Int32Array(this.#entries * (HEAD_WORDS + slots));
    this.#values = new Float64Array(this.#entries).fill(UNKNOWN);
  }
}

/** One more number in a 32-bit hash. */
function mixed(hash: number, value: number): number {
  const h = Math.imul(hash ^ value, 0x9e3779b1);
  return h ^ (h >>> 15);
}
