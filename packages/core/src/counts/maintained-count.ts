/**
 * A count over the placed tasks that the ledger keeps with every placement and release.
 */
import type { TaskClass } from '../tasks/task-class.ts';

export interface MaintainedCount {
  /** Whether it counts by value of an attribute, so that it changes when an agent's attributes do. */
  readonly isByAttribute: boolean;
  placed(taskClass: TaskClass, row: number): void;
  released(taskClass: TaskClass, row: number): void;
  clear(): void;
  /** A counter of the same things without any counts. */
  emptyCopy(): MaintainedCount;
  /** Whether another counter of the same things has the same counts. */
  equals(other: this): boolean;
}
