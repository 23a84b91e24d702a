/**
 * What plug-ins see of the agents: columns, read-only by contract. Arrays are valid until the layout changes
 * (more rows, a new agent type or attribute value); plug-ins are then bound again, so closures may hold them.
 */
import type { AttributeColumn } from '../agents/attribute-table.ts';
import type { CachedItems } from '../agents/cached-items.ts';
import type { ResourceSchema } from '../resources/schema.ts';
import type { SlotColumns } from '../slots/slot-columns.ts';
import type { TaintColumn } from '../agents/taints.ts';
import type { SelectedCounts, TaskCounts } from '../counts/task-counts.ts';
import type { TaskSelector } from '../tasks/task-selector.ts';

/** @public */
export interface ClusterView {
  readonly schema: ResourceSchema;
  /** Free units per row. @throws StowageError UNKNOWN_RESOURCE */
  free(resource: string): Int32Array;
  /** Total units per row. @throws StowageError UNKNOWN_RESOURCE */
  total(resource: string): Int32Array;
  /** Slots of a resource set. @throws StowageError UNKNOWN_RESOURCE */
  slots(set: string): SlotColumns;
  /** Placed tasks per row. */
  readonly taskCount: Int32Array;
  /** Tasks per row that were placed and are not known to run yet. */
  readonly startingCount: Int32Array;
  /** Column of an attribute; all 0 when no agent has it. */
  attribute(key: string): AttributeColumn;
  /** Taints of the agents. */
  readonly taints: TaintColumn;
  /** What agents report under a name, an integer per row: 0 to 2^31 - 1, -1 where nothing was reported. */
  signal(name: string): Int32Array;
  /** What agents have at hand of one kind, such as images. */
  cached(kind: string): CachedItems;
  /** Agent type per row: agents of one type have equal totals. */
  readonly agentType: Int32Array;
  /** Totals in units by type, scalars in schema order; undefined for a type that no agent has. */
  readonly agentTypes: readonly (Int32Array | undefined)[];
  /** Counts of the tasks that carry a label value on one agent. */
  tasksByAgent(label: string): TaskCounts;
  /** Counts of the tasks that carry a label value on agents with one attribute value. */
  tasksByAttribute(label: string, attribute: string): TaskCounts;
  /**
   * Counts of the tasks that a selector selects, by agent row, or by value of an attribute if one is given.
   * @throws StowageError INVALID_SPEC
   */
  selectedTasks(selector: TaskSelector, attribute?: string): SelectedCounts;
  /** Exclusive upper bound of the value ids of a label at the time of the call. */
  labelIdCount(label: string): number;
  /** Number of placements ever made: a counter for reproducible random policies. */
  placements(): number;
  /** The time that the engine was advanced to, in ms. Answers that depend on it need `dependsOn: 'anything'`. */
  nowMs(): number;
}
