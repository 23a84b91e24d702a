/**
 * What plug-ins see of a resource set. Column index of a slot is `row * maxSlots + slot`.
 */

/**
 * Read-only columns of one resource set, as plug-ins see them.
 * @public
 */
export interface SlotColumns {
  /** Row stride of the per-slot columns. */
  readonly maxSlots: number;
  /** Slots per row. */
  readonly slotCount: Int32Array;
  /** Units that a slot of this row holds when idle. */
  readonly unitsPerSlot: Int32Array;
  /** Free units per slot. */
  readonly unitsFree: Int32Array;
  /** Tasks per slot. */
  readonly holders: Int32Array;
  /** Id of the label that each slot was last bound to; 0 = none yet. */
  readonly labelOf: Int32Array;
  /** For slots that are idle and were not always: when their last task left, by the engine's clock; else 0. */
  readonly idleSinceMs: Float64Array;
  /** Slots without a task, per row. */
  readonly idleSlots: Int32Array;
}
