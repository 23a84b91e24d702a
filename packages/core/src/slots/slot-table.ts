/**
 * Two-level resources of one set, for all agents: slots that hold units and may be bound to a label.
 * Column index of a slot is `row * maxSlots + slot`.
 *
 * One rule covers network interfaces with security groups and shared GPUs: a slot serves a request when it has
 * enough free units and either carries the request's label or is idle (then it is bound anew). No label is a
 * label like any other, so an in-use slot without a label serves requests without one. A slot keeps its label
 * when it becomes idle, which makes taking it again under the same label cheaper than re-binding another; a resource
 * may keep other labels off it for a while (`rebindAfterMs`).
 *
 * Order of preference: in use with the label, idle with the label, idle and unbound, idle with another label;
 * without a label all unbound slots rank equal. Then the slot fitness decides, last the lowest slot number.
 * (Fenzo's PreferentialNamedConsumableResourceSet has the first three.)
 */
import { grown, grownNumbers } from '../support/grown.ts';
import { MAX_UNITS } from '../resources/quantity.ts';
import { fail } from '../errors.ts';
import { Interner } from '../support/interner.ts';
import type { BoundSlotFitness } from '../plug-ins/plugin.ts';
import type { SlotColumns } from './slot-columns.ts';
import type { SlotRequestView } from '../plug-ins/task-class-view.ts';

/** The most slots of one set on one agent: they are kept as a 32-bit mask per task. @public */
export const MAX_SLOTS = 32;

/** Stands for all units that a slot has. @public */
export const WHOLE_SLOT = -1;

/** A request on one set: `slots` different slots with `units` each. */
export interface SlotRequest extends SlotRequestView {
  readonly set: number;
}

/** The lowest slot of a mask that is not empty. */
function lowestSlot(mask: number): number {
  return 31 - Math.clz32(mask & -mask);
}

export class SlotTable implements SlotColumns {
  readonly labels: Interner = new Interner();
  maxSlots = 1;
  slotCount: Int32Array;
  unitsPerSlot: Int32Array;
  unitsFree: Int32Array;
  holders: Int32Array;
  labelOf: Int32Array;
  idleSinceMs: Float64Array;
  idleSlots: Int32Array;
  /** Slots with all units free per row: the idle ones, and those held by tasks that take no units. */
  wholeSlots: Int32Array;
  /** Most free units of a slot that serves requests without a label, per row. */
  largestFree: Int32Array;

  /** Units per slot that no agent with slots ever had less of. */
  #leastUnitsPerSlot = MAX_UNITS;
  readonly #rebindAfterMs: number;
  readonly #clock: { readonly nowMs: number };
  /** Rows with slots that wait for their label to expire, earliest first. */
  readonly #cooling: { readonly row: number; readonly untilMs: number }[] = [];
  /** The rows among them with the latest time. */
  readonly #coolingLast = new Set<number>();

  /** @param rebindAfterMs - how long an idle slot stays with its label */
  constructor(capacity: number, rebindAfterMs: number, clock: { readonly nowMs: number }) {
    this.#rebindAfterMs = rebindAfterMs;
    this.#clock = clock;
    this.slotCount = new Int32Array(capacity);
    this.unitsPerSlot = new Int32Array(capacity);
    this.unitsFree = new Int32Array(capacity);
    this.holders = new Int32Array(capacity);
    this.labelOf = new Int32Array(capacity);
    this.idleSinceMs = new Float64Array(capacity);
    this.idleSlots = new Int32Array(capacity);
    this.wholeSlots = new Int32Array(capacity);
    this.largestFree = new Int32Array(capacity);
  }

