/**
 * FNV-1a over the rows that were chosen, -1 where none was feasible. Two runs with the same hash have, for all
 * practical purposes, made the same decision every time; one decision that differs changes everything after it.
 */

export const NO_ASSIGNMENTS = 0x811c9dc5 | 0;

export function withAssignment(hash: number, row: number): number {
  return Math.imul(hash ^ row, 0x01000193);
}
