/**
 * The contract between the planner and the structures that it chooses from.
 */
import type { BoundClass } from '../decisions/bound-class.ts';

/** Answers "which agent is best for this class now". */
export interface PlacementStructure {
  /** Number of its name. */
  readonly code: number;
  /** Row of the best agent, -1 when none is feasible. May throw what plug-ins throw. */
  find(bound: BoundClass): number;
}
