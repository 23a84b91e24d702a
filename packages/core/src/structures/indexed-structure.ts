/**
 * What the ordered index and the union over it have in common for the planner.
 */
import type { OrderedIndex } from './ordered-index.ts';
import type { PlacementStructure } from './placement-structure.ts';

export interface IndexedStructure extends PlacementStructure {
  /** Shared by several classes. */
  readonly index: OrderedIndex;
  /** What the last decision cost, as estimated from the work done, in ns. */
  readonly lastCostNs: number;
}
