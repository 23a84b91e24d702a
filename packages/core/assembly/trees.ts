/**
 * Class trees of one engine: bringing them up to date. How a tree is built stands in `src/structures/class-tree.ts`, how the
 * memory is laid out in `src/structures/tree-places.ts`.
 */
import { accepted, changed, listFitting, listRanked } from './columns';
import { countAt } from './registers';
import { classIn, settle } from './tournament';

export { layOutColumns } from './columns';
export { layOutRegisters } from './registers';
export { layOutTournaments, settle } from './tournament';

/** Brings the tree of a class that ranks by load up to date, by so many changes from a version on. @returns rows that have changed */
export function follow(scores: usize, version: i32, changes: i32): i32 {
  listRanked(scores + classIn, version, changes);
  settle(scores, changed, accepted);
  return changed;
}

/**
 * As `follow` for a class whose plug-ins give the scores: leaves in the registers what has changed, and what of it can run a
 * task, to be settled then.
 */
export function list(scores: usize, version: i32, changes: i32): i32 {
  listFitting(scores + classIn, version, changes);
  store<i32>(countAt, accepted);
  return changed;
}
