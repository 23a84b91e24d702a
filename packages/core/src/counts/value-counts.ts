/**
 * How many placed tasks of a kind there are per value of an attribute. A kind that has tasks takes a span of counts, one
 * per value, so that a count is read without a search. An attribute of too many values for that, most of which a kind is
 * not on, is counted in a hash table. Counts take memory by the most kinds that had tasks at a time; besides, every kind that
 * ever was has two words.
 */
import { grown } from '../support/grown.ts';
import type { KindCounts } from './kind-counts.ts';
import { PairCounts } from './pair-counts.ts';

/** Length of the longest spans. */
const MOST_VALUES = 64;

export class ValueCounts implements KindCounts {
  /** Number of the span of a kind; 0, which counts nothing, for one without tasks. */
  #spans = new Int32Array(16);
  /** Tasks of a kind. */
  #totals = new Int32Array(16);
  /** Logarithm of the length of spans. */
  #bits = 2;
  #counts = new Int32Array(16 << this.#bits);
  /** Spans that were ever taken, number 0 among them. */
  #spanCount = 1;
  /** A span that is free again, 0 if none is; the first element of each is the number of the next. */
  #firstFree = 0;
  /** What counts instead when spans would be too long. */
  #table: PairCounts | undefined;

  /** The most kinds that had tasks at a time; 0 once a hash table counts. */
  get spanCount(): number {
    return this.#table === undefined ? this.#spanCount - 1 : 0;
  }

  /** O(1). */
  get(kind: number, value: number): number {
    if (this.#table !== undefined) return this.#table.get(kind, value);
    if (kind >= this.#spans.length || value >> this.#bits !== 0) return 0;
    return this.#counts[(this.#spans[kind] << this.#bits) + value];
  }

  /** O(1); O(counts) for one in so many, which makes room. */
  add(kind: number, value: number): number {
    while (this.#table === undefined && value >> this.#bits !== 0) this.#widen();
    if (this.#table !== undefined) return this.#table.add(kind, value);
    if (kind >= this.#spans.length) {
      this.#spans = grown(this.#spans, 2 * kind);
      this.#totals = grown(this.#totals, 2 * kind);
    }
    if (this.#totals[kind]++ === 0) this.#spans[kind] = this.#takeSpan();
    return ++this.#counts[(this.#spans[kind] << this.#bits) + value];
  }

  /** O(1). */
  remove(kind: number, value: number): number {
    if (this.#table !== undefined) return this.#table.remove(kind, value);
    if (this.get(kind, value) === 0) return -1;
    const span = this.#spans[kind];
    const left = --this.#counts[(span << this.#bits) + value];
    if (--this.#totals[kind] === 0) {
      this.#spans[kind] = 0;
      this.#counts[span << this.#bits] = this.#firstFree;
      this.#firstFree = span;
    }
    return left;
  }

  clear(): void {
    this.#table?.clear();
    this.#spans.fill(0);
    this.#totals.fill(0);
    this.#counts.fill(0);
    this.#spanCount = 1;
    this.#firstFree = 0;
  }

  emptyCopy(): ValueCounts {
    return new ValueCounts();
  }

  /** Whether both hold the same counts, however they hold them. */
  equals(other: ValueCounts): boolean {
    return this.#isWithin(other) && other.#isWithin(this);
  }

  #takeSpan(): number {
    const span = this.#firstFree;
    if (span !== 0) {
      this.#firstFree = this.#counts[span << this.#bits];
      this.#counts[span << this.#bits] = 0;
      return span;
    }
    if (++this.#spanCount << this.#bits > this.#counts.length)
      this.#counts = grown(this.#counts, 2 * this.#counts.length);
    return this.#spanCount - 1;
  }

  /** Makes spans twice as long, or does without. */
  #widen(): void {
    if (2 << this.#bits > MOST_VALUES) {
      const table = new PairCounts();
      this.#every((kind, value, count) => {
        for (let task = 0; task < count; task++) table.add(kind, value);
        return true;
      });
      this.#spans = this.#totals = this.#counts = new Int32Array(0);
      this.#spanCount = 1;
      this.#firstFree = 0;
      this.#table = table;
      return;
    }
    const before = this.#counts;
    const width = 1 << this.#bits++;
    this.#counts = new Int32Array(2 * before.length);
    for (let at = 0; at < before.length; at += width)
      this.#counts.set(before.subarray(at, at + width), 2 * at);
  }

  #isWithin(other: ValueCounts): boolean {
    return this.#every((kind, value, count) => other.get(kind, value) === count);
  }

  /** Whether something holds for all counts but those that are 0. */
  #every(holds: (kind: number, value: number, count: number) => boolean): boolean {
    if (this.#table !== undefined) {
      const table = this.#table;
      return table.every((kind, value) => holds(kind, value, table.get(kind, value)));
    }
    return this.#spans.every((span, kind) => {
      if (span === 0) return true;
      const counts = this.#counts.subarray(span << this.#bits, (span + 1) << this.#bits);
      return counts.every((count, value) => count === 0 || holds(kind, value, count));
    });
  }
}
