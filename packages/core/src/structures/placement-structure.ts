/**
 * The contract between the planner and the structures that it chooses from.
 */
import type { BoundClass } from '../decisions/bound-class.ts';
import type { StructureName } from './structure-name.ts';

/** Answers "which agent is best for this class now". */
export interface PlacementStructure {
  readonly name: StructureName;
  /** Row of the best agent, -1 when none is feasible. May throw what plug-ins throw. */
  find(bound: BoundClass): number;
}
