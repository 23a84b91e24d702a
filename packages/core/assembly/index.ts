/** Rank forest: rankings of agents by load, for one ordered index, in a memory of their own. */
import { layOutTables, pagesReserved } from './memory-map';
import { layOutNodes } from './node';

export { countProblems } from './check';
export {
  countersAt,
  domainScoresAt,
  entriesAt,
  entryWords,
  requestAt,
  rowsAt,
  samplesAt,
  typesAt,
} from './memory-map';
export { find, findByDomains, findTies } from './search';
export { clear, countLiveGroups, enter, findSamples, groupOfRow, isCurrent } from './upkeep';

/**
 * To be called first, and touches no memory; then the tables of types are written, and `clear` is called.
 * @returns the pages of memory that are needed, 0 if there cannot be so many
 */
export function layOut(
  types: i32,
  domains: i32,
  scalars: i32,
  slots: i32,
  rows: i32,
  nodes: i32,
  prefersGreater: bool,
): i32 {
  layOutTables(types, domains, scalars, slots, rows, prefersGreater);
  layOutNodes(nodes);
  return pagesReserved();
}
