/** Rank forest: rankings of agents by load, for one ordered index, in a memory of their own. */
import { layOutTables, reserve } from './memory-map';
import { layOutNodes } from './node';

export { countProblems } from './check';
export { countersAt, domainScoresAt, entryAt, requestAt, rowsAt, samplesAt, typesAt } from './memory-map';
export { find, findByDomains, findTies } from './search';
export { clear, countLiveGroups, findSamples, groupOfRow, isCurrent, remove, update } from './upkeep';

/**
 * To be called first; then the tables of types are written, and `clear` is called.
 * @returns whether there is memory for all
 */
export function layOut(
  types: i32,
  domains: i32,
  scalars: i32,
  slots: i32,
  rows: i32,
  nodes: i32,
  prefersGreater: bool,
): bool {
  layOutTables(types, domains, scalars, slots, rows, prefersGreater);
  layOutNodes(nodes);
  return reserve();
}
