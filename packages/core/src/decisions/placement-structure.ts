/**
 * The contract between the planner and the structures that it chooses from.
 */

/** @public */
export type StructureName = 'scan' | 'score-cache' | 'sampled-scan';

/** Answers "which agent is best for this class now". */
export interface PlacementStructure {
  readonly name: StructureName;
  /** Row of the best agent, -1 when none is feasible. Prepared plug-ins; may throw what they throw. */
  find(): number;
}
