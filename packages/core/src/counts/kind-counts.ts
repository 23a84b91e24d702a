/**
 * Counts by kind and place, both small integers.
 */
export interface KindCounts {
  /** The count, 0 when nothing was added. */
  get(kind: number, at: number): number;
  /** @returns the count then */
  add(kind: number, at: number): number;
  /** Takes one from a count. @returns what is left, -1 if it was 0 */
  remove(kind: number, at: number): number;
  clear(): void;
  /** Counts of the same form without any. */
  emptyCopy(): KindCounts;
  /** Whether counts of the same form are the same. */
  equals(other: this): boolean;
}
