/**
 * A bound class with what the planner and the structures remember of it from one decision to the next. Integers only
 * where it is written often, so that writing allocates nothing.
 */
import { BoundClass } from '../decisions/bound-class.ts';
import type { ClassTree } from './class-tree.ts';
import type { IndexedStructure } from './indexed-structure.ts';
import type { PlacementStructure } from './placement-structure.ts';
import type { Rented } from './rental.ts';
import type { RowSet } from './row-set.ts';
import type { TaskClass } from '../tasks/task-class.ts';
import type { TournamentLayout } from './tournament-layout.ts';

export class PlannedClass extends BoundClass implements Rented {
  /** Structure that made the last decision. */
  last: PlacementStructure | undefined = undefined;
  /** Decisions for which it stands without another look at costs, unless more agents change between two than `leaseGap`. */
  lease = 0;
  /** Decisions since the structure was last chosen. */
  unplanned = 0;
  leaseGap = 0;
  tree: ClassTree | undefined = undefined;
  /** Layout of the tree that the class has or would have; undefined until it is looked for. */
  treeLayout: TournamentLayout | undefined = undefined;
  /** Rows that pass what depends on them only, for scans of them; undefined until they are first asked for. */
  passing: RowSet | undefined = undefined;
  /** Journal version at the last scan of these. */
  scannedAt = 0;
  /** What a tree would have saved. */
  savedNs = 0;
  /** The index, or the union over it, that can answer the class; undefined until it is looked for. */
  indexed: IndexedStructure | undefined = undefined;
  /** What a decision by index cost of late, as estimated from its work, in ns; 0 = not known. */
  indexCostNs = 0;
  /** Journal version at the last decision. */
  askedAt = 0;
  /** Journal version at which no agent was feasible, -1 if one was. */
  infeasibleAt = -1;

  override become(taskClass: TaskClass, classId: number): void {
    super.become(taskClass, classId);
    this.infeasibleAt = -1;
  }
}
