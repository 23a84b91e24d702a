/**
 * A binary heap whose items know their place in it, so that any item can be removed or moved, not only the first.
 * An item is in at most one heap at a time. `compare` must be a total order; then the order of items does not depend
 * on the history of the heap.
 */

/** What an item of a heap has. */
export interface HeapItem {
  /** Place in its heap, -1 outside of heaps; written by the heap only. */
  heapIndex: number;
}

export class IndexedHeap<T extends HeapItem> {
  readonly #compare: (a: T, b: T) => number;
  #items: T[] = [];

  constructor(compare: (a: T, b: T) => number) {
    this.#compare = compare;
  }

  get size(): number {
    return this.#items.length;
  }

  /** All items, in no particular order. */
  get items(): readonly T[] {
    return this.#items;
  }

  /** O(1). */
  peek(): T | undefined {
    return this.#items[0];
  }

  has(item: T): boolean {
    return this.#items[item.heapIndex] === item;
  }

  /** O(log n). */
  push(item: T): void {
    this.#items.push(item);
    this.#rise(item, this.#items.length - 1);
  }

  /** O(log n). */
  pop(): T | undefined {
    const first = this.#items[0];
    if (first !== undefined) this.remove(first);
    return first;
  }

  /** Removes an item of this heap. O(log n). */
  remove(item: T): void {
    const last = this.#items.pop()!;
    if (last !== item) {
      this.#put(last, item.heapIndex);
      this.update(last);
    }
    item.heapIndex = -1;
  }

  /** Moves an item of this heap whose order has changed. O(log n). */
  update(item: T): void {
    this.#rise(item, item.heapIndex);
    this.#sink(item, item.heapIndex);
  }

  /** Restores the heap after the order of many items has changed. O(n). */
  rebuild(): void {
    for (let i = (this.#items.length >> 1) - 1; i >= 0; i--) this.#sink(this.#items[i], i);
  }

  #rise(item: T, from: number): void {
    let index = from;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (this.#compare(this.#items[parent], item) <= 0) break;
      this.#put(this.#items[parent], index);
      index = parent;
    }
    this.#put(item, index);
  }

  #sink(item: T, from: number): void {
    let index = from;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= this.#items.length) break;
      const right = child + 1;
      if (right < this.#items.length && this.#compare(this.#items[right], this.#items[child]) < 0)
        child = right;
      if (this.#compare(item, this.#items[child]) <= 0) break;
      this.#put(this.#items[child], index);
      index = child;
    }
    this.#put(item, index);
  }

  #put(item: T, index: number): void {
    this.#items[index] = item;
    item.heapIndex = index;
  }
}
