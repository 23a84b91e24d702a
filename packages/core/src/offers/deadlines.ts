/**
 * Keys with a time each, earliest first: a binary heap whose entries are dropped lazily. An entry is live while
 * the map still holds it; the heap is rebuilt when most of it is dead, so that memory stays proportional to the
 * live keys. Ties go to the lower `order`, then to the lower key.
 */

export interface Deadline {
  readonly key: string;
  readonly atMs: number;
  readonly order: number;
}

export class Deadlines {
  readonly #live = new Map<string, Deadline>();
  #heap: Deadline[] = [];

  get size(): number {
    return this.#live.size;
  }

  get(key: string): Deadline | undefined {
    return this.#live.get(key);
  }

  /** Live entries, in no particular order. */
  entries(): IterableIterator<Deadline> {
    return this.#live.values();
  }

  /** Sets or replaces a key's time. O(log n) amortised. */
  set(key: string, atMs: number, order = 0): void {
    const entry = { key, atMs, order };
    this.#live.set(key, entry);
    this.#heap.push(entry);
    this.#rise(this.#heap.length - 1);
    if (this.#heap.length > 2 * this.#live.size + 16) this.#rebuild();
  }

  delete(key: string): boolean {
    return this.#live.delete(key);
  }

  /** The earliest live entry; it stays. O(log n) amortised. */
  first(): Deadline | undefined {
    while (this.#heap.length > 0 && this.#live.get(this.#heap[0].key) !== this.#heap[0]) this.#dropRoot();
    return this.#heap[0];
  }

  #rebuild(): void {
    this.#heap = [...this.#live.values()];
    for (let at = (this.#heap.length >> 1) - 1; at >= 0; at--) this.#sink(at);
  }

  #dropRoot(): void {
    const last = this.#heap.pop()!;
    if (this.#heap.length === 0) return;
    this.#heap[0] = last;
    this.#sink(0);
  }

  #rise(at: number): void {
    const heap = this.#heap;
    const entry = heap[at];
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(entry, heap[parent])) break;
      heap[at] = heap[parent];
      at = parent;
    }
    heap[at] = entry;
  }

  #sink(at: number): void {
    const heap = this.#heap;
    const entry = heap[at];
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1], heap[child])) child++;
      if (!isBefore(heap[child], entry)) break;
      heap[at] = heap[child];
      at = child;
    }
    heap[at] = entry;
  }
}

function isBefore(a: Deadline, b: Deadline): boolean {
  if (a.atMs !== b.atMs) return a.atMs < b.atMs;
  if (a.order !== b.order) return a.order < b.order;
  return a.key < b.key;
}
