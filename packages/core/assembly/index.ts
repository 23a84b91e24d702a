/** Rank forest: rankings of agents by load, for one ordered index, in a memory of their own. */
import { layOutTables, reserve } from './memory-map';
import { layOutNodes } from './node';

export { countProblems } from './check';
export { countersAt, entryAt, groupScoresAt, groupTypesAt, requestAt, rowsAt, typesAt } from './memory-map';
export { find, findByGroups, findTies } from './search';
export { clear, findSamples, groupOfRow, isCurrent, remove, update } from './upkeep';

/**
 * To be called first; then the tables of types are written, and `clear` is called.
 * @returns whether there is memory for all
 */
export function layOut(
  types: i32,
  groups: i32,
  scalars: i32,
  slots: i32,
  rows: i32,
  nodes: i32,
  prefersGreater: bool,
): bool {
  layOutTables(types, groups, scalars, slots, rows, prefersGreater);
  layOutNodes(nodes);
  return reserve();
}
