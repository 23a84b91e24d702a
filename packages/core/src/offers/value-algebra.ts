/**
 * What a pool of concrete values needs to know about its values: ranges of integers (ports) and sets of texts
 * (devices) differ in nothing else. Values `V` are immutable and canonical: equal sets look equal.
 */

export interface ValueAlgebra<V> {
  readonly none: V;
  /** Checks and orders values as a caller gives them. @throws StowageError INVALID_OFFER */
  canonical(given: unknown, what: string): V;
  union(a: V, b: V): V;
  without(from: V, removed: V): V;
  common(a: V, b: V): V;
  count(values: V): number;
  /** The lowest `count` values, or all when there are fewer. */
  lowest(values: V, count: number): V;
}
