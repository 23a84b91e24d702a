/**
 * Registers, through which class trees and JavaScript tell one another which rows have changed.
 */

/** Rows that have changed. */
export let changedAt: usize = 0;
/** Those of them that can run a task, and their scores. */
export let acceptedAt: usize = 0;
export let scoresAt: usize = 0;

/** To be called first, once. Says where they are. */
export function layOutRegisters(changed: usize, accepted: usize, scores: usize): void {
  changedAt = changed;
  acceptedAt = accepted;
  scoresAt = scores;
}
