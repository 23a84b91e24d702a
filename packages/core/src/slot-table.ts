/**
 * Two-level resources of one set, for all agents: slots that hold units and may be bound to a label.
 * Column index of a slot is `row * maxSlots + slot`.
 *
 * One rule covers network interfaces with security groups and shared GPUs: a slot serves a request when it has
 * enough free units and either carries the request's label or is idle (then it is bound anew). No label is a
 * label like any other, so an in-use slot without a label serves requests without one. A slot keeps its label
 * when it becomes idle, which makes taking it again under the same label cheaper than re-binding another.
 *
 * Order of preference: in use with the label, idle with the label, idle and unbound, idle with another label;
 * without a label all unbound slots rank equal. Then the slot fitness decides, last the lowest slot number.
 * (Fenzo's PreferentialNamedConsumableResourceSet has the first three.)
 */
import { grown } from './attribute-table.ts';
import { fail } from './errors.ts';
import { Interner } from './interner.ts';
import type { BoundSlotFitness } from './plugin.ts';
import type { SlotColumns } from './slot-columns.ts';

/** The most slots of one set on one agent: they are kept as a 32-bit mask per task. @public */
export const MAX_SLOTS = 32;

/** A request on one set: `slots` different slots with `units` each. */
export interface SlotRequest {
  readonly set: number;
  readonly slots: number;
  /** Units taken from each slot; 0 = the whole slot. */
  readonly units: number;
  /** Label id; 0 = none. */
  readonly label: number;
}

export class SlotTable implements SlotColumns {
  readonly labels: Interner = new Interner();
  maxSlots = 1;
  slotCount: Int32Array;
  unitsPerSlot: Int32Array;
  unitsFree: Int32Array;
  holders: Int32Array;
  labelOf: Int32Array;
  idleSlots: Int32Array;
  /** Most free units of a slot that serves requests without a label, per row. */
  largestFree: Int32Array;

  constructor(capacity: number) {
    this.slotCount = new Int32Array(capacity);
    this.unitsPerSlot = new Int32Array(capacity);
    this.unitsFree = new Int32Array(capacity);
    this.holders = new Int32Array(capacity);
    this.labelOf = new Int32Array(capacity);
    this.idleSlots = new Int32Array(capacity);
    this.largestFree = new Int32Array(capacity);
  }

  /** Gives a row its slots, all idle and unbound. */
  install(row: number, slots: number, unitsPerSlot: number): void {
    if (slots > this.maxSlots) this.#restride(slots);
    this.slotCount[row] = slots;
    this.unitsPerSlot[row] = unitsPerSlot;
    const base = row * this.maxSlots;
    for (let slot = 0; slot < this.maxSlots; slot++) {
      this.unitsFree[base + slot] = slot < slots ? unitsPerSlot : 0;
      this.holders[base + slot] = 0;
      this.labelOf[base + slot] = 0;
    }
    this.refresh(row);
  }

  /** Whether a row has just these slots. */
  hasShape(row: number, slots: number, unitsPerSlot: number): boolean {
    return this.slotCount[row] === slots && this.unitsPerSlot[row] === unitsPerSlot;
  }

  /** Whether the agent of a row can serve a request. O(1) without a label and for whole slots, else O(slots). */
  fits(row: number, request: SlotRequest): boolean {
    if (request.units === 0) return this.idleSlots[row] >= request.slots;
    if (request.slots === 1 && request.label === 0) return this.largestFree[row] >= request.units;
    return this.countEligible(row, request) >= request.slots;
  }

  /** Number of slots that could each serve one slot of a request. */
  countEligible(row: number, request: SlotRequest): number {
    let count = 0;
    for (let slot = 0; slot < this.slotCount[row]; slot++) {
      if (this.#preference(row, slot, request) >= 0) count++;
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
    let mask = 0;
    for (let taken = 0; taken < request.slots; taken++) {
      let best = -1;
      let bestPreference = -1;
      let bestScore = 0;
      for (let slot = 0; slot < this.slotCount[row]; slot++) {
        if (((mask >>> slot) & 1) !== 0) continue;
        const preference = this.#preference(row, slot, request);
        if (preference < 0 || preference < bestPreference) continue;
        const score =
          fitness === undefined
            ? -this.unitsFree[row * this.maxSlots + slot]
            : fitness.score(row, request.set, slot);
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
    const units = request.units === 0 ? this.unitsPerSlot[row] : request.units;
    const base = row * this.maxSlots;
    for (let slot = 0; slot < this.slotCount[row]; slot++) {
      if (((mask >>> slot) & 1) === 0) continue;
      this.unitsFree[base + slot] -= units;
      this.holders[base + slot]++;
      this.labelOf[base + slot] = request.label;
    }
    this.refresh(row);
  }

  /** Gives units back to every slot of a mask; the slots keep their label. */
  give(row: number, mask: number, request: SlotRequest): void {
    const units = request.units === 0 ? this.unitsPerSlot[row] : request.units;
    const base = row * this.maxSlots;
    for (let slot = 0; slot < this.slotCount[row]; slot++) {
      if (((mask >>> slot) & 1) === 0) continue;
      this.unitsFree[base + slot] += units;
      this.holders[base + slot]--;
    }
    this.refresh(row);
  }

  /** Recomputes the per-row summaries. */
  refresh(row: number): void {
    const base = row * this.maxSlots;
    let idle = 0;
    let largest = 0;
    for (let slot = base; slot < base + this.slotCount[row]; slot++) {
      const isIdle = this.holders[slot] === 0;
      if (isIdle) idle++;
      if ((isIdle || this.labelOf[slot] === 0) && this.unitsFree[slot] > largest)
        largest = this.unitsFree[slot];
    }
    this.idleSlots[row] = idle;
    this.largestFree[row] = largest;
  }

  grow(capacity: number): void {
    this.slotCount = grown(this.slotCount, capacity);
    this.unitsPerSlot = grown(this.unitsPerSlot, capacity);
    this.idleSlots = grown(this.idleSlots, capacity);
    this.largestFree = grown(this.largestFree, capacity);
    this.unitsFree = grown(this.unitsFree, capacity * this.maxSlots);
    this.holders = grown(this.holders, capacity * this.maxSlots);
    this.labelOf = grown(this.labelOf, capacity * this.maxSlots);
  }

  /** 3..0 as in the header, -1 when the slot cannot serve the request. */
  #preference(row: number, slot: number, request: SlotRequest): number {
    const at = row * this.maxSlots + slot;
    const units = request.units === 0 ? this.unitsPerSlot[row] : request.units;
    if (this.unitsFree[at] < units) return -1;
    const idle = this.holders[at] === 0;
    if (this.labelOf[at] === request.label) return request.label !== 0 && !idle ? 3 : 2;
    if (!idle) return -1;
    return this.labelOf[at] === 0 ? 1 : 0;
  }

  #restride(maxSlots: number): void {
    const capacity = this.slotCount.length;
    const spread = (column: Int32Array): Int32Array => {
      const wider = new Int32Array(capacity * maxSlots);
      for (let row = 0; row < capacity; row++) {
        wider.set(column.subarray(row * this.maxSlots, (row + 1) * this.maxSlots), row * maxSlots);
      }
      return wider;
    };
    this.unitsFree = spread(this.unitsFree);
    this.holders = spread(this.holders);
    this.labelOf = spread(this.labelOf);
    this.maxSlots = maxSlots;
  }
}
