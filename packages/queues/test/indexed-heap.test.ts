import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type HeapItem, IndexedHeap } from '../src/indexed-heap.ts';

interface Item extends HeapItem {
  key: number;
  readonly id: number;
}

const byKey = (a: Item, b: Item): number => a.key - b.key || a.id - b.id;

type Operation = readonly ['push' | 'pop' | 'remove' | 'update' | 'rebuild', number, number];

const operation: fc.Arbitrary<Operation> = fc.tuple(
  fc.constantFrom('push', 'push', 'pop', 'remove', 'update', 'rebuild'),
  fc.nat({ max: 50 }),
  fc.nat({ max: 20 }),
);

describe('IndexedHeap', () => {
  it('does what a sorted array does', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 120, size: 'max' }), (operations) => {
        const heap = new IndexedHeap<Item>(byKey);
        const items: Item[] = [];
        operations.forEach(([kind, which, key], id) => {
          const item = items[which % Math.max(1, items.length)];
          if (kind === 'push') {
            const pushed = { key, id, heapIndex: -1 };
            items.push(pushed);
            heap.push(pushed);
          } else if (kind === 'pop') {
            const [first] = items.sort(byKey).splice(0, 1);
            expect(heap.pop()).toBe(first);
          } else if (kind === 'rebuild') {
            for (const one of items) one.key = (one.key * 7 + which) % 23;
            heap.rebuild();
          } else if (item !== undefined && kind === 'remove') {
            items.splice(items.indexOf(item), 1);
            heap.remove(item);
            expect(heap.has(item)).toBe(false);
          } else if (item !== undefined) {
            item.key = key;
            heap.update(item);
          }
          expect(heap.size).toBe(items.length);
          expect(heap.peek()).toBe(items.sort(byKey)[0]);
          expect(items.every((one) => heap.has(one) && heap.items[one.heapIndex] === one)).toBe(true);
        });
      }),
      { numRuns: 300 },
    );
  });

  it('compares O(log n) times per operation', () => {
    let comparisons = 0;
    const heap = new IndexedHeap<Item>((a, b) => {
      comparisons += 1;
      return byKey(a, b);
    });
    const size = 4096;
    const most = (act: () => void): number => {
      comparisons = 0;
      act();
      return comparisons;
    };
    const items = Array.from({ length: size }, (_, id) => ({ key: (id * 7919) % size, id, heapIndex: -1 }));
    const costs = [
      ...items.map((item) => most(() => heap.push(item))),
      ...items.map((item, i) => most(() => ((item.key = (i * 31) % size), heap.update(item)))),
      ...items.slice(0, 2000).map((item) => most(() => heap.remove(item))),
      ...items.slice(2000).map(() => most(() => heap.pop())),
    ];
    expect(Math.max(...costs)).toBeLessThanOrEqual(2 * Math.log2(size) + 2);
  });
});
