/**
 * The structures that can answer which agent is best for a task class.
 */

/** Names by number. */
export const STRUCTURE_NAMES = [
  'scan',
  'filtered-scan',
  'sampled-scan',
  'class-tree',
  'ordered-index',
  'union',
] as const;

/**
 * - `scan`: all agents are looked at.
 * - `filtered-scan`: those that pass everything which depends on them only; kept until agents change.
 * - `sampled-scan`: until the fitness says that it is enough.
 * - `class-tree`: scores of one class, kept until agents change.
 * - `ordered-index`: agents in order of load, for all classes that rank by it.
 * - `union`: agents that hold a slot with the label of the class, and the others by ordered index.
 * @public
 */
export type StructureName = (typeof STRUCTURE_NAMES)[number];

export const SCAN = 0;
export const FILTERED_SCAN = 1;
export const SAMPLED_SCAN = 2;
export const CLASS_TREE = 3;
export const ORDERED_INDEX = 4;
export const UNION = 5;
