/**
 * What is measured of a rival written in TypeScript: a burst is placed, then all of it is released again, so that
 * the next one meets the same cluster.
 */
export interface Rival {
  /** Places the tasks of the workload one after the other. */
  place(): void;
  /** Row of each task's agent, -1 = not placed. Not part of any measurement. */
  rows(): number[];
  /** Releases what `place` placed. */
  release(): void;
  /** What happens between two bursts besides. Not part of any measurement. */
  renew?(): void;
}
