/**
 * Registers, through which class trees and JavaScript tell one another which rows have changed; see
 * `src/structures/tree-places.ts`.
 */

/** How many rows can run a task, of those that have changed. */
export let countAt: usize = 0;
/** Rows that have changed. */
export let changedAt: usize = 0;
/** Those of them that can run a task, and their scores. */
export let acceptedAt: usize = 0;
export let scoresAt: usize = 0;

/** To be called first, once. Says where they are. */
export function layOutRegisters(count: usize, changed: usize, accepted: usize, scores: usize): void {
  countAt = count;
  changedAt = changed;
  acceptedAt = accepted;
  scoresAt = scores;
}
