/**
 * What plug-ins see of the agents: columns, read-only by contract. Arrays are valid until the layout changes
 * (more rows, a new agent type or attribute value); plug-ins are then bound again, so closures may hold them.
 */
import type { AttributeColumn } from './attribute-table.ts';
import type { ResourceSchema } from './schema.ts';
import type { SlotColumns } from './slot-columns.ts';
import type { TaskCounts } from './task-counts.ts';

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
  /** Column of an attribute; all 0 when no agent has it. */
  attribute(key: string): AttributeColumn;
  /** Agent type per row: agents of one type have equal totals. */
  readonly agentType: Int32Array;
  /** Totals in units by type, scalars in schema order; undefined for a type that no agent has. */
  readonly agentTypes: readonly (Int32Array | undefined)[];
  /** Counts of the tasks that carry a label value on one agent. */
  tasksByAgent(label: string): TaskCounts;
  /** Counts of the tasks that carry a label value on agents with one attribute value. */
  tasksByAttribute(label: string, attribute: string): TaskCounts;
  /** Exclusive upper bound of the value ids of a label at the time of the call. */
  labelIdCount(label: string): number;
  /** Number of placements ever made: a counter for reproducible random policies. */
  placements(): number;
}