  /** Gives a row its slots, all idle and unbound. */
  install(row: number, slots: number, unitsPerSlot: number): void {
    if (slots > this.maxSlots) this.#restride(slots);
    this.slotCount[row] = slots;
    this.unitsPerSlot[row] = unitsPerSlot;
    if (slots > 0 && unitsPerSlot < this.#leastUnitsPerSlot) this.#leastUnitsPerSlot = unitsPerSlot;
    const base = row * this.maxSlots;
    for (let slot = 0; slot < this.maxSlots; slot++) {
      this.unitsFree[base + slot] = slot < slots ? unitsPerSlot : 0;
      this.holders[base + slot] = 0;
      this.labelOf[base + slot] = 0;
      this.idleSinceMs[base + slot] = 0;
    }
    this.refresh(row);
  }

  /** Whether a row has just these slots. */
  hasShape(row: number, slots: number, unitsPerSlot: number): boolean {
    return this.slotCount[row] === slots && this.unitsPerSlot[row] === unitsPerSlot;
  }

  /**
   * Whether every agent with as many idle slots as a request asks for can serve it. False also where that is so but was
   * not while an agent was there that has fewer units per slot.
   */
  isServedByIdleSlots({ units }: SlotRequest): boolean {
    return this.#rebindAfterMs === 0 && units <= this.#leastUnitsPerSlot;
  }

  /** Whether the agent of a row can serve a request. O(1) for units without a label, for whole slots, and by idle slots, if slots can be bound anew at once; else O(slots). */
  fits(row: number, request: SlotRequest): boolean {
    if (this.#rebindAfterMs > 0) return this.#hasEligible(row, request);
    if (this.idleSlots[row] >= request.slots) return request.units <= this.unitsPerSlot[row];
    if (request.units === WHOLE_SLOT && this.wholeSlots[row] < request.slots) return false;
    if (request.slots === 1 && request.label === 0 && request.units > 0)
      return this.largestFree[row] >= request.units;
    return this.#hasEligible(row, request);
  }

  /** Watches the labels of idle slots on rows that were loaded. O(rows · slots). */
  watchLabels(rowCount: number): void {
    if (this.#rebindAfterMs === 0) return;
    for (let at = 0; at < rowCount * this.maxSlots; at++) {
      const untilMs = this.idleSinceMs[at] + this.#rebindAfterMs;
      const row = Math.floor(at / this.maxSlots);
      if (this.labelOf[at] !== 0 && untilMs > this.#clock.nowMs) this.#cooling.push({ row, untilMs });
    }
    this.#cooling.sort((a, b) => a.untilMs - b.untilMs);
  }

  /** Units that a request takes from each slot of a row. */
  unitsOf(row: number, { units }: SlotRequest): number {
    return units === WHOLE_SLOT ? this.unitsPerSlot[row] : units;
  }

  /** Number of slots that could each serve one slot of a request. */
  countEligible(row: number, request: SlotRequest): number {
    let count = 0;
    for (let slot = 0; slot < this.slotCount[row]; slot++) {
      if (this.#isEligible(row, slot, request)) count++;
    }
    return count;
  }

  /** Number of slots of a mask that could each serve one slot of a request; -1 when others are in it too. */
  eligibleAmong(row: number, mask: number, request: SlotRequest): number {
    let count = 0;
    for (let slot = 0; slot < MAX_SLOTS; slot++) {
      if (((mask >>> slot) & 1) === 0) continue;
      if (slot >= this.slotCount[row] || !this.#isEligible(row, slot, request)) return -1;
      count++;
    }
    return count;
  }

  /**
   * The slots to take as a bit mask: the best by preference, slot fitness, lowest number. The row must fit.
   * @throws StowageError INVALID_SCORE
   */
  choose(
    row: number,
    request: SlotRequest,
    fitness: BoundSlotFitness | undefined,
    fitnessName: string,
  ): number {
    const { unitsFree } = this;
    const units = this.unitsOf(row, request);
    const first = row * this.maxSlots;
    const count = this.slotCount[row];
    let mask = 0;
    for (let taken = 0; taken < request.slots; taken++) {
      let best = -1;
      let bestPreference = -1;
      let bestScore = 0;
      for (let slot = 0; slot < count; slot++) {
        if (unitsFree[first + slot] < units || ((mask >>> slot) & 1) !== 0) continue;
        const preference = this.#preference(first + slot, request.label);
        if (preference < 0 || preference < bestPreference) continue;
        const score =
          fitness === undefined ? -unitsFree[first + slot] : fitness.score(row, request.set, slot);
        if (!Number.isSafeInteger(score)) {
          fail(
            'INVALID_SCORE',
            `slot fitness "${fitnessName}" gave ${score} for row ${row}, slot ${slot}; return a safe integer.`,
          );
        }
        if (preference > bestPreference || score > bestScore) {
          best = slot;
          bestPreference = preference;
          bestScore = score;
        }
      }
      mask |= 1 << best;
    }
    return mask;
  }

  /** Takes units from every slot of a mask and binds the slots to the request's label. */
  take(row: number, mask: number, request: SlotRequest): void {
    const units = this.unitsOf(row, request);
    const idleBefore = this.idleSlots[row];
    for (let rest = mask; rest !== 0; rest &= rest - 1) {
      const at = row * this.maxSlots + lowestSlot(rest);
      this.#count(row, at, -1);
      this.unitsFree[at] -= units;
      this.holders[at]++;
      this.labelOf[at] = request.label;
      this.idleSinceMs[at] = 0;
      this.#count(row, at, 1);
    }
    if (request.label === 0 || this.idleSlots[row] !== idleBefore) this.#refreshLargestFree(row);
  }

  /** Gives units back to every slot of a mask; the slots keep their label. */
  give(row: number, mask: number, request: SlotRequest): void {
    const units = this.unitsOf(row, request);
    const idleBefore = this.idleSlots[row];
    for (let rest = mask; rest !== 0; rest &= rest - 1) {
      const at = row * this.maxSlots + lowestSlot(rest);
      this.#count(row, at, -1);
      this.unitsFree[at] += units;
      this.holders[at]--;
      this.#count(row, at, 1);
      if (this.holders[at] > 0) continue;
      this.idleSinceMs[at] = this.#clock.nowMs;
      if (this.#rebindAfterMs > 0 && this.labelOf[at] !== 0) this.#cool(row);
    }
    if (request.label === 0 || this.idleSlots[row] !== idleBefore) this.#refreshLargestFree(row);
  }

  /** Rows of which a slot may have become free for other labels since this was last asked. O(rows given). */
  *rewarmed(): Generator<number> {
    let count = 0;
    while (count < this.#cooling.length && this.#cooling[count].untilMs <= this.#clock.nowMs) {
      yield this.#cooling[count++].row;
    }
    this.#cooling.splice(0, count);
  }

  /** Recomputes the per-row summaries. */
  refresh(row: number): void {
    const base = row * this.maxSlots;
    this.idleSlots[row] = 0;
    this.wholeSlots[row] = 0;
    for (let slot = base; slot < base + this.slotCount[row]; slot++) this.#count(row, slot, 1);
    this.#refreshLargestFree(row);
  }

  grow(capacity: number): void {
    this.slotCount = grown(this.slotCount, capacity);
    this.unitsPerSlot = grown(this.unitsPerSlot, capacity);
    this.idleSlots = grown(this.idleSlots, capacity);
    this.wholeSlots = grown(this.wholeSlots, capacity);
    this.largestFree = grown(this.largestFree, capacity);
    this.unitsFree = grown(this.unitsFree, capacity * this.maxSlots);
    this.holders = grown(this.holders, capacity * this.maxSlots);
    this.labelOf = grown(this.labelOf, capacity * this.maxSlots);
    this.idleSinceMs = grownNumbers(this.idleSinceMs, capacity * this.maxSlots);
  }

  #isEligible(row: number, slot: number, request: SlotRequest): boolean {
    const at = row * this.maxSlots + slot;
    return this.unitsFree[at] >= this.unitsOf(row, request) && this.#preference(at, request.label) >= 0;
  }

  #hasEligible(row: number, request: SlotRequest): boolean {
    const { unitsFree } = this;
    const { label } = request;
    const units = this.unitsOf(row, request);
    const first = row * this.maxSlots;
    const end = first + this.slotCount[row];
    let missing = request.slots;
    for (let at = first; missing > 0 && at < end; at++) {
      if (unitsFree[at] >= units && this.#preference(at, label) >= 0) missing--;
    }
    return missing <= 0;
  }

  /** Enters a slot into the counts of its row, or takes it out. */
  #count(row: number, at: number, sign: 1 | -1): void {
    if (this.holders[at] === 0) this.idleSlots[row] += sign;
    if (this.unitsFree[at] === this.unitsPerSlot[row]) this.wholeSlots[row] += sign;
  }

  #refreshLargestFree(row: number): void {
    const base = row * this.maxSlots;
    let largest = 0;
    for (let slot = base; slot < base + this.slotCount[row]; slot++) {
      if ((this.holders[slot] === 0 || this.labelOf[slot] === 0) && this.unitsFree[slot] > largest)
        largest = this.unitsFree[slot];
    }
    this.largestFree[row] = largest;
  }

  /** Notes that a label of a row expires later; once per row and moment, however often slots come and go. */
  #cool(row: number): void {
    const untilMs = this.#clock.nowMs + this.#rebindAfterMs;
    if (this.#cooling.at(-1)?.untilMs !== untilMs) this.#coolingLast.clear();
    if (this.#coolingLast.has(row)) return;
    this.#coolingLast.add(row);
    this.#cooling.push({ row, untilMs });
  }

  /** 3..0 as in the header, -1 when a slot with enough units cannot serve a request for a label. */
  #preference(at: number, label: number): number {
    const idle = this.holders[at] === 0;
    const bound = this.labelOf[at];
    if (bound === label) return label !== 0 && !idle ? 3 : 2;
    if (!idle) return -1;
    if (bound === 0) return 1;
    return this.#clock.nowMs - this.idleSinceMs[at] >= this.#rebindAfterMs ? 0 : -1;
  }

  #restride(maxSlots: number): void {
    const capacity = this.slotCount.length;
    const spread = <T extends Int32Array | Float64Array>(column: T, wider: T): T => {
      for (let row = 0; row < capacity; row++) {
        wider.set(column.subarray(row * this.maxSlots, (row + 1) * this.maxSlots), row * maxSlots);
      }
      return wider;
    };
    const length = capacity * maxSlots;
    this.unitsFree = spread(this.unitsFree, new Int32Array(length));
    this.holders = spread(this.holders, new Int32Array(length));
    this.labelOf = spread(this.labelOf, new Int32Array(length));
    this.idleSinceMs = spread(this.idleSinceMs, new Float64Array(length));
    this.maxSlots = maxSlots;
  }
}
