/**
 * What plug-ins see of the tasks they decide about: what a class asks for and how it is labelled.
 */

import type { Taint } from '../agents/taints.ts';

/**
 * A task class as plug-ins see it when they are bound.
 * @public
 */
export interface TaskClassView {
  /** Units asked of a scalar resource. @throws StowageError UNKNOWN_RESOURCE */
  demand(resource: string): number;
  /** The request on a resource set; undefined if none. */
  slotDemand(set: string): SlotRequestView | undefined;
  /** Value of a label; undefined if the class lacks it. */
  label(key: string): string | undefined;
  /** Id of the class's value of a label for `TaskCounts`; 0 if the class lacks it. */
  labelId(key: string): number;
  /** Whether the class puts up with a taint. */
  tolerates(taint: Taint): boolean;
}

/**
 * A request on a resource set as plug-ins see it.
 * @public
 */
export interface SlotRequestView {
  /** Different slots of one agent. */
  readonly slots: number;
  /** Units from each; `WHOLE_SLOT` = all that a slot has. */
  readonly units: number;
  /** Label id for `SlotColumns.labelOf`; 0 = none. */
  readonly label: number;
}
